"""Small random workspaces, and what is true of them, told in plain Python: what tests of comparisons stand on."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import strategies as st

import runstore
from runstore.query import sealing
from runstore.runs import seal

METRICS = ("loss", "val/loss", "acc%", "Näme[0]")

values = st.one_of(
    st.floats(-100, 100),
    st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 0.1]),
    st.integers(-3, 3),
    st.sampled_from([2**53 + 1, -(2**53) - 1, 2**63, 2**70]),
    st.booleans(),
    st.sampled_from(["text", "7", ""]),
    st.none(),
)
leaves = st.one_of(st.integers(-2, 2), st.floats(-1, 1), st.booleans(), st.sampled_from(["adam", "sgd"]))


@dataclass(frozen=True)
class Attempt:
    """What one attempt logs: name, value, step; and whether it is sealed afterwards."""

    points: list[tuple[str, Any, int | None]]
    sealed: bool


@dataclass
class Told:
    """A run, and what it was told. ``ended``: whether its last attempt is."""

    attempts: list[Attempt]
    params: dict[str, Any]
    experiment: str
    ended: bool
    run_id: str = ""
    series: dict[str, list[Any]] = field(default_factory=dict)

    def figure(self, metric: str, of: str) -> float | None:
        """A figure of a metric, as ``metric_summary`` is documented."""
        series = self.series.get(metric, [])
        if of in ("first", "last"):
            return number(series[0 if of == "first" else -1]) if series else None
        finite = [v for v in map(number, series) if v is not None and math.isfinite(v)]
        if not finite:
            return None
        return {"min": min(finite), "max": max(finite), "mean": math.fsum(finite) / len(finite)}[of]


attempts = st.builds(
    Attempt,
    st.lists(st.tuples(st.sampled_from(METRICS), values, st.one_of(st.none(), st.integers(0, 6))), max_size=8),
    st.booleans(),
)
runs = st.builds(
    Told,
    st.lists(attempts, min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(["lr", "optimizer.name", "loss"]), leaves, max_size=3),
    st.sampled_from(["a", "b"]),
    st.booleans(),
)
stores = st.lists(runs, min_size=1, max_size=4)


def number(value: Any) -> float | None:
    """The DOUBLE of a value."""
    return float(value) if isinstance(value, int | float) else None


def resolved(attempts: list[Attempt]) -> dict[str, list[Any]]:
    """The values that count: none at or after the first explicit step of a later attempt, for each metric by itself."""
    begun = {
        (name, at): next(step for one, _, step in attempt.points if one == name and step is not None)
        for at, attempt in enumerate(attempts)
        for name in {one for one, _, step in attempt.points if step is not None}
    }
    found: dict[str, list[Any]] = {}
    for at, attempt in enumerate(attempts):
        for name, value, step in attempt.points:
            later = [first for (one, k), first in begun.items() if one == name and k > at]
            if step is None or all(first > step for first in later):
                found.setdefault(name, []).append(value)
    return found


@contextmanager
def made(told: list[Told]) -> Iterator[runstore.Workspace]:
    """A workspace in which these runs were logged, in this order."""
    unsealed = mock.patch.object(seal, "request", lambda workspace, run_dir: None)  # but where it is meant
    with unsealed, tempfile.TemporaryDirectory() as directory:
        ws = runstore.Workspace(Path(directory) / "ws")
        still_open = []
        for at, one in enumerate(told):
            one.run_id, one.series = f"run-{at}", resolved(one.attempts)
            for number, attempt in enumerate(one.attempts):
                run = runstore.start_run(one.experiment, run_id=one.run_id, workspace=ws)
                if number == 0:
                    run.log_params(one.params)
                for name, value, step in attempt.points:
                    run.log(name, value, step=step)
                run.flush()
                if number == len(one.attempts) - 1 and not one.ended:
                    still_open.append(run)
                    continue
                run.complete()
                if attempt.sealed:
                    sealing.seal(ws.path, run.path)
        yield ws
        for run in still_open:
            run.complete()
