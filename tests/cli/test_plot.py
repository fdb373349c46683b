"""Curves in the terminal, in files, and as data; of the runs and metrics that are meant."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

import runstore
from runstore.cli import follow
from tests.cli import scenes
from tests.cli.conftest import Call


def test_without_a_run_the_newest_is_drawn_with_all_its_metrics(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="older")
    scenes.finished(ws, run_id="newer")
    done = call("plot")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "newer" in done.stdout
    assert "older" not in done.stdout
    titles = [line for line in done.stdout.splitlines() if line in ("loss", "acc")]
    assert sorted(titles) == ["acc", "loss"]


def test_the_named_metric_of_the_named_runs_is_drawn(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, 0.1, "one")
    scenes.finished(ws, 0.2, "two")
    done = call("plot", "one", "tw", "-m", "loss")
    assert done.stdout.splitlines()[0] == "loss"
    assert "a  one lr=0.1" in done.stdout
    assert "b  two lr=0.2" in done.stdout


def test_metrics_may_be_named_after_the_runs(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, 0.1, "one")
    scenes.finished(ws, 0.2, "two")
    told = json.loads(call("plot", "one", "tw", "acc", "loss", "--json").stdout)
    assert [chart["metric"] for chart in told] == ["acc", "loss"]
    assert [curve["run_id"] for curve in told[0]["curves"]] == ["one", "two"]


def test_a_metric_alone_is_drawn_of_the_newest_run(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="older")
    scenes.finished(ws, run_id="newer")
    told = json.loads(call("plot", "loss", "--json").stdout)
    assert [(chart["metric"], chart["curves"][0]["run_id"]) for chart in told] == [("loss", "newer")]


def test_a_beginning_that_two_runs_share_is_told_and_not_taken_for_a_metric(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="loss-1")
    scenes.finished(ws, run_id="loss-2")
    done = call("plot", "loss-")
    assert done.exit_code == 1
    assert "2 runs begin with 'loss-'" in done.stderr


def test_another_metric_may_run_along(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        for step, alpha in enumerate((0.4, 0.2, 0.3)):
            run.log({"alpha": alpha, "mse": 10 * alpha}, step=step)
        run.log("mse", 7.0, step=99)
    (chart,) = json.loads(call("plot", "mse", "--x", "alpha", "--json").stdout)
    assert chart["curves"][0]["alpha"] == [0.2, 0.3, 0.4]
    assert chart["curves"][0]["value"] == [2.0, 3.0, 4.0]
    assert "not drawn: 1 point without a 'alpha' at the same step" in call("plot", "mse", "--x", "alpha").stdout


@pytest.mark.parametrize("chosen", [("-e", "other"), ("--where", "lr > 0.15")])
def test_runs_can_be_chosen_by_experiment_or_filter(
    ws: runstore.Workspace, call: Call, chosen: tuple[str, ...]
) -> None:
    scenes.finished(ws, 0.1, "one")
    scenes.finished(ws, 0.2, "two", "other")
    told = json.loads(call("plot", *chosen, "-m", "loss", "--json").stdout)
    assert [curve["run_id"] for curve in told[0]["curves"]] == ["two"]


def test_json_gives_the_points(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, 0.3, "one")
    told = json.loads(call("plot", "-m", "acc", "--json").stdout)
    assert told == [
        {"metric": "acc", "curves": [{"run_id": "one", "points": 3, "step": [0.0, 1.0, 2.0], "value": [0.0, 0.1, 0.2]}]}
    ]


def test_a_log_axis_says_what_it_can_not_show(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    done = call("plot", "-m", "acc", "--log-y")
    assert "not drawn: 1 point not above 0: a log axis has no place for them" in done.stdout


@pytest.mark.parametrize("suffix", ["svg", "html", "png", "SVG"])
def test_a_picture_is_written(ws: runstore.Workspace, call: Call, tmp_path: Path, suffix: str) -> None:
    scenes.finished(ws)
    path = tmp_path / f"curve.{suffix}"
    done = call("plot", "-o", path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith(f"wrote {path} (")
    data = path.read_bytes()
    if suffix.lower() == "svg":
        ElementTree.fromstring(data)
    assert data.startswith({"html": b"<!doctype html>", "png": b"\x89PNG"}.get(suffix, b"<svg "))
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.endswith(".tmp")] == []


def test_a_png_without_matplotlib_is_one_line_and_no_file(
    ws: runstore.Workspace, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    scenes.finished(ws)
    done = call("plot", "-o", tmp_path / "curve.png")
    assert done.exit_code == 1
    assert done.stderr.startswith("runstore: png pictures need matplotlib")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "curve.png").exists()


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("-o", "curve.gif"), 2, "can't draw a .gif"),
        (("-m", "nope"), 1, "no numbers in a metric 'nope'"),
        (("zzz",), 1, "zzz"),
        (("--where", "lr > 9"), 1, "no runs match"),
        (("--x", "epoch"), 1, "epoch"),
        (("-o", os.path.join("missing", "curve.svg")), 1, "missing"),
    ],
)
def test_a_mistake_is_one_line(
    ws: runstore.Workspace, call: Call, args: tuple[str, ...], code: int, words: str
) -> None:
    scenes.finished(ws)
    done = call("plot", *args)
    assert (done.exit_code, done.stdout) == (code, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_run_without_numbers_says_so(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("e", run_id="silent", workspace=ws) as run:
        run.log("note", "text")
    done = call("plot")
    assert done.exit_code == 1
    assert done.stderr == "runstore: run silent has no metric with numbers yet\n"


def test_more_metrics_than_fit_are_named_not_drawn(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        run.log({f"m{number}": number for number in range(6)})
    done = call("plot")
    assert done.exit_code == 0
    assert "2 metrics not drawn: m4, m5; -m chooses" in done.stderr


@pytest.mark.parametrize("columns", [80, 160])
def test_nothing_is_wider_than_the_terminal(
    ws: runstore.Workspace, call: Call, terminal: Callable[[int], None], columns: int
) -> None:
    scenes.finished(ws, 0.1)
    scenes.finished(ws, 0.2)
    terminal(columns)
    assert max(map(len, call("plot", "-e", "mnist").stdout.splitlines())) <= columns


def test_following_ends_with_the_run_and_prints_the_last_picture(
    ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runstore.start_run("e", workspace=ws)
    run.log("loss", 1.0, step=0)

    def end() -> None:
        run.log("loss", 2.0, step=1)
        run.complete()

    slept: list[float] = []

    def sleep(seconds: float) -> None:
        if not slept:
            thread = threading.Thread(target=end)
            thread.start()
            thread.join()
        slept.append(seconds)

    monkeypatch.setattr(follow, "time", SimpleNamespace(sleep=sleep))
    done = call("plot", "-f", "-m", "loss")
    assert done.exit_code == 0
    assert slept
    assert done.stdout.count("points") == 1
    assert "2" in done.stdout.splitlines()[-1]
