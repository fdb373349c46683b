"""The command says first what differs, then each of it, in as many columns as there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from tests.cli.conftest import Call


@pytest.fixture
def pair(ws: runstore.Workspace, tmp_path: Path) -> tuple[str, str]:
    """Two runs: another learning rate, another line of code, and a loss that parts at step 3."""
    ids = ("aa11" + "0" * 8, "bb22" + "0" * 8)
    code = tmp_path / "code"
    code.mkdir()
    for run_id, lr in zip(ids, (0.1, 0.01), strict=True):
        (code / "train.py").write_text(f"lr = {lr}\n\tprint('\x1b[31m')\n")
        with runstore.start_run(
            "mnist", run_id=run_id, params={"lr": lr, "batch": 32}, workspace=ws, snapshot_directory=code
        ) as run:
            for step in range(6):
                run.log("loss", 1.0 if step < 3 else lr, step=step)
    return ids


def test_the_first_line_says_it_all(pair: tuple[str, str], call: Call) -> None:
    done = call("diff", "aa", "bb")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "differ in: lr, code (1 file); loss parts at step 3"


def test_causes_come_before_what_came_of_them(pair: tuple[str, str], call: Call) -> None:
    lines = call("diff", *pair).stdout.splitlines()
    assert [line for line in lines if line in ("params", "code", "packages", "metrics")] == [
        "params",
        "code",
        "metrics",
    ]
    assert ["~", "lr", "0.1", "0.01"] in [line.split() for line in lines]
    assert ["loss", "3", "0.1", "0.01", "0.1", "0.01", "-0.09"] in [line.split() for line in lines]
    assert lines[-2].startswith("the same: 1 param")


def test_code_is_shown_line_by_line_where_it_is_wanted_and_is_harmless(pair: tuple[str, str], call: Call) -> None:
    assert "-lr = 0.1" not in call("diff", *pair).stdout
    done = call("diff", *pair, "--code")
    assert {"-lr = 0.1", "+lr = 0.01"} <= set(done.stdout.splitlines())
    assert "\x1b[31m" not in done.stdout


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_nothing_is_wider_than_the_terminal(
    pair: tuple[str, str], ws: runstore.Workspace, call: Call, terminal: Callable[[int], None], columns: int
) -> None:
    with runstore.start_run(
        "other", run_id="long", name="a name " * 20, params={"p" * 90: "v" * 90}, tags={"t": "long " * 40}, workspace=ws
    ) as run:
        run.log("a metric with a name " * 5, 1.0)
    terminal(columns)
    for one, other in (pair, (pair[0], "long")):
        lines = call("diff", one, other).stdout.splitlines()
        assert max(map(len, lines)) <= columns
        assert any("Completed" in line for line in lines)


def test_json_has_all_of_it(pair: tuple[str, str], call: Call) -> None:
    data = json.loads(call("diff", *pair, "--json", "--code").stdout)
    assert data["verdict"].startswith("differ in: lr")
    assert data["differ"] is True
    assert data["params"] == [{"name": "lr", "how": "changed", "a": 0.1, "b": 0.01}]
    assert (data["metrics"][0]["step"], data["metrics"][0]["common"]) == (3, 6)
    (file,) = data["files"]
    assert (file["path"], file["how"], file["lines"][3]) == ("train.py", "changed", "-lr = 0.1")
    assert data["a"]["run_id"] == pair[0]


def test_runs_that_are_alike_are_said_to_be_and_it_is_no_failure(ws: runstore.Workspace, call: Call) -> None:
    for run_id in ("one", "two"):
        with runstore.start_run("x", run_id=run_id, workspace=ws) as run:
            run.log("loss", 1)
    done = call("diff", "one", "two")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "no differences in params; 1 metric the same at all 1 common point"


def test_a_tolerance_overlooks_small_differences(pair: tuple[str, str], call: Call) -> None:
    assert "parts at" not in call("diff", *pair, "--tolerance", "0.5").stdout


def test_many_changes_are_cut_and_counted(ws: runstore.Workspace, call: Call) -> None:
    for run_id, value in (("one", 1), ("two", 2)):
        runstore.start_run("x", run_id=run_id, params={f"p{n}": value for n in range(45)}, workspace=ws).complete()
    assert "5 more; --json shows all" in call("diff", "one", "two").stdout


@pytest.mark.parametrize("given", [("aa", "aa"), ("aa",), ("aa", "bb", "--tolerance", "-1")])
def test_it_takes_two_different_runs(pair: tuple[str, str], call: Call, given: tuple[str, ...]) -> None:
    assert call("diff", *given).exit_code == 2


def test_a_run_that_is_not_there_is_no_traceback(pair: tuple[str, str], call: Call) -> None:
    assert call("diff", "aa", "zz").exit_code == 1
