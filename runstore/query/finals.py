"""Final values and summaries of the folded runs in scope: from seal records where these tell, else from points."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from typing import Any

from runstore.query import summaries
from runstore.query.connect import quoted
from runstore.query.points import Points
from runstore.query.scope import Scope

_NOTHING: Mapping[str, Any] = {}


class Finals(Scope):
    """What metrics came to."""

    def _last_values(self) -> list[Mapping[str, Any]]:
        """Per run, the last value of each metric, as in seal records."""
        if not self._statement.last:
            return [_NOTHING] * len(self.catalog.loose)
        found = self._last_values_of_names()
        if self.points.live and not {".".join(path) for path in self._statement.last.paths} <= {
            *itertools.chain(*found)
        }:
            # written in other case, or the beginning of names
            self.points = Points(self._connection, self.scope, None, self._until, self.indexed, kept=True)
            found = self._last_values_of_names()
        return found

    def _last_values_of_names(self) -> list[Mapping[str, Any]]:
        found = self._final()
        return [found.get(run.run_id, _NOTHING) for run in self.catalog.loose]

    def _final(self) -> dict[str, Mapping[str, Any]]:
        """By run, the last value of each metric, of most runs as the listing remembers it."""
        plain: dict[str, Mapping[str, Any]] = {}
        for run in self.points.runs:
            records = run.inventory.active
            if run.run_id not in self.points.live and len(records) < 2 and not self.points.sealed_later(run):
                plain[run.run_id] = run.inventory.lasts[records[0][0]] if records else _NOTHING
        others = self._summed_up([run.run_id for run in self.points.runs if run.run_id not in plain])
        for run_id, summary in others.items():
            plain[run_id] = {metric: one["last"] for metric, one in summary.items()}
        return plain

    def values(self, of: str) -> Mapping[str, Mapping[str, Any]]:
        """By run, a figure of each metric (``last`` or another column of ``metric_summary``), as in seal records."""
        if of == "last":
            return self._final()
        found = self._summed_up([run.run_id for run in self.points.runs])
        return {run_id: {metric: one[of] for metric, one in by_metric.items()} for run_id, by_metric in found.items()}

    def _summed_up(self, run_ids: Collection[str]) -> summaries.ByRun:
        hard = [run_id for run_id in run_ids if summaries.needs_points(self.points, run_id)]
        if hard:
            self._view("curves", self._curve_points(hard))
        names = None if self._statement.last else self._statement.names
        return summaries.of(self._connection, self.points, run_ids, "curves", self._condition(), names)

    def _condition(self) -> str:
        """Which metrics' summaries are needed: those that the fields named can mean, and those asked for."""
        wanted, summed = self._statement, "metric_summary" in self._statement.views
        if wanted.last.whole or (summed and wanted.names is None):
            return "true"
        dotted = [quoted(".".join(path)) for path in wanted.last.paths]
        parts = [f"lower(name) = lower({one}) OR starts_with(name, {one} || '.')" for one in dotted]
        parts += [f"name = {quoted(one)}" for one in wanted.names or ()] if summed else []
        return " OR ".join(parts) or "false"
