"""A workspace in which there is something of everything to collect, and what must stay of it."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import runstore
from runstore.disk import pack
from runstore.format import names
from runstore.query import compaction
from runstore.query.views import VIEWS

DAY = 86_400.0


def ended(ws: runstore.Workspace, run_id: str, contents: dict[str, bytes], points: int = 20) -> Any:
    """A run that logged points and these artifacts."""
    run = runstore.start_run("e", run_id=run_id, params={"lr": 0.1}, workspace=ws)
    for step in range(points):
        run.log("loss", step / 7, step=step)
    for name, data in contents.items():
        run.upload_file(name, io.BytesIO(data))
    run.complete()
    return run


def filled(ws: runstore.Workspace, compact: Callable[[Path], object] = compaction.compact) -> set[str]:
    """Runs of which some are deleted, unused content, leftovers; gives the ids of those that stay."""
    large = os.urandom(pack.SMALL)
    first = ended(ws, "gone-1", {"f": b"shared with one", "own": b"of one alone", "m": b"a model", "large": large})
    ended(ws, "gone-2", {"l": os.urandom(pack.SMALL)})
    ended(ws, "gone-3", {"f": b"shared with one"})
    ended(ws, "stays-1", {"f": b"shared with one", "large": large, "own": b"its own"})
    lost = ended(ws, "stays-2", {"lost": b"lost", "kept": b"kept", "large": os.urandom(pack.SMALL)})
    first.register_model("m", "m")
    compact(ws.path)
    lost.remove_files(["lost", "large"])
    ws.delete(["gone-1", "gone-2", "gone-3"])
    old = ws.path / names.run_dir("stays-2") / names.temporary("points-x", "ab")
    for path in (old, ws.path / names.BLOBS / names.temporary("x", "cd")):
        path.write_bytes(b"half")
    age(ws.path)
    return {"stays-1", "stays-2"}


def age(path: Path, seconds: float = 2 * DAY) -> None:
    """Let everything there have been touched that long ago."""
    then = time.time() - seconds
    for one in path.rglob("*"):
        if one.is_file():
            os.utime(one, (then, then))


def tree(path: Path) -> dict[str, int]:
    """Every file with its size."""
    return {one.relative_to(path).as_posix(): one.stat().st_size for one in path.rglob("*") if one.is_file()}


def answers(ws: runstore.Workspace) -> dict[str, list[Any]]:
    """What every view says."""
    return {view: sorted(ws.sql(f"select * from {view}").fetchall(), key=repr) for view in VIEWS}


def whole(ws: runstore.Workspace, stays: set[str]) -> None:
    """What must stay is there, every byte of it."""
    assert {row[0] for row in ws.sql("select run_id from runs").fetchall()} == stays
    assert ws.get_run("stays-1").read_file("f") == b"shared with one"
    assert len(ws.get_run("stays-1").read_file("large")) == pack.SMALL
    assert ws.get_run("stays-2").read_file("kept") == b"kept"
    assert Path(ws.models["m"].download(ws.path.parent / "got", exist_ok=True)).read_bytes() == b"a model"
