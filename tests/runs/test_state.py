"""A run is what its facts say, whoever wrote them, in whatever files they lie, and whatever else is broken."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import lock
from runstore.disk.capabilities import CAN
from runstore.format import documents, lines, names
from runstore.runs import state
from runstore.runs.workspace import Workspace
from tests.disk import build

START = 1_700_000_000_000_000_000
THIRD = "cc" * 8


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return build.run_path(tmp_path)


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is found out about each writer's process, by writer; alive unless said otherwise."""
    table: dict[str, str] = {}
    monkeypatch.setattr(lock, "verdict", lambda identity, path: table.get(path.stem, "alive"))
    return table


def start(opener: bool = True, **more: Any) -> list[Any]:
    body = {
        "opener": opener,
        "rank": None,
        "name": None,
        "parent": None,
        "type": None,
        "host": "h",
        "user": "u",
        "pid": 7,
    }
    return ["start", {**body, **more}]


def end(status: str = "Completed", error: str | None = None, points: int = 0, dropped: int = 0) -> list[Any]:
    body = {"status": status, "error": error, "explicit": True, "points": points, "journals": 1, "dropped": dropped}
    return ["end", body]


def put(
    path: Path,
    *facts: list[Any],
    attempt: int = 1,
    writer: str = build.WRITER,
    at: int = 0,
    name: str = "",
    **options: Any,
) -> Path:
    """Write a facts journal; fact number i is recorded at second ``at`` + i."""
    data = [lines.fact(kind, START + (at + i) * 10**9, body) for i, (kind, body) in enumerate(facts)]
    opener = facts[0][0] == "start" and facts[0][1]["opener"]
    file = path / (name or names.facts(attempt, "" if opener else writer))
    file.write_bytes(build.journal(data, lines.FACTS, attempt=attempt, writer=writer, **options))
    return file


def params(**values: Any) -> list[Any]:
    return ["params", [[name, value] for name, value in values.items()]]


def test_a_completed_run_says_who_when_and_what(path: Path) -> None:
    put(
        path,
        start(name="first", parent="p", type="t"),
        params(lr=0.1),
        ["tags", {"team": "a"}],
        end(points=3, dropped=2),
    )
    run = state.fold(path)
    assert (run.run_id, run.experiment, run.name, run.parent_id, run.type) == (build.RUN, "mnist", "first", "p", "t")
    assert (run.status, run.error, run.started, run.ended) == ("Completed", None, START, START + 3 * 10**9)
    assert (run.host, run.user, run.points, run.dropped) == ("h", "u", 3, 2)
    assert run.params == {"lr": 0.1}
    assert run.tags == {"team": ("a", START + 2 * 10**9)}
    assert run.settled and not run.damaged


@pytest.mark.usefixtures("verdicts")
def test_a_run_whose_process_lives_is_running(path: Path) -> None:
    put(path, start(), closed=False)
    run = state.fold(path)
    assert (run.status, run.ended, run.settled) == ("Running", None, False)


def test_proof_of_death_makes_a_run_failed_since_its_last_heartbeat(path: Path, verdicts: dict[str, str]) -> None:
    put(path, start(), closed=False)
    lock_path = path / names.lock(build.WRITER)
    lock_path.touch()
    os.utime(lock_path, ns=(START + 5, START + 5))
    verdicts[build.WRITER] = "dead"
    run = state.fold(path)
    assert (run.status, run.error, run.ended) == ("Failed", "vanished", START + 5)
    assert run.settled


@pytest.mark.parametrize(("silent", "status"), [(0, "Running"), (61, "NotResponding")])
def test_without_proof_the_heartbeat_decides(path: Path, verdicts: dict[str, str], silent: int, status: str) -> None:
    put(path, start(), closed=False)
    lock_path = path / names.lock(build.WRITER)
    lock_path.touch()
    os.utime(lock_path, (time.time() - silent, time.time() - silent))
    verdicts[build.WRITER] = "unknown"
    run = state.fold(path)
    assert (run.status, run.ended, run.settled) == (status, None, False)


def test_a_killed_process_is_proven_dead(tmp_path: Path) -> None:
    code = "import sys, os, signal, runstore.runs.workspace as w\nrun = w.Workspace(sys.argv[1]).experiment('e')"
    code += ".start_logging(run_id='r')\nrun.log('a', 1.0)\nos.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "w")], check=False)
    run = state.fold(tmp_path / "w" / names.run_dir("r"))
    proof = ("Failed", "vanished", 1) if CAN.proc else ("Running", None, 1)
    assert (run.status, run.error, run.points) == proof


