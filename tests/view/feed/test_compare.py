"""Runs are compared in the order given, their metrics with the baseline, whichever of them that is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import UsageError
from runstore.view.feed import compare


@pytest.fixture
def made(ws: runstore.Workspace, tmp_path: Path) -> list[str]:
    found = []
    for at, lr in enumerate((0.1, 0.2, 0.1)):
        source = tmp_path / f"src{at}"
        source.mkdir()
        (source / "train.py").write_text(f"lr = {lr}\n")
        params = {"lr": lr, "depth": 3} | ({"extra": math.nan} if at == 2 else {})
        with ws.experiment("e").start_logging(params=params, snapshot_directory=source) as run:
            for step in range(5):
                run.log("loss", 1.0 if step < 2 else lr, step=step)
        found.append(run.id)
    return found


def by_name(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in rows}


def test_params_say_what_differs(ws: runstore.Workspace, made: list[str], as_sent: Any) -> None:
    found = as_sent(compare.compare(ws, made, parts=["params"]))
    assert [one["run_id"] for one in found["runs"]] == made
    params = by_name(found["params"])
    assert (params["lr"]["values"], params["lr"]["differs"]) == ([0.1, 0.2, 0.1], True)
    assert (params["depth"]["values"], params["depth"]["differs"]) == ([3, 3, 3], False)
    assert (params["extra"]["values"], params["extra"]["given"]) == ([None, None, None], [False, False, True])
    assert "metrics" not in found


def test_metrics_are_told_with_their_difference_to_the_baseline(ws: runstore.Workspace, made: list[str]) -> None:
    found = compare.compare(ws, made, baseline=made[1], parts=["metrics"])
    loss = by_name(found["metrics"])["loss"]
    assert (found["baseline"], loss["values"], loss["best"]) == (made[1], [0.1, 0.2, 0.1], 0.1)
    assert loss["deltas"] == pytest.approx([-0.1, 0.0, -0.1])
    assert loss["percents"] == pytest.approx([-50, 0, -50])


def test_the_first_step_at_which_runs_part_is_told(ws: runstore.Workspace, made: list[str], as_sent: Any) -> None:
    found = as_sent(compare.compare(ws, made, parts=["first_divergence"]))
    first, second = found["first_divergence"]
    assert (first["run_id"], second["run_id"]) == (made[1], made[2])
    assert first["metrics"] == [{"name": "loss", "step": 2, "baseline": 0.1, "other": 0.2, "common": 5, "parted": 3}]
    assert (second["metrics"], second["same"]) == ([], 1)


def test_code_is_told_line_by_line(ws: runstore.Workspace, made: list[str], as_sent: Any) -> None:
    found = as_sent(compare.compare(ws, made, parts=["code"]))
    (file,) = found["code"][0]["files"]
    assert (file["path"], file["how"], file["cut"]) == ("train.py", "changed", False)
    assert "-lr = 0.1\n+lr = 0.2" in file["diff"]
    assert found["code"][1]["files"] == []


def test_where_runs_come_from_is_side_by_side(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNSTORE_PROVENANCE")
    ids = []
    for _ in range(2):
        with ws.experiment("e").start_logging() as run:
            pass
        ids.append(run.id)
    rows = by_name(compare.compare(ws, ids, parts=["provenance"])["provenance"])
    assert rows["host"]["differs"] is False and rows["python"]["given"] == [True, True]
    assert not [name for name in rows if name.startswith("package ")]


@pytest.mark.parametrize(
    "how",
    [{"runs": 1}, {"runs": 3, "baseline": "no such run"}, {"runs": 3, "parts": ["nope"]}],
)
def test_what_can_not_be_compared_is_refused(ws: runstore.Workspace, made: list[str], how: dict[str, Any]) -> None:
    with pytest.raises(runstore.errors.RunstoreError):
        compare.compare(ws, made[: how.pop("runs")], **how)


def test_the_baseline_is_one_of_the_runs(ws: runstore.Workspace, made: list[str]) -> None:
    with pytest.raises(UsageError, match="none of the runs"):
        compare.compare(ws, made[:2], baseline=made[2])


def test_everything_is_told_where_nobody_says_what(ws: runstore.Workspace, made: list[str]) -> None:
    assert {*compare.PARTS} < {*compare.compare(ws, made[:2])}
