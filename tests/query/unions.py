"""Two workspaces that have something in common, and how to look at all that is in one."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import runstore
from runstore.query import compaction
from runstore.query.views import VIEWS

RUNS = ("r0", "r1", "r2")
ops = st.lists(
    st.tuples(
        st.sampled_from(
            ["log", "log", "tag", "note", "delete", "restore", "seal", "block", "experiment", "upload", "model"]
        ),
        st.sampled_from(RUNS),
        st.integers(0, 9),
    ),
    max_size=7,
)


def logged(ws: runstore.Workspace, run_id: str, number: int = 0, **files: bytes) -> Any:
    """A run, or its next attempt, with something for most views."""
    with runstore.start_run("e", run_id=run_id, workspace=ws, params={"lr": number}) as run:
        for step in range(3):
            run.log("loss", number + step / 10, step=number + step)
        run.log_row("sample", x=number)
        for name, data in files.items():
            run.upload_file(name, io.BytesIO(data))
    return run


def done(ws: runstore.Workspace, told: list[tuple[str, str, int]], side: str) -> None:
    """Do all this in a workspace; what can't be done to a run that isn't there, or is deleted, is left out."""
    for what, run_id, number in told:
        there = {row[0] for row in ws.sql("select run_id from runs").fetchall()}
        gone = {one.run_id for one in ws.deleted()}
        if what == "log" and run_id not in gone:
            logged(ws, run_id, number)
        elif what == "restore" and run_id in gone:
            ws.restore(run_id)
        elif what == "seal":
            compaction.compact(ws.path, grace=0)
        elif what == "block":
            for _ in range(1 + number % 2):  # and what a block has goes the next time
                compaction.compact(ws.path, grace=0, enough=1)
        elif what == "experiment":
            ws.experiment("e").tag(f"k{number % 2}", side)
        elif run_id in there:
            _edited(ws, what, run_id, number, side)


def _edited(ws: runstore.Workspace, what: str, run_id: str, number: int, side: str) -> None:
    run = ws.get_run(run_id)
    if what == "tag":
        run.set_tags({f"k{number % 2}": f"{side}{number}"})
    elif what == "note":
        run.note(f"{side}{number}")
    elif what == "delete":
        ws.delete(run_id)
    elif what == "upload":
        with runstore.start_run("e", run_id=run_id, workspace=ws) as more:
            more.upload_file(f"{side}-{number}", io.BytesIO(bytes([number]) * 40), overwrite=True)
    elif what == "model":
        with runstore.start_run("e", run_id=run_id, workspace=ws) as more:
            more.upload_file("m", io.BytesIO(b"weights"), overwrite=True)
            more.register_model(f"model-{side}", "m")


def answers(ws: runstore.Workspace) -> dict[str, list[str]]:
    """Every view, whole, in no order; means as far as the order of adding up doesn't matter."""
    columns = {"metric_summary": "* replace (round(mean, 9) as mean)"}
    asked = {view: f"select {columns.get(view, '*')} from {view}" for view in VIEWS}
    found = {view: sorted(map(repr, ws.sql(query).fetchall())) for view, query in asked.items()}
    return {**found, "deleted": sorted(map(repr, ws.deleted()))}


def content(path: Path) -> dict[str, bytes]:
    """Every file that matters."""
    paths = [one for one in path.rglob("*") if one.is_file() and one.suffix != ".lock"]
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in paths}


def copied(ws: runstore.Workspace, to: Path) -> runstore.Workspace:
    shutil.copytree(ws.path, to)
    return runstore.Workspace(to)