def test_the_end_file_of_a_signal_handler_counts_where_no_end_was_recorded(path: Path) -> None:
    put(path, start(), closed=False)
    body = {"status": "Failed", "error": "SIGTERM", "time": START + 9}
    (path / names.end(1)).write_bytes(documents.render(body))
    run = state.fold(path)
    assert (run.status, run.error, run.ended) == ("Failed", "SIGTERM", START + 9)


def test_a_recorded_end_counts_more_than_an_end_file(path: Path) -> None:
    put(path, start(), end("Canceled"))
    (path / names.end(1)).write_bytes(documents.render({"status": "Failed", "error": "SIGTERM", "time": START}))
    assert state.fold(path).status == "Canceled"


@pytest.mark.usefixtures("verdicts")
def test_a_joined_writers_end_never_ends_the_run(path: Path) -> None:
    put(path, start(rank=0), closed=False)
    put(path, start(opener=False, rank=1), end("Failed", "boom", points=4), writer=build.OTHER, at=5)
    run = state.fold(path)
    assert (run.status, run.error, run.ended) == ("Running", None, None)
    assert [(w.writer, w.rank, w.state, w.error) for w in run.writers] == [
        (build.WRITER, 0, "Running", None),
        (build.OTHER, 1, "Failed", "boom"),
    ]


def test_an_error_that_a_joined_writer_told_of_is_the_runs_unless_it_was_its_own_end(path: Path) -> None:
    put(path, start(rank=0), end())
    put(path, start(opener=False), ["failure", {"message": "mine"}], end("Failed"), writer=build.OTHER, at=5)
    assert state.fold(path).failure is None
    put(path, start(opener=False), ["failure", {"message": "ours"}], closed=False, writer=THIRD, at=9)
    assert (state.fold(path).status, state.fold(path).failure) == ("Completed", {"message": "ours"})


def test_the_newest_attempt_gives_the_status(path: Path) -> None:
    put(path, start(), params(lr=1, seed=2), end("Failed", "boom", points=5))
    put(path, start(), params(lr=3), end(points=6), attempt=2, writer=build.OTHER, at=100)
    run = state.fold(path)
    assert (run.status, run.error, run.points) == ("Completed", None, 11)
    assert [(a.number, a.status, a.params) for a in run.attempts] == [
        (1, "Failed", {"lr": 1, "seed": 2}),
        (2, "Completed", {"lr": 3}),
    ]
    assert run.params == {"lr": 3, "seed": 2}
    assert (run.started, run.ended) == (START, START + 102 * 10**9)


def test_the_newest_tag_and_the_first_property_count(path: Path) -> None:
    first = [["tags", {"a": 1, "b": 1}], ["properties", {"p": 1}], end()]
    put(path, start(), *first)
    later = [["tags", {"a": 2, "c": None}], ["untag", ["b"]], ["properties", {"p": 2, "q": 3}], end()]
    put(path, start(opener=False), *later, writer=build.OTHER, at=50)
    run = state.fold(path)
    assert {key: value for key, (value, _) in run.tags.items()} == {"a": 2, "c": None}
    assert {key: value for key, (value, _) in run.properties.items()} == {"p": 1, "q": 3}


def test_a_fact_that_a_rescued_journal_repeats_counts_once(path: Path) -> None:
    put(path, start(), ["warning", {"text": "w"}], ["dropped", {"points": 2, "reason": "full"}], closed=False)
    repeated = [["dropped", {"points": 2, "reason": "full"}], ["error", {"text": "e"}], end(dropped=2)]
    put(path, *repeated, at=2, name=names.facts(1, THIRD), number=1, first=2)
    run = state.fold(path)
    assert (run.warnings, run.errors, run.dropped, run.status) == (1, 1, 2, "Completed")


def test_merged_facts_stand_for_the_journals_they_replace(path: Path) -> None:
    one = put(path, start(), params(lr=1), end("Failed"))
    two = put(path, start(), params(lr=2), end(), attempt=2, writer=build.OTHER, at=60)
    merged = path / names.merged_facts("ab" * 32)
    merged.write_bytes(one.read_bytes() + two.read_bytes())
    before = state.fold(path)
    entry = {"file": merged.name, "sha256": "ab" * 32, "replaces": [one.name, two.name]}
    build.put_seal(path, build.seal_body(merged_facts=entry))
    one.unlink()
    after = state.fold(path)
    assert (after.status, after.params, after.writers) == (before.status, before.params, before.writers)


