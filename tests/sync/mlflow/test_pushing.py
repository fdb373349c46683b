from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import runstore
from runstore.errors import Refused, Unreachable
from runstore.sync.choice import Choice
from runstore.sync.mlflow import pushing, server
from runstore.sync.mlflow.server import NoEntry
from runstore.sync.push import Pushed
from runstore.sync.retry import Patience
from tests.sync.mlflow import logged
from tests.sync.mlflow.fake import Fake, Store

Send = Callable[..., Pushed]


def test_a_run_is_there_with_all_that_it_has(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    run.description = "what it is about"
    run.complete()
    done = send()
    there = store.run(run.id)
    assert (done.ok, done.partial, done.failed, done.asked) == ([run.id], {}, {}, True)
    assert logged.exactly(workspace, run.id, there)
    assert there["status"] == "FINISHED" and there["end"] >= there["start"] > 0
    assert there["name"] == "all" and there["tags"]["stage"] == "a" and there["tags"]["empty"] == ""
    assert there["tags"]["mlflow.note.content"] == "what it is about"
    assert there["params"]["opt.name"] == "adam" and there["params"]["none"] == "None"
    assert there["params"]["long"] == "x" * 5997 + "…"
    paths = {path for _, path in store.files}
    assert {"runstore/run.json", "runstore/points.jsonl", "runstore/tables/table.json"} <= paths


def test_what_mlflow_has_no_place_for_is_in_documents(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    run.complete()
    send()
    files = {path: data for (_, path), data in store.files.items()}
    whole = json.loads(files["runstore/run.json"])
    assert dict(whole["attempts"][0]["params"])["long"] == "x" * 7000
    odd = [json.loads(line) for line in files["runstore/points.jsonl"].splitlines()]
    assert [(one["name"], one["value"], one["text"]) for one in odd] == [
        ("inf", "-inf", None), ("note", None, "a text"), ("big", 2.0**60, str(2**60 + 1)), ("twice", 1.0, None),
    ]  # fmt: skip
    table = json.loads(files["runstore/tables/table.json"])
    assert table["columns"][:3] == ["a", "b", "c"]
    assert [row[:3] for row in table["data"]] == [[1, "x", None], ["NaN", None, [1, 2]]]
    shown = json.loads(store.run(run.id)["tags"]["mlflow.loggedArtifacts"])
    assert shown == [{"path": "runstore/tables/table.json", "type": "table"}]


def test_sending_again_asks_nobody(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    run.complete()
    send()
    before = len(store.asked)
    again = send()
    assert (again.asked, again.sent_bytes, again.sent_segments) == (False, 0, 0)
    assert len(store.asked) == before


def test_a_run_that_goes_on_is_sent_up_to_now_and_again_later(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    send()
    there = store.run(run.id)
    assert logged.exactly(workspace, run.id, there) and there["status"] == "RUNNING" and there["end"] is None
    logged.log(run, range(30, 50))
    run.tag("stage", "b")
    done = send()
    assert done.sent_segments == 1
    assert logged.exactly(workspace, run.id, there) and there["tags"]["stage"] == "b"
    run.fail("it broke")
    send()
    assert there["status"] == "FAILED" and there["tags"]["runstore.error"] == "it broke"
    assert len(store.runs) == 1


def test_a_run_that_is_resumed_runs_again_and_keeps_every_point(store: Store, send: Send, workspace: Path) -> None:
    first = logged.everything(workspace)
    first.fail("it broke")
    send()
    there = store.run(first.id)
    again = runstore.start_run("ex", run_id=first.id, params={"lr": 0.2}, workspace=runstore.Workspace(workspace))
    logged.log(again, range(10, 40))
    send()
    assert there["status"] == "RUNNING" and "runstore.error" not in there["tags"]
    assert there["params"]["lr"] == "0.1" and there["tags"]["runstore.param.lr"] == "0.2"
    again.complete()
    send()
    assert there["status"] == "FINISHED" and logged.exactly(workspace, first.id, there)


def test_children_are_under_their_parents(store: Store, send: Send, workspace: Path) -> None:
    parent = logged.everything(workspace)
    child = parent.child_run("child")
    child.complete()
    parent.complete()
    assert sorted(send().ok) == sorted([parent.id, child.id])
    above = next(key for key, run in store.runs.items() if run is store.run(parent.id))
    assert store.run(child.id)["tags"]["mlflow.parentRunId"] == above


def test_a_child_is_put_under_its_parent_when_that_comes_later(store: Store, send: Send, workspace: Path) -> None:
    parent = logged.everything(workspace)
    child = parent.child_run("child")
    child.complete()
    parent.complete()
    send(choice=Choice(run_ids=frozenset({child.id})))
    assert "mlflow.parentRunId" not in store.run(child.id)["tags"]
    send(choice=Choice(run_ids=frozenset({parent.id})))
    send()
    assert "mlflow.parentRunId" in store.run(child.id)["tags"]


def test_a_tag_that_was_taken_away_here_goes_there_and_others_stay(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    send()
    store.run(run.id)["tags"]["theirs"] = "kept"
    run.remove_tags(["stage"])
    send()
    assert "stage" not in store.run(run.id)["tags"] and store.run(run.id)["tags"]["theirs"] == "kept"
    run.complete()


def test_only_what_is_chosen_goes(store: Store, send: Send, workspace: Path) -> None:
    runs = [logged.everything(workspace, name=name) for name in "ab"]
    for run in runs:
        run.complete()
    done = send(choice=Choice(run_ids=frozenset({runs[0].id}), kinds=frozenset({"pack"})))
    assert done.ok == [runs[0].id] and len(store.runs) == 1
    assert store.run(runs[0].id)["points"] == []
    assert {path for _, path in store.files} == {"runstore/run.json"}
    send()
    assert logged.exactly(workspace, runs[0].id, store.run(runs[0].id)) and len(store.runs) == 2


def test_a_dry_run_says_what_would_go_and_asks_nobody(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    run.complete()
    done = send(dry_run=True)
    assert done.ok == [run.id] and done.sent_segments == 1 and done.sent_bytes > 5000
    assert not store.asked and not done.asked


# ---- trouble


def test_what_is_refused_by_itself_keeps_nothing_else(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    run.log("poison", 1.0)
    run.tag("poison", "tag")
    run.log_params({"poison": 1})
    other = logged.everything(workspace, name="other")
    run.complete()
    other.complete()
    done = send()
    assert done.ok == [other.id] and done.partial[run.id].count("poison") >= 3
    there = store.run(run.id)
    assert set(logged.there(there)) == {p for p in logged.expected(workspace, run.id) if p[0] != "poison"}
    assert there["status"] == "FINISHED" and "opt.name" in there["params"]
    assert send().partial.keys() == {run.id}  # it is told until it is there


def test_params_are_shortened_as_far_as_an_older_server_wants_it(store: Store, send: Send, workspace: Path) -> None:
    store.longest_param = 250
    run = logged.everything(workspace)
    run.complete()
    assert send().ok == [run.id]
    assert store.run(run.id)["params"]["long"] == "x" * 247 + "…"
    run.tag("later", "x")
    assert send().ok == [run.id] and "runstore.param.long" not in store.run(run.id)["tags"]


def test_one_run_that_fails_keeps_no_other(store: Store, send: Send, workspace: Path) -> None:
    runs = [logged.everything(workspace, name=name) for name in "abc"]
    for run in runs:
        run.complete()
    send(choice=Choice(run_ids=frozenset({runs[0].id})))
    store.run(runs[0].id)["stage"] = "deleted"  # by somebody there
    runs[0].tag("stage", "b")
    done = send()
    assert sorted(done.ok) == sorted(run.id for run in runs[1:])
    assert "is deleted in MLflow" in done.failed[runs[0].id]


def test_a_server_that_is_not_there_is_an_error_and_changes_nothing(send: Send, workspace: Path) -> None:
    logged.everything(workspace).complete()

    def down(what: str, done: bool) -> None:
        raise Unreachable("nobody answers")

    with pytest.raises(Unreachable):
        send(fault=down, patience=Patience(total=0.0))


def test_who_may_not_is_told_at_once(store: Store, send: Send, workspace: Path) -> None:
    logged.everything(workspace).complete()

    def closed(what: str, done: bool) -> None:
        raise NoEntry("who are you?")

    with pytest.raises(Refused, match="who are you"):
        send(fault=closed)
    assert not store.runs


def test_a_server_that_goes_away_ends_it_with_a_word_for_each_run(store: Store, send: Send, workspace: Path) -> None:
    runs = [logged.everything(workspace, name=name) for name in "abcd"]
    for run in runs:
        run.complete()
    left = 25

    def fault(what: str, done: bool) -> None:
        nonlocal left
        left -= what != "point"
        if left < 0:
            raise NoEntry("the token has expired")

    done = send(fault=fault, jobs=1)
    assert set(done.ok) | done.failed.keys() == {run.id for run in runs} and done.failed
    assert not send().failed
    assert all(logged.exactly(workspace, run.id, store.run(run.id)) for run in runs)


# ---- nothing twice, nothing lost


class Killed(BaseException):
    """The process ends here."""


def faults(seed: int, chance: float, killing: float) -> Iterator[Callable[[str, bool], None]]:
    rng = random.Random(seed)
    while True:

        def fault(what: str, done: bool) -> None:
            if rng.random() < (chance if what != "point" else chance / 30):
                raise Killed if rng.random() < killing else Unreachable("cut")

        yield fault


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_cut_and_killed_anywhere_every_point_is_there_once(seed: int, idempotent: bool, forgetful: bool) -> None:
    """Also in a store that adds a point again; also where what was noted here is lost each time."""
    with TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        workspace, store = Path(directory, "ws"), Store(idempotent)
        run = logged.everything(workspace, 40)
        for fault, _ in zip(faults(seed, 0.06, 0.4), range(60), strict=False):
            patch.setattr(server, "Server", lambda *_, fault=fault: Fake(store, fault))
            try:
                done = pushing.push(workspace, logged.URL, logged.ID, jobs=1)
            except (Killed, Unreachable):
                done = None
            if forgetful:
                for path in (workspace / "remotes" / logged.ID).glob("mlflow*"):
                    path.unlink()
            if done is not None and not done.failed and run.status == "Running":
                logged.log(run, range(40, 45))
                run.complete()
            elif done is not None and not done.failed:
                break
        assert logged.exactly(workspace, run.id, store.run(run.id))
        assert store.run(run.id)["status"] == "FINISHED" and len(store.live) == 1


def test_another_laptop_with_the_same_run_goes_on_where_the_first_was(
    store: Store, send: Send, workspace: Path, tmp_path: Path
) -> None:
    run = logged.everything(workspace)
    send()
    logged.log(run, range(30, 40))
    run.complete()
    other = runstore.Workspace(tmp_path / "other")
    other.merge(runstore.Workspace(workspace))
    done = send(other.path)
    assert done.ok == [run.id] and len(store.runs) == 1
    assert logged.exactly(workspace, run.id, store.run(run.id))
    assert send().ok == [run.id]
    assert logged.exactly(workspace, run.id, store.run(run.id))


def test_verifying_finds_what_was_lost_there(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    run.complete()
    send()
    there = store.run(run.id)
    del there["points"][5:15], there["params"]["lr"], there["tags"]["stage"]
    del store.files[next(key for key in store.files if key[1] == "runstore/tables/table.json")]
    assert not send().asked
    done = send(verify=True)
    assert done.ok == [run.id] and done.sent_segments == 1
    assert logged.exactly(workspace, run.id, there)
    assert there["params"]["lr"] == "0.1" and there["tags"]["stage"] == "a"
    assert "runstore/tables/table.json" in {path for _, path in store.files}
    assert send(verify=True).sent_bytes == 0


def test_a_run_that_is_gone_there_is_made_again_when_it_changes(store: Store, send: Send, workspace: Path) -> None:
    run = logged.everything(workspace)
    send()
    store.runs.clear()
    logged.log(run, range(30, 31))
    run.complete()
    assert send().ok == [run.id]
    assert logged.exactly(workspace, run.id, store.run(run.id))


# ---- probe


def test_a_probe_tells_who_answers(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setattr(server, "Server", lambda *_: Fake(store))
    found = pushing.probe(logged.URL)
    assert found == pushing.probe(logged.URL) and found["version"] == "3" and len(found["id"]) == 36
