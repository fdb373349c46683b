"""A sweep as it lies in a store, without any process that would run it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import runstore
from runstore.launch.config import ScriptRunConfig
from runstore.launch.sweep.config import HYPERPARAMETERS, Sweep


def sweep(**given: Any) -> Sweep:
    known = {"parameters": {"--lr": ("uniform", 0, 1)}, "metric": "loss", "runs": 4, "seed": 1}
    return Sweep(ScriptRunConfig(script="a.py"), **{**known, **given})


def parent(workspace: Path, wanted: Sweep, run_id: str = "HD_1") -> runstore.Run:
    run = runstore.start_run("e", run_id=run_id, workspace=workspace, type="hyperdrive")
    properties, tags = wanted.labels()
    run.add_properties(properties)
    run.set_tags(tags)
    return run


def child(
    parent: runstore.Run,
    number: int,
    values: Mapping[str, Any],
    logged: Sequence[Any] = (),
    end: str | None = "complete",
) -> runstore.Run:
    """A child that has logged values of ``loss``, and ended so; None: it goes on."""
    run = parent.child_run(run_id=f"{parent.id}_{number}", type="azureml.scriptrun")
    run.add_properties({HYPERPARAMETERS: json.dumps(dict(values))})
    for value in logged:
        run.log("loss", value)
    if end is not None:
        getattr(run, end)()
    return run
