from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from runstore.errors import Refused, Unreachable
from runstore.sync.mlflow.picture import Picture
from runstore.sync.mlflow.server import Missing
from runstore.sync.mlflow.there import Catalog, there
from tests.sync.mlflow.fake import Fake, Store

SEEN = Picture("name", "RUNNING", 5)


def test_what_mlflow_tells_is_understood_whichever_its_age() -> None:
    old = there(
        {
            "info": {"run_uuid": "r", "lifecycle_stage": "deleted"},
            "data": {"tags": [{"key": "mlflow.runName", "value": "n"}]},
        }
    )
    new = there({"info": {"run_id": "r", "run_name": "n", "end_time": "7", "artifact_uri": "a", "status": "FINISHED"}})
    assert (old.id, old.name, old.active, old.end) == ("r", "n", False, 0)
    assert (new.id, new.name, new.active, new.end, new.place, new.status) == ("r", "n", True, 7, "a", "FINISHED")


def test_an_experiment_is_made_once_by_however_many() -> None:
    store = Store()
    catalog = Catalog(Fake(store))
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(catalog.experiment, ["ex"] * 20))) == 1
    assert store.asked.count("experiments/create") == 1
    assert Catalog(Fake(store)).experiment("ex") == catalog.experiment("ex")


def test_an_experiment_that_somebody_makes_at_the_same_time_is_taken() -> None:
    store = Store()

    def fault(what: str, done: bool) -> None:
        if what == "experiments/create" and not done:
            store.experiments.setdefault("ex", "77")

    assert Catalog(Fake(store, fault)).experiment("ex") == "77"


def test_an_experiment_that_is_deleted_there_is_refused() -> None:
    class Gone(Fake):
        def _experiments_get_by_name(self, given: object) -> object:
            return {"experiment": {"experiment_id": "1", "lifecycle_stage": "deleted"}}

    with pytest.raises(Refused, match="deleted in MLflow; restore it"):
        Catalog(Gone(Store())).experiment("ex")


def test_a_run_is_made_once_though_the_answer_is_lost() -> None:
    store, lost = Store(), 2

    def fault(what: str, done: bool) -> None:
        nonlocal lost
        if what == "runs/create" and done and lost:
            lost -= 1
            raise Unreachable("cut")

    catalog = Catalog(Fake(store, fault))
    made = catalog.make("1", "abc", SEEN)
    assert [*store.runs] == [made.id]
    assert catalog.find("1", "abc") == made == catalog.run(made.id)


def test_of_runs_that_two_have_made_at_once_all_take_the_same() -> None:
    store = Store()
    catalog = Catalog(Fake(store))
    first, second = catalog.make("1", "abc", SEEN), catalog.make("1", "abc", SEEN)
    assert first.id == second.id
    assert [run["stage"] for run in store.runs.values()] == ["active", "deleted"]


def test_what_is_not_there_is_none() -> None:
    catalog = Catalog(Fake(Store()))
    assert catalog.run("x") is None and catalog.find("1", "abc") is None


def test_all_files_of_a_run_are_listed_whichever_their_folder() -> None:
    store = Store()
    for path in ("a", "b/c", "b/d/e"):
        store.files["mlflow-artifacts:/r", path] = b"x" * len(path)
    store.files["mlflow-artifacts:/other", "f"] = b""
    assert Catalog(Fake(store)).files("r") == {"a": 1, "b/c": 3, "b/d/e": 5}


def test_a_missing_run_is_not_made_again_behind_the_callers_back() -> None:
    with pytest.raises(Missing):
        Fake(Store()).ask("runs/get", query={"run_id": "x"})


@pytest.mark.parametrize("told", [{}, {"info": 3}, {"info": {"run_id": "r"}, "data": {"tags": [{"value": "x"}]}}, []])
def test_what_is_no_run_is_refused(told: object) -> None:
    with pytest.raises(Refused, match="none of MLflow's"):
        there(told)  # type: ignore[arg-type]


@pytest.mark.parametrize("what", ["experiments/create", "experiments/get-by-name", "runs/search", "artifacts/list"])
def test_an_answer_with_other_parts_is_refused(what: str) -> None:
    class Odd(Fake):
        def ask(self, asked: str, *given: object, **more: object) -> dict[str, object]:
            odd = {"experiments/create": {}, "runs/search": {"runs": 3}, "artifacts/list": {"files": [None]}}
            return odd.get(what, {"experiment": 3}) if asked == what else super().ask(asked, *given, **more)  # type: ignore[arg-type]

    catalog = Catalog(Odd(Store()))
    with pytest.raises(Refused, match="none of MLflow's"):
        catalog.experiment("ex") if "experiments" in what else catalog.find("1", "k") or catalog.files("r")
