"""Runs to look at."""

from __future__ import annotations

import io

import pytest

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


def rich(ws: runstore.Workspace) -> str:
    """A run with something of everything, that failed."""
    run = runstore.start_run("mnist", name="big", params={"lr": 0.1, "o": {"n": "adam"}}, tags={"t": "v"}, workspace=ws)
    with pytest.raises(ZeroDivisionError), run:
        for step in range(50):
            run.log("loss", 1 / (step + 1), step=step)
        run.log("verdict", "good")
        run.log("odd", float("nan"))
        run.log_row("sample", x=1)
        run.add_properties({"commit": "abc"})
        run.description = "what it is for"
        run.note("first note")
        run.upload_file("out/model.bin", io.BytesIO(b"x" * 2000))
        raise ZeroDivisionError("no\nway")
    return run.id
