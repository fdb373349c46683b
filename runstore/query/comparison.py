"""Runs side by side: which params differ, and how the metrics came out. The command, a notebook and others show it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from runstore.query import connect, history, listing
from runstore.runs.state import RunState

# Which way is better can only be guessed from a metric's name; where it says nothing, nothing is called the best.
_LESS = {"loss", "err", "error", "mse", "rmse", "mae", "mape", "nll", "perplexity", "ppl", "wer", "cer", "fid", "bpc"}
_MORE = {"acc", "accuracy", "f1", "auc", "auroc", "ap", "map", "r2", "score", "precision", "recall", "iou", "miou"}
_MORE |= {"dice", "bleu", "rouge", "psnr", "ssim", "reward", "return", "top1", "top5"}


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the runs."""

    run_id: str
    experiment: str
    name: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Param:
    """A param, its values in the order of the runs. ``given``: whether a run has it; where not, its value is None."""

    name: str
    changed: bool
    values: list[Any]
    given: list[bool]


@dataclass(frozen=True, slots=True)
class Metric:
    """The last values of a metric, in the order of the runs; None where there is no number.

    ``delta``: less the first run's value; ``percent``: of its size. ``best``: the best value, where the name says
    which way is better.
    """

    name: str
    changed: bool
    values: list[float | None]
    delta: list[float | None]
    percent: list[float | None]
    best: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs compared: all their params and metrics; ``changed`` says whether one is not the same in all runs."""

    runs: list[Compared]
    params: list[Param] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The same as dicts and lists."""
        return asdict(self)

    def _repr_html_(self) -> str:
        """What differs as a table, for notebooks."""
        from runstore.query import side_by_side

        return side_by_side.html(self)


def compare(workspace: Path, run_ids: Sequence[str]) -> Comparison:
    """Compare runs, which there are, by their whole ids."""
    found = {run.run_id: run for run in listing.some(workspace, run_ids)}
    runs = [found[run_id] for run_id in run_ids]
    params = [listing.params(run) for run in runs]
    last = _last(workspace, runs)
    return Comparison(
        [Compared(run.run_id, run.experiment, run.display_name or run.name, run.status) for run in runs],
        [_param(name, params) for name in _names(params)],
        [_metric(name, [one.get(name) for one in last]) for name in _names(last)],
    )


def _last(workspace: Path, runs: Sequence[RunState]) -> list[dict[str, float | None]]:
    holes = ", ".join(connect.quoted(run.run_id) for run in runs)
    query = f"SELECT run_id, name, last FROM metric_summary WHERE run_id IN ({holes}) ORDER BY name"
    by_run: dict[str, dict[str, float | None]] = {run.run_id: {} for run in runs}
    for run_id, name, value in history.ask(workspace, query).fetchall():
        if run_id in by_run:
            by_run[run_id][name] = value
    return [by_run[run.run_id] for run in runs]


def _names(found: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for one in found for name in one))


def _param(name: str, params: Sequence[Mapping[str, Any]]) -> Param:
    values, given = [one.get(name) for one in params], [name in one for one in params]
    return Param(name, not (all(given) and all(_same(value, values[0]) for value in values)), values, given)


def _metric(name: str, values: list[float | None]) -> Metric:
    first = values[0]
    delta = [None if value is None or first is None else value - first for value in values]
    percent = [None if d is None or not first or not math.isfinite(d) else 100 * d / abs(first) for d in delta]
    same = all(_same(value, first) for value in values)
    return Metric(name, not same, values, delta, percent, None if same else best(name, values))


def best(name: str, values: Sequence[float | None]) -> float | None:
    """The best of the values; None where the name doesn't say which way is better, or there is nothing to choose."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    words = set(re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
    less, more = bool(words & _LESS), bool(words & _MORE)
    if less == more or sum(value is not None for value in values) < 2 or not finite:
        return None
    return min(finite) if less else max(finite)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other):
        return True
    if isinstance(one, list | dict) or isinstance(other, list | dict):
        return type(one) is type(other) and listing.shown(one) == listing.shown(other)
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
