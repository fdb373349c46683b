"""What rules for keeping come to is told before it is done, and why each run stays."""

from __future__ import annotations

import json

import pytest

import runstore
from runstore.cli import style
from tests.cli import scenes
from tests.cli.conftest import Call


@pytest.fixture
def sweep(ws: runstore.Workspace) -> runstore.Workspace:
    for number in range(4):
        scenes.finished(ws, lr=0.1 * (number + 1), run_id=f"r{number}")
    ws.get_run("r3").set_tags({"keep": "yes"})
    return ws


def there(ws: runstore.Workspace) -> list[str]:
    return [run_id for (run_id,) in ws.sql("select run_id from runs order by 1").fetchall()]


def test_the_runs_that_go_are_listed_and_those_that_stay_counted(sweep: runstore.Workspace, call: Call) -> None:
    lines = call("rm", "--keep-best", "1", "--metric", "loss").stdout.splitlines()
    assert [line.split()[0] for line in (lines[0], *lines[2:4])] == ["run", "r1", "r2"]
    assert lines[4] == "2 runs stay: 1 best by loss, 1 tagged"
    assert (lines[5].startswith("2 runs with "), lines[5].endswith("would be deleted; --yes does it")) == (True, True)
    assert len(there(sweep)) == 4


def test_they_are_deleted_when_that_is_said_and_can_be_restored(sweep: runstore.Workspace, call: Call) -> None:
    done = call("rm", "--keep-best", "1", "--metric", "loss", "--mode", "max", "--keep-tag", "other", "--yes")
    assert done.stdout.splitlines()[-1] == "3 runs deleted; `runstore restore RUN` undoes it"
    assert there(sweep) == ["r3"]
    assert call("restore", "r0").exit_code == 0
    assert there(sweep) == ["r0", "r3"]


def test_where_every_run_stays_that_is_said(sweep: runstore.Workspace, call: Call) -> None:
    lines = call("rm", "--keep-last-days", "7", "--yes").stdout.splitlines()
    assert lines == ["4 runs stay: 4 of the last 7 days, 1 tagged", "every run stays; nothing to delete"]


def test_it_is_data_for_programs(sweep: runstore.Workspace, call: Call) -> None:
    rules = ("--keep-best", "1", "--metric", "loss", "-e", "mnist", "--where", "lr > 0.15")
    told = json.loads(call("rm", *rules, "--json").stdout)
    assert (told["done"], [one["run_id"] for one in told["going"]]) == (False, ["r2"])
    assert told["bytes"] == sum(one["bytes"] for one in told["going"]) > 0
    assert told["kept"][0]["why"] == [{"rule": "best", "detail": "loss, number 1"}]


def test_on_a_terminal_the_first_of_many_are_shown(
    ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        scenes.finished(ws, lr=1.0 + number, run_id=f"n{number:02}")
    monkeypatch.setattr(style, "watched", lambda *_: True)
    lines = call("rm", "--keep-best", "1", "--metric", "loss").stdout.splitlines()
    assert "... and 4 more; --json has them" in lines[27]
    assert len(lines) == 30
