"""Runs to look at."""

from __future__ import annotations

import runstore
from runstore.format import names


def finished(ws: runstore.Workspace, lr: float = 0.1, run_id: str | None = None, experiment: str = "mnist") -> str:
    """A run that ended well, with two metrics of three points; its id."""
    with runstore.start_run(experiment, run_id=run_id, params={"lr": lr, "batch": 32}, workspace=ws) as run:
        for step in range(3):
            run.log({"loss": lr / (step + 1), "acc": step / 10}, step=step)
    return run.id


def damaged(ws: runstore.Workspace, run_id: str) -> str:
    """Flip a bit of a finished run's facts; gives the file's name."""
    path = ws.path / names.run_dir(run_id) / "a1.jsonl"
    data = bytearray(path.read_bytes())
    data[data.index(b'"lr"') + 1] ^= 1  # within a line of data, so that it is one finding
    path.write_bytes(data)
    return path.name
