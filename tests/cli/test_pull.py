"""``runstore pull``: how much there is to fetch is said first, then what was taken, and what was refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from tests.cli import scenes
from tests.cli.afar import Afar, afar
from tests.cli.conftest import Call

__all__ = ["afar"]


@pytest.fixture
def team(ws: runstore.Workspace, call: Call, afar: Afar, tmp_path: Path) -> Afar:
    """A remote ``team``, to which somebody else has sent two runs."""
    call("remote", "add", "team", "s3://b")
    other = runstore.Workspace(tmp_path / "other")
    scenes.finished(other, run_id="r0")
    scenes.finished(other, run_id="r1", experiment="other")
    call("remote", "add", "there", "s3://b", "-w", other.path)
    call("sync", "-w", other.path)
    return afar


def test_how_much_there_is_is_said_before_and_what_was_taken_after(
    team: Afar, call: Call, ws: runstore.Workspace
) -> None:
    done = call("pull")
    assert done.exit_code == 0
    assert done.stderr.startswith("team: 2 runs, ") and done.stderr.endswith(" to fetch\n")
    assert done.stdout.startswith("team: 2 runs, ") and done.stdout.endswith(" taken\n")
    assert sorted(ws.sql("select run_id from runs").fetchall()) == [("r0",), ("r1",)]
    again = call("pull", "team")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "team: nothing to take\n", "")


def test_a_dry_run_takes_nothing(team: Afar, call: Call, ws: runstore.Workspace) -> None:
    done = call("pull", "--dry-run")
    assert (done.exit_code, done.stderr, "would be taken" in done.stdout) == (0, "", True)
    assert ws.sql("select count(*) from runs").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("args", "runs"),
    [(("-e", "other"), ["r1"]), (("--run", "r0"), ["r0"]), (("--run", "r0", "--run", "r1"), ["r0", "r1"])],
)
def test_only_what_is_asked_for_is_taken(
    team: Afar, call: Call, ws: runstore.Workspace, args: tuple[str, ...], runs: list[str]
) -> None:
    assert call("pull", *args).exit_code == 0
    assert [run for (run,) in ws.sql("select run_id from runs order by run_id").fetchall()] == runs


def test_a_run_that_is_not_there_is_an_error(team: Afar, call: Call) -> None:
    done = call("pull", "--run", "nothing")
    assert (done.exit_code, "no run's id there is or begins with 'nothing'" in done.stderr) == (1, True)


def test_programs_get_counts_and_what_was_refused(team: Afar, call: Call) -> None:
    told = json.loads(call("pull", "--json").stdout)
    assert (told["runs"], told["refused"]) == (2, [])
    assert told["files"] > 0 and told["bytes"] > 0


def test_what_is_other_bytes_there_than_it_says_is_refused_and_the_exit_code_is_1(team: Afar, call: Call) -> None:
    remote = team.at("s3://b")
    remote.objects = {name: bytes(len(data)) for name, data in remote.objects.items()}
    done = call("pull", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["refused"] != []
    assert "refused" in call("pull").stderr


def test_a_workspace_with_several_remotes_wants_one_named(team: Afar, call: Call) -> None:
    call("remote", "add", "b", "s3://other")
    done = call("pull")
    assert (done.exit_code, "name one of b, team" in done.stderr) == (2, True)


def test_a_narrow_terminal_is_not_overrun(team: Afar, call: Call, terminal: Callable[[int], None]) -> None:
    terminal(80)
    done = call("pull")
    assert max(map(len, [*done.stdout.splitlines(), *done.stderr.splitlines()])) <= 80
