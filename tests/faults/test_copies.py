"""A workspace that was moved, copied with or without its times, or rsynced in two passes answers the same."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.query import compaction, sealing
from runstore.runs import seal
from tests.crash import endings, oracle
from tests.crash.template import Shared, Template
from tests.faults.mounts import run as command

VIEWS = (
    "select * exclude (status, error, ended) from runs order by run_id",
    "select run_id, status, error, ended from runs where run_id != 'vanished' order by run_id",
    "select * from experiments order by all",
    "select * from params order by all",
    "select * from tags order by all",
    "select * from metrics order by all",
    "select * from curve_points order by all",
    "select * from metric_summary order by all",
    "select * from rows order by all",
    "select * from artifacts order by all",
    "select * exclude (state, ended) from writers order by all",
)  # how a death is dated and proven without the machine it happened on is another matter


def two_passes(source: Path, target: Path) -> None:
    """As rsync does it when it is run again: what has changed is copied over, what is new is added."""
    command("cp", "-r", source, target)
    with runstore.start_run("late", run_id="late", workspace=source) as run:
        run.log({"v": 1.0, "w": "text"}, step=3)
    command("cp", "-r", "--update=all", f"{source}/.", target)


WAYS: dict[str, Callable[[Path, Path], object]] = {
    "moved": lambda source, target: shutil.move(source, target),
    "copied with its times": lambda source, target: command("cp", "-a", source, target),
    "copied": lambda source, target: command("cp", "-r", source, target),
    "synced in two passes": two_passes,
}


def answers(path: Path) -> list[str]:
    ws = runstore.Workspace(path, create=False)
    runs = [run_id for (run_id,) in ws.sql("select run_id from runs order by run_id").fetchall()]
    found: list[Any] = [ws.sql(view).fetchall() for view in VIEWS]
    return list(map(repr, [ws.id, *found, *(ws.get_run(run).get_metrics() for run in runs)]))


def fill(path: Path, template: Template, shared: Shared) -> None:
    """Runs of every state: sealed and merged, sealed, not sealed, resumed, failed, vanished."""
    for number, how in enumerate(("Completed", "Failed", "Completed", "Canceled")):
        run = runstore.start_run(
            "é 😀", run_id=how + str(number), params={"n": number}, tags={"t": how}, workspace=path
        )
        for i in range(200):
            run.log({"loss": 1 / (i + 1), "text": f"\0{i}"}, step=i)
            run.log("indexed", i)
        run.log_row("table", a=number, b=[None, 1.5])
        run.upload_file("small", io.BytesIO(b"small"))
        run.upload_file("large", io.BytesIO(os.urandom(300_000)))
        {"Completed": run.complete, "Failed": run.fail, "Canceled": run.cancel}[how]()
        if number < 2:
            sealing.seal(path, run.path)
            compaction.compact(path, grace=0)
    with runstore.start_run("é 😀", run_id="Failed1", workspace=path) as again:
        again.log("loss", 0.5, step=100)
    template.start(endings.end, shared, path=path, run_id="vanished", how="leaves_at_once").wait()


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_copy_answers_the_same(
    way: str, templates: dict[str, Template], shared: Shared, workspace: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    fill(workspace, templates["mapped"], shared)
    before = answers(workspace)
    copy = tmp_path / "elsewhere" / "copy"
    copy.parent.mkdir()
    WAYS[way](workspace, copy)
    if workspace.exists():
        before = answers(workspace)
    assert answers(copy) == before
    oracle.sound(copy)
    assert compaction.compact(copy, grace=0).damaged == []
    assert answers(copy) == before


def test_a_copy_goes_on_by_itself(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    with runstore.start_run("e", run_id="r", workspace=workspace) as run:
        run.log("v", 1.0, step=1)
    command("cp", "-a", workspace, tmp_path / "copy")
    for place, value in ((workspace, 2.0), (tmp_path / "copy", 3.0)):
        with runstore.start_run("e", run_id="r", workspace=place) as run:
            run.log("v", value, step=2)
    for place, value in ((workspace, 2.0), (tmp_path / "copy", 3.0)):
        assert runstore.Workspace(place).get_run("r").get_metrics() == {"v": [1.0, value]}
