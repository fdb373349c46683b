from __future__ import annotations

import json
from pathlib import Path

import pytest

import runstore
from runstore.errors import Refused, RunstoreError
from runstore.runs import state
from runstore.sync.choice import EVERYTHING
from runstore.sync.mlflow import one
from runstore.sync.mlflow.cursor import Entry
from runstore.sync.mlflow.one import Ready, Way
from runstore.sync.mlflow.there import Catalog
from tests.launch.scripts import until
from tests.sync.mlflow import logged
from tests.sync.mlflow.fake import Fake, Store


def look(workspace: Path, run: runstore.Run, entry: Entry | None = None) -> Ready:
    return one.ready(workspace, state.fold(run.path), entry, EVERYTHING, "")


def way(workspace: Path, store: Store, cut_off: bool = False, verify: bool = False, prefix: str = "") -> Way:
    server = Fake(store)
    return Way(workspace, server, Catalog(server), prefix, cut_off, verify, lambda size: None)


def test_what_is_lacking_is_told_without_asking(workspace: Path) -> None:
    run = logged.everything(workspace)
    run.complete()
    seen = look(workspace, run)
    assert not seen.nothing and seen.requests == 1 and seen.size > 1000
    way(workspace, Store()).send(seen)
    again = look(workspace, run, seen.entry)
    assert again.nothing and again.size == again.requests == 0 and again.spans == again.lacking == []


def test_nothing_is_told_before_it_is_so(workspace: Path) -> None:
    run, store = logged.everything(workspace), Store()
    run.complete()
    way(workspace, store).send(look(workspace, run))
    order = [what for what in store.asked if what != "runs/search"]
    assert order[:3] == ["experiments/get-by-name", "experiments/create", "runs/create"]
    assert order[-1] == "runs/update" and order.count("runs/update") == 1
    assert [path for _, path in store.files][-1] == "runstore/run.json"


def test_only_who_may_be_mistaken_reads_back(workspace: Path) -> None:
    run, store = logged.everything(workspace), Store()
    seen = look(workspace, run)
    way(workspace, store).send(seen)
    logged.log(run, range(30, 40))
    again = look(workspace, run, seen.entry)
    way(workspace, store).send(again)
    assert "metrics/get-history" not in store.asked
    logged.log(run, range(40, 50))
    way(workspace, store, cut_off=True).send(look(workspace, run, again.entry))
    assert "metrics/get-history" in store.asked
    run.complete()
    assert logged.exactly(workspace, run.id, store.run(run.id))


def test_who_has_lost_what_was_noted_finds_the_run_and_its_files(workspace: Path, tmp_path: Path) -> None:
    run, store = logged.everything(workspace), Store()
    (tmp_path / "f").write_bytes(b"content")
    run.upload_file("model.bin", str(tmp_path / "f"))
    run.complete()
    way(workspace, store).send(look(workspace, run))
    for key in [key for key in store.files if key[1] == "model.bin"]:
        store.files[key] = b"marked"
    seen = look(workspace, run)
    way(workspace, store).send(seen)
    assert len(store.runs) == 1 and logged.exactly(workspace, run.id, store.run(run.id))
    assert b"marked" in store.files.values()  # it was not sent again
    assert look(workspace, run, seen.entry).nothing


def test_experiments_may_have_to_be_paths(workspace: Path) -> None:
    run, store = logged.everything(workspace), Store()
    run.complete()
    way(workspace, store, prefix="/Users/me/").send(look(workspace, run))
    assert [*store.experiments] == ["/Users/me/ex"]


def test_a_run_that_was_deleted_there_by_somebody_is_refused_and_by_us_comes_back(workspace: Path) -> None:
    run, store = logged.everything(workspace), Store()
    run.complete()
    seen = look(workspace, run)
    way(workspace, store).send(seen)
    one.delete(Fake(store), seen.entry)
    assert not store.live
    way(workspace, store).send(look(workspace, run, seen.entry))
    assert "runstore.deleted" not in store.run(run.id)["tags"]
    store.run(run.id)["stage"] = "deleted"
    with pytest.raises(Refused, match="is deleted in MLflow"):
        way(workspace, store).send(look(workspace, run, seen.entry))


def test_a_file_that_is_refused_is_told_and_the_others_are_there(workspace: Path) -> None:
    class Picky(Fake):
        def upload(self, place: str, path: str, write: object) -> int:
            if path == "runstore/points.jsonl":
                raise Refused("too large")
            return super().upload(place, path, write)  # type: ignore[arg-type]

    run, store = logged.everything(workspace), Store()
    run.complete()
    seen, server = look(workspace, run), Picky(store)
    Way(workspace, server, Catalog(server), "", False, False, lambda size: None).send(seen)
    assert seen.trouble == ["runstore/points.jsonl: too large"]
    assert "runstore/run.json" in {path for _, path in store.files}
    assert [file.path for file in look(workspace, run, seen.entry).lacking] == ["runstore/points.jsonl"]


def test_what_there_is_no_place_for_is_said_once(workspace: Path) -> None:
    class Placeless(Fake):
        def store(self, place: str) -> object:
            raise Refused("a directory of the server's machine")

    run, store = logged.everything(workspace), Store()
    run.complete()
    seen, server = look(workspace, run), Placeless(store)
    Way(workspace, server, Catalog(server), "", False, False, lambda size: None).send(seen)
    assert seen.trouble == ["artifacts: a directory of the server's machine"]
    assert store.run(run.id)["status"] == "FINISHED"


def test_the_script_is_told_where_it_is_known(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNSTORE_PROVENANCE")
    with runstore.start_run("ex", workspace=runstore.Workspace(workspace)) as run:
        until(lambda: "argv" in run.provenance)
    seen = look(workspace, run)
    assert seen.picture.tags["mlflow.source.name"] == run.provenance["argv"][0]
    assert json.loads(json.dumps(seen.picture.tags["mlflow.source.type"])) == "LOCAL"


def test_a_directory_that_tells_nothing_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunstoreError, match="whose run this is"):
        one.fold(tmp_path / "runs" / "ab" / "0123456789abcdef")
