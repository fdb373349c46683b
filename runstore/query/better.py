"""Is A better than B? A paired bootstrap over runs that have a partner of the same seed on the other side."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from runstore.errors import QueryError, UsageError
from runstore.query import connect, history, listing, seeds
from runstore.query.connect import quoted

Key: TypeAlias = tuple[Any, ...]

MIN, MAX = "min", "max"
CONFIDENCE = 0.95
FEW = 6  # with fewer pairs even a difference that has one sign in all of them may be chance


@dataclass(frozen=True, slots=True)
class Pair:
    """A run of A and one of B that share a key; of several with that key on one side, their mean."""

    key: Any
    a: float
    b: float

    @property
    def difference(self) -> float:
        """A less B."""
        return self.a - self.b


@dataclass(frozen=True, slots=True)
class Better:
    """The answer to "is A better than B?".

    ``difference``: the mean of A less B over the pairs. ``interval``: where it lies with a confidence of 95 %, and
    ``probability``: how often A is better among resampled pairs; both None for a single pair, which tells neither.
    ``unpaired``: the runs that took no part, each with why.
    """

    metric: str
    of: str
    mode: str
    pairs: tuple[Pair, ...]
    difference: float
    interval: tuple[float, float] | None
    probability: float | None
    unpaired: dict[str, str]

    @property
    def verdict(self) -> str:
        """The answer in one line."""
        what, count = f"{self.of} {self.metric!r}", len(self.pairs)
        if self.interval is None:
            return f"one pair can't tell: {what} of A less that of B is {self.difference:.4g}"
        low, high = self.interval
        over = f"(95 %: {low:.4g} to {high:.4g}) over {count} pairs"
        over += f"; fewer than {FEW} pairs make this interval too narrow" if count < FEW else ""
        if low <= 0 <= high:
            return f"no difference shown: {what} of A less that of B is {self.difference:.4g} on average {over}"
        lower = self.difference < 0
        winner, loser = ("A", "B") if lower == (self.mode == MIN) else ("B", "A")
        side = f"{what} of A less that of B is {self.difference:.4g} on average"
        return f"{winner} is better than {loser}: {side} {over}"

    def __str__(self) -> str:
        return self.verdict


def better(
    workspace: Path,
    metric: str,
    a: str | Iterable[str],
    b: str | Iterable[str],
    by: str | Iterable[str],
    mode: str,
    of: str,
    samples: int,
    seed: int,
) -> Better:
    """See ``Workspace.better``; runs are given by their full ids."""
    if mode not in (MIN, MAX):
        raise UsageError(f"mode {mode!r}; it is 'min' (lower is better) or 'max'")
    if samples < 100:
        raise UsageError(f"samples {samples}; at least 100 resamples tell something")
    ids = [_chosen(workspace, side) for side in (a, b)]
    if both := set(ids[0]) & set(ids[1]):
        raise UsageError(f"run {min(both)} is in both A and B; a run isn't compared with itself")
    named = [by] if isinstance(by, str) else list(by)
    if not named:
        raise UsageError("pair_by names nothing; pairs need something in common, such as 'params.seed'")
    found = _read(workspace, metric, [*ids[0], *ids[1]], named, of)
    sides, unpaired = _by_key(ids, found, f"{of} {metric!r}", named)
    pairs = [Pair(_shown(key), _mean(sides[0][key]), _mean(sides[1][key])) for key in sides[0] if key in sides[1]]
    if not pairs:
        why = "; ".join(f"run {listing.short(run_id)}: {reason}" for run_id, reason in list(unpaired.items())[:2])
        raise QueryError(f"no run of A shares {' and '.join(named)} with one of B ({why or 'there are none'})")
    differences = [pair.difference for pair in pairs]
    interval, probability = _bootstrap(differences, mode, samples, seed) if len(pairs) > 1 else (None, None)
    return Better(metric, of, mode, tuple(pairs), _mean(differences), interval, probability, unpaired)


def _chosen(workspace: Path, side: str | Iterable[str]) -> list[str]:
    """The ids of a side's runs: as given; of a text that is no run's id, those that the filter leaves."""
    if not isinstance(side, str):
        return list(dict.fromkeys(side))
    if listing.some(workspace, [side]):
        return [side]
    return [row[0] for row in history.runs(workspace, where=side, columns=["run_id"]).fetchall()]


def _read(workspace: Path, metric: str, run_ids: Iterable[str], by: Sequence[str], of: str) -> dict[str, list[Any]]:
    """By run: its number, None where it has none, and then its keys."""
    connection = connect.connect()
    with connect.refusals():
        keys = ", ".join(seeds.keyed(connection, workspace, by, None, None))
        seeds.values(connection, workspace, metric, of)
        listed = ", ".join(map(quoted, run_ids)) or "NULL"
        query = f"SELECT run_id, v, {keys} FROM keyed LEFT JOIN run_values USING (run_id) WHERE run_id IN ({listed})"
        rows = connection.execute(f"{query} ORDER BY {keys}, v, run_id").fetchall()  # the same draws whatever the ids
    return {run_id: values for run_id, *values in rows}


def _by_key(
    ids: Sequence[Sequence[str]], found: Mapping[str, Sequence[Any]], what: str, by: Sequence[str]
) -> tuple[list[dict[Key, list[float]]], dict[str, str]]:
    """The numbers of both sides by key, in the order of keys, and the runs without a partner, each with why."""
    sides: list[dict[Key, list[float]]] = [{}, {}]
    unpaired: dict[str, str] = {}
    whose: dict[str, Key] = {}
    for side, run_ids in zip(sides, ids, strict=True):
        for run_id, (value, *keys) in found.items():
            if run_id not in run_ids:
                continue
            if None in keys:
                unpaired[run_id] = f"it has no {by[keys.index(None)]}"
            elif value is None or not math.isfinite(value):
                unpaired[run_id] = f"its {what} is {'no number' if value is None else value}"
            else:
                whose[run_id] = tuple(keys)
                side.setdefault(whose[run_id], []).append(value)
    for number, run_ids in enumerate(ids):
        for run_id in run_ids:
            if run_id in whose and whose[run_id] not in sides[1 - number]:
                given = ", ".join(f"{one} {key!r}" for one, key in zip(by, whose[run_id], strict=True))
                unpaired[run_id] = f"no run of {'BA'[number]} has {given}"
    return sides, unpaired


def _bootstrap(differences: Sequence[float], mode: str, samples: int, seed: int) -> tuple[tuple[float, float], float]:
    """The interval of the mean difference and how often A is better, over pairs drawn with replacement."""
    source, count = random.Random(seed), len(differences)
    means = sorted(_mean(source.choices(differences, k=count)) for _ in range(samples))
    tail = (1 - CONFIDENCE) / 2
    lower, same = sum(mean < 0 for mean in means), sum(mean == 0 for mean in means)
    wins = lower if mode == MIN else samples - lower - same
    return (_quantile(means, tail), _quantile(means, 1 - tail)), (wins + same / 2) / samples


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _shown(key: Key) -> Any:
    return key[0] if len(key) == 1 else key
