"""Sending and fetching keep a remote's rules, and the ledger tells how it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.disk import ledger
from runstore.errors import RunNotFound, Unreachable, UsageError
from runstore.query import compaction
from runstore.sync import connecting, mlflow, remotes, sending
from runstore.sync.choice import Choice
from runstore.sync.connecting import Asked
from runstore.sync.limit import Limit
from runstore.sync.push import Pushed
from runstore.sync.remotes import Configured
from runstore.sync.rules import Rules
from runstore.sync.sending import How
from tests.query import unions
from tests.sync.fakes import Memory


@pytest.fixture
def ws(workspace: Path) -> runstore.Workspace:
    """Runs r0, r1, r2 of ``e``."""
    found = runstore.Workspace(workspace)
    for number in range(3):
        unions.logged(found, f"r{number}", number, small=b"few bytes")
    return found


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Memory:
    """What lies at every address."""
    found = Memory()
    monkeypatch.setattr(connecting, "ask", lambda *_: Asked(found.id, {}))
    monkeypatch.setattr(connecting, "connect", lambda *_: found)
    return found


def known(ws: runstore.Workspace, rules: Rules = Rules()) -> Configured:  # noqa: B008
    return remotes.add(ws.path, "team", "s3://b", rules).known


def runs(remote: Memory) -> set[str]:
    return {piece.run_id for piece in remote.log} - {""}


def test_everything_is_sent_where_no_rule_says_otherwise(ws: runstore.Workspace, remote: Memory) -> None:
    done = sending.send(ws.path, known(ws))
    assert (sorted(done.ok), runs(remote), done.asked) == (["r0", "r1", "r2"], {"r0", "r1", "r2"}, True)


def test_that_there_is_nothing_to_send_is_told_without_reaching_it(
    ws: runstore.Workspace, remote: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = known(ws)
    sending.send(ws.path, there)

    def connect(*_: object) -> Memory:
        raise Unreachable("nobody answers")

    monkeypatch.setattr(connecting, "connect", connect)
    assert not sending.send(ws.path, there).asked


def test_only_runs_that_its_rules_and_the_call_leave_are_sent(ws: runstore.Workspace, remote: Memory) -> None:
    there = known(ws, Rules(where="run_id <> 'r0'"))
    sending.send(ws.path, there, Rules(runs=("r1", "r0")))
    assert runs(remote) == {"r1"}
    sending.send(ws.path, there)
    assert runs(remote) == {"r1", "r2"}


def test_a_kind_that_is_excluded_is_not_sent(ws: runstore.Workspace, remote: Memory) -> None:
    sending.send(ws.path, known(ws, Rules(exclude=("artifacts",))))
    assert {piece.kind for piece in remote.log} & {"pack", "blob"} == set()
    assert "points" in {piece.kind for piece in remote.log}


def test_a_remote_that_may_not_have_everything_is_known_to_have_what_it_may(
    ws: runstore.Workspace, remote: Memory
) -> None:
    there = known(ws, Rules(exclude=("artifacts",)))
    sending.send(ws.path, there)
    assert sending.standing(ws.path, there).runs == 0
    assert not sending.send(ws.path, there).asked
    assert not any(ledger.acknowledging(ws.path)(path) for path in compaction.run_paths(ws.path))
    compaction.compact(ws.path, 0, enough=1)
    sending.send(ws.path, there)
    assert not sending.send(ws.path, there).asked


def test_that_a_run_was_deleted_travels_though_a_filter_sees_it_no_more(ws: runstore.Workspace, remote: Memory) -> None:
    there = known(ws, Rules(where="run_id <> 'r0'"))
    sending.send(ws.path, there)
    ws.get_run("r1").delete()
    before = len(remote.log)
    sending.send(ws.path, there)
    assert {piece.run_id for piece in remote.log[before:]} == {"r1"}


def test_all_that_is_sent_goes_through_the_limit(ws: runstore.Workspace, remote: Memory) -> None:
    slept: list[float] = []
    done = sending.send(ws.path, known(ws), how=How(limit=Limit(1000, lambda: 0.0, slept.append), jobs=1))
    assert max(slept) <= done.sent_bytes / 1000
    assert slept


def test_a_dry_run_changes_nothing_anywhere(ws: runstore.Workspace, remote: Memory) -> None:
    there = known(ws)
    done = sending.send(ws.path, there, how=How(dry_run=True))
    assert (done.sent_bytes > 0, remote.log, remote.objects) == (True, [], {})
    assert sending.standing(ws.path, there).runs == 3


def test_how_it_stands_is_told_by_the_ledger_alone(ws: runstore.Workspace, remote: Memory) -> None:
    there = known(ws, Rules(where="run_id <> 'r0'"))
    before = sending.standing(ws.path, there)
    assert (before.runs, before.documents > 0, before.last) == (2, True, None)
    sending.send(ws.path, there)
    asked = len(remote.asked)
    after = sending.standing(ws.path, there)
    assert (after.runs, after.documents) == (0, 0)
    assert after.last is not None and after.last < 600
    unions.logged(ws, "r3", 3)
    assert sending.standing(ws.path, there).runs == 1
    assert len(remote.asked) == asked


def test_what_was_sent_can_be_fetched_elsewhere_whatever_the_rules_of_sending(
    ws: runstore.Workspace, remote: Memory, tmp_path: Path
) -> None:
    sending.send(ws.path, known(ws))
    other = runstore.Workspace(tmp_path / "other")
    there = known(other, Rules(where="run_id = 'r9'", experiments=("none",)))
    assert sending.fetch(other.path, there, how=How(dry_run=True)).runs == 3
    assert sending.fetch(other.path, there, Rules(runs=("r2",))).runs == 1
    assert sending.fetch(other.path, there).runs == 2
    assert unions.answers(other) == unions.answers(ws)


def test_runs_to_fetch_are_named_as_they_are_there(ws: runstore.Workspace, remote: Memory, tmp_path: Path) -> None:
    sending.send(ws.path, known(ws))
    other = runstore.Workspace(tmp_path / "other")
    there = known(other)
    with pytest.raises(RunNotFound, match="3 runs there begin with 'r'; give more of the id"):
        sending.fetch(other.path, there, Rules(runs=("r",)))
    with pytest.raises(RunNotFound, match="no run's id there is or begins with 'x'"):
        sending.fetch(other.path, there, Rules(runs=("x",)))


def test_an_mlflow_server_is_sent_to_in_its_own_way(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "ask", lambda *_: Asked("11111111-2222-4333-8444-555555555555", {}))
    there = remotes.add(ws.path, "ml", "mlflow+http://127.0.0.1:1", Rules(exclude=("logs",))).known
    calls: list[tuple[object, ...]] = []

    def sent(*given: object, **how: object) -> Pushed:
        calls.append((*given, how["dry_run"], how["verify"], how["deletes"]))
        return Pushed(sent_bytes=5)

    monkeypatch.setattr(mlflow, "push", sent)
    assert sending.send(ws.path, there, Rules(experiments=("e",)), How(verify=True, deletes=True)).sent_bytes == 5
    ((path, url, remote_id, choice, *how),) = calls
    assert (path, url, remote_id, how) == (ws.path, there.url, there.id, [False, True, True])
    assert isinstance(choice, Choice) and choice.experiments == {"e"} and choice.kinds is not None
    assert (sending.standing(ws.path, there).runs, sending.lost(ws.path, there)) == (3, 0)
    with pytest.raises(UsageError, match="only sent to"):
        sending.fetch(ws.path, there)
