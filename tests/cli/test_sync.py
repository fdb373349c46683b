"""``runstore sync``: to all remotes or some, once, with a report and an exit code that are true."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from runstore.errors import Refused
from runstore.format import names
from runstore.query import compaction
from runstore.sync import push
from runstore.sync.piece import Piece
from tests.cli import scenes
from tests.cli.afar import Afar, afar, failing
from tests.cli.conftest import Call

__all__ = ["afar"]


@pytest.fixture
def two(ws: runstore.Workspace, call: Call, afar: Afar) -> Afar:
    """Remotes ``a`` and ``b``, and two runs."""
    for name in ("a", "b"):
        call("remote", "add", name, f"s3://{name}")
    scenes.finished(ws, run_id="r0")
    scenes.finished(ws, run_id="r1", lr=0.2, experiment="other")
    return afar


def runs(pieces: list[Piece]) -> set[str]:
    return {piece.run_id for piece in pieces} - {""}


def test_all_remotes_get_everything_and_again_nothing(two: Afar, call: Call) -> None:
    done = call("sync")
    assert done.exit_code == 0
    assert [line.partition(";")[0] for line in done.stdout.splitlines()] == ["a: 2 runs", "b: 2 runs"]
    assert runs(two.at("s3://a").log) == runs(two.at("s3://b").log) == {"r0", "r1"}
    assert call("sync").stdout == "a: nothing to send\nb: nothing to send\n"


def test_only_those_that_are_named_get_something(two: Afar, call: Call) -> None:
    call("sync", "b", "b")
    assert (runs(two.at("s3://a").log), runs(two.at("s3://b").log)) == (set(), {"r0", "r1"})
    done = call("sync", "c")
    assert (done.exit_code, "there are a, b" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("args", "sent"),
    [
        (("-e", "other"), {"r1"}),
        (("-e", "other", "-e", "mnist"), {"r0", "r1"}),
        (("--run", "r0"), {"r0"}),
        (("--where", "lr < 0.15"), {"r0"}),
        (("--where", "lr < 0.15", "-e", "other"), set()),
    ],
)
def test_only_what_is_asked_for_is_sent(two: Afar, call: Call, args: tuple[str, ...], sent: set[str]) -> None:
    assert call("sync", "a", *args).exit_code == 0
    assert runs(two.at("s3://a").log) == sent


def test_a_dry_run_sends_nothing(two: Afar, call: Call) -> None:
    done = call("sync", "--dry-run")
    assert (done.exit_code, done.stdout.count("would be sent")) == (0, 2)
    assert two.at("s3://a").log == []


def test_a_remote_that_is_away_keeps_no_other_waiting_and_the_exit_code_is_1(
    two: Afar, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.down.add("s3://a")
    monkeypatch.setattr(push, "retry", lambda call, patience: call())
    done = call("sync")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == "a: failed: s3://a: nobody answers"
    assert done.stdout.splitlines()[1].startswith("b: 2 runs; ")
    assert runs(two.at("s3://b").log) == {"r0", "r1"}


def test_a_remote_whose_document_is_damaged_keeps_no_other_waiting(
    two: Afar, call: Call, ws: runstore.Workspace
) -> None:
    path = ws.path / names.remote("a")
    path.write_bytes(path.read_bytes().replace(b"s3://a", b"s3://x"))
    done = call("sync")
    assert (done.exit_code, "a.json: checksum" in done.stdout) == (1, True)
    assert runs(two.at("s3://b").log) == {"r0", "r1"}


def test_a_run_that_is_damaged_stops_no_other_and_is_named_with_the_reason(
    two: Afar, call: Call, ws: runstore.Workspace
) -> None:
    scenes.damaged(ws, "r0")
    done = call("sync", "a")
    assert "  partial  r0  a1.jsonl: " in done.stdout
    assert "r1" in runs(two.at("s3://a").log)


def test_what_a_remote_refuses_is_a_failure_of_those_runs(two: Afar, call: Call) -> None:
    two.at("s3://a").fault = failing("commit", Refused("a: the quota is used up"))
    done = call("sync", "a", "--json")
    assert done.exit_code == 1
    assert "the quota is used up" in done.stdout


def test_a_run_that_goes_on_is_there_in_part_and_that_is_no_failure(
    two: Afar, call: Call, ws: runstore.Workspace
) -> None:
    run = runstore.start_run("mnist", run_id="live", workspace=ws)
    run.log("loss", 1.0)
    done = call("sync", "a", "--json")
    run.complete()
    told = json.loads(done.stdout)
    assert (done.exit_code, told["runs"]["failed"]) == (0, 0)
    assert call("sync", "a").exit_code == 0
    assert "live" in runs(two.at("s3://a").log)


def test_programs_get_the_three_counts(two: Afar, call: Call) -> None:
    told = json.loads(call("sync", "--json").stdout)
    assert list(told)[:3] == ["sent_segments", "sent_bytes", "runs"]
    assert told["runs"] == {"ok": 2, "partial": 0, "failed": 0}
    assert told["sent_bytes"] == sum(one["sent_bytes"] for one in told["remotes"]) > 0
    told = json.loads(call("sync", "--json").stdout)
    assert (told["sent_segments"], told["sent_bytes"]) == (0, 0)
    assert [one["asked"] for one in told["remotes"]] == [False, False]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--bandwidth", "fast"), "write 10MB"),
        (("--watch", "--dry-run"), "--watch sends"),
        (("--watch", "--verify"), "--watch sends"),
        (("--jobs", "0"), "--jobs"),
        (("--where", "losss < 1"), "losss"),
        (("--run", "nothing"), "no run's id"),
    ],
)
def test_a_mistake_is_told_before_anything_is_sent(two: Afar, call: Call, args: tuple[str, ...], said: str) -> None:
    done = call("sync", "a", *args)
    assert done.exit_code in (1, 2)
    assert said in done.stderr + done.stdout
    assert two.at("s3://a").log == []


def test_without_a_remote_it_says_how_to_add_one(ws: runstore.Workspace, call: Call) -> None:
    done = call("sync")
    assert (done.exit_code, "`runstore remote add NAME URL`" in done.stderr) == (2, True)


def test_who_has_sent_something_puts_loose_runs_into_blocks_by_the_way(
    two: Afar, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[Path] = []
    monkeypatch.setattr(compaction, "background", called.append)
    call("sync")
    call("sync")
    assert len(called) == 1


def test_a_bandwidth_holds_all_of_it_back(two: Afar, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("runstore.sync.limit.time.sleep", slept.append)
    call("sync", "a", "--bandwidth", "100000", "--jobs", "1")
    assert sum(slept) >= 0
    assert two.at("s3://a").put_bytes > 0


NOTHING = """
import sys, json
from runstore.cli.main import cli
try:
    cli.main(["sync", *sys.argv[1:]])
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("args", [(), ("--json",), ("-e", "mnist")])
def test_that_there_is_nothing_to_send_is_told_without_anything_heavy(
    two: Afar, call: Call, ws: runstore.Workspace, args: tuple[str, ...]
) -> None:
    call("sync")
    command = [sys.executable, "-c", NOTHING, *args]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "RUNSTORE_DIR": str(ws.path)})
    assert done.returncode == 0
    assert "nothing to send" in done.stdout or json.loads(done.stdout)["sent_bytes"] == 0
    heavy = {"duckdb", "pyarrow", "deltalake", "obstore", "httpx", "mlflow", "keyring", "rich", "watchdog", "numpy"}
    assert set(json.loads(done.stderr)) & heavy == set()


def test_a_narrow_terminal_sees_a_whole_report(
    two: Afar, call: Call, ws: runstore.Workspace, terminal: Callable[[int], None]
) -> None:
    scenes.damaged(ws, "r0")
    terminal(80)
    shown = call("sync").stdout.splitlines()
    assert max(map(len, shown)) <= 80
    assert [line.split()[0] for line in shown] == ["a:", "partial", "b:", "partial"]
