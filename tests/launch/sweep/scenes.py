"""A sweep as it lies in a store, without any process that would run it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import runstore
from runstore.launch.config import ScriptRunConfig
from runstore.launch.sweep.config import HYPERPARAMETERS, Sweep


def sweep(**given: Any) -> Sweep:
    known = {"parameters": {"--lr": ("uniform", 0, 1)}, "metric": "loss", "runs": 4, "seed": 1}
    return Sweep(ScriptRunConfig(script="a.py"), **{**known, **given})


def standing(values: Sequence[float], maximize: bool = False) -> dict[int, float]:
    """How a child stands after each of its values: by the best one so far; NaN where all were NaN."""
    found: dict[int, float] = {}
    best = math.nan
    for interval, value in enumerate(values, 1):
        if math.isfinite(value) and (math.isnan(best) or (value > best if maximize else value < best)):
            best = value
        found[interval] = best
    return found


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