def test_points_are_counted_from_seals_facts_and_the_open_journal(path: Path, verdicts: dict[str, str]) -> None:
    closed = ["points", {"number": 0, "first": 0, "count": 40, "size": 9}]
    put(path, start(), closed, closed=False)
    build.put_points(path, build.some_points(40, 47), number=1, first=40, closed=False)
    put(path, start(opener=False), closed=False, writer=build.OTHER)
    build.put_seal(path, build.seal_body((build.OTHER, 0, 9)))
    run = state.fold(path)
    assert {w.writer: w.points for w in run.writers} == {build.WRITER: 47, build.OTHER: 10}
    assert run.points == 57


@pytest.mark.parametrize("torn", [b"", b"\0" * 65536, b'{"runstore":1,"journ'])
def test_points_are_counted_where_a_process_died_while_it_began_a_journal(path: Path, torn: bytes) -> None:
    put(path, start(), closed=False)
    build.put_points(path, build.some_points(0, 40), number=0, first=0, closed=False)
    build.put_points(path, build.some_points(40, 47), number=1, first=40, closed=False)
    (path / names.points(build.WRITER, 2)).write_bytes(torn)
    assert state.fold(path).points == 47


def test_points_are_counted_where_the_newest_journal_is_a_late_copy_of_an_older_one(path: Path) -> None:
    put(path, start(), closed=False)
    build.put_points(path, build.some_points(0, 40), number=0, first=0, closed=False)
    build.put_points(path, build.some_points(40, 47), number=1, first=40, closed=False)
    build.put_points(path, build.some_points(20, 40), number=2, first=20)
    assert state.fold(path).points == 47


def test_artifacts_keep_their_writer_and_time(path: Path) -> None:
    body = {"name": "m", "sha256": "00", "size": 1, "media_type": "x", "kind": "file", "step": 3, "pack": [0, 9]}
    put(path, start(), ["artifact", body], end())
    assert state.fold(path).artifacts == [{**body, "time": START + 10**9, "writer": build.WRITER}]


def test_a_damaged_facts_journal_gives_what_can_be_read_and_tells(path: Path) -> None:
    file = put(path, start(), params(lr=1), end())
    put(path, start(opener=False), params(seed=2), end(), writer=build.OTHER)
    data = bytearray(file.read_bytes())
    data[data.index(b'"lr"') + 1] ^= 1
    file.write_bytes(data)
    run = state.fold(path)
    assert run.run_id == build.RUN
    assert run.params == {"seed": 2}
    assert any(file.name in text for text in run.damaged)


def test_a_run_without_readable_facts_still_has_its_name(path: Path) -> None:
    build.put_points(path, build.some_points(0, 3))
    run = state.fold(path)
    assert (run.run_id, run.experiment, run.points) == (build.RUN, "mnist", 3)
    assert run.damaged


def test_a_copy_under_another_name_is_no_run(path: Path) -> None:
    build.put_points(path, build.some_points(0, 3), run_id="another")
    build.put_seal(path, build.seal_body((build.WRITER, 0, 3), run="another"))
    assert state.fold(path).run_id == ""


def test_facts_of_another_run_are_not_taken(path: Path) -> None:
    put(path, start(), end())
    put(path, start(opener=False), params(lr=1), writer=build.OTHER, run_id="another")
    run = state.fold(path)
    assert run.params == {}
    assert any("another run" in text for text in run.damaged)


def test_an_attempt_that_is_only_claimed_changes_nothing(path: Path) -> None:
    put(path, start(), end())
    (path / names.facts(2)).write_bytes(b"\0" * 100)
    run = state.fold(path)
    assert (run.status, len(run.attempts), run.damaged) == ("Completed", 1, [])


def test_an_empty_directory_is_no_run(path: Path) -> None:
    assert state.fold(path).run_id == ""


def test_what_the_write_path_records_is_folded(tmp_path: Path) -> None:
    run = Workspace(tmp_path / "w").experiment("e").start_logging("n", params={"a": {"b": [1, 2]}}, tags={"t": 1})
    run.log("x", 1.0, description="an x")
    run.add_properties({"p": "q"})
    assert state.fold(run.path).status == "Running"
    run.fail("why")
    folded = state.fold(run.path)
    assert (folded.status, folded.error, folded.name, folded.points) == ("Failed", "why", "n", 1)
    assert folded.params == {"a.b": {"j": [1, 2]}}
    assert folded.descriptions == {"x": "an x"}


def test_of_two_that_queued_a_run_the_last_one_says_how_that_went(workspace: Path) -> None:
    experiment = Workspace(workspace).experiment("exp")
    for status, error in (("Failed", "disk full"), ("Queued", None)):
        run = experiment.workspace.run_class(experiment, "r")._open({"queued": True}, attempt=1, opener=False)
        run._end(status, error, explicit=False)
    assert state.fold(workspace / names.run_dir("r")).status == "Queued"
