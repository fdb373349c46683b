"""One moment of a workspace, bound to a connection as views: one listing, one tail, only what the statement needs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from runstore.query import consoles, feed, fields, files, groups, listing, macros, past, recount, summaries, views
from runstore.query.connect import DuckDBPyConnection, name, quoted
from runstore.query.points import Points
from runstore.query.statement import Statement
from runstore.runs import models
from runstore.runs.models import ModelState
from runstore.runs.state import RunState

Row = dict[str, Any]
_Told = TypeVar("_Told")
_NOTHING: Mapping[str, Any] = {}
_EVERY_RUN = {"runs", "experiments"}  # views that need every run whatever is asked about: they count or number them
_OVER_FACTS = views.VIEWS.keys() - views.OVER_POINTS - views.OVER_SIDES - {"metric_summary"}
_NOT_IN_LISTS = views.VIEWS["metric_summary"].keys() - {"run_id", "experiment", "name", "last"}


class Moment:
    """What a statement is answered from."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        workspace: Path,
        statement: Statement,
        every: list[RunState] | None = None,
        until: int | None = None,
    ) -> None:
        self._connection, self._workspace, self._statement, self._until = connection, workspace, statement, until
        if every is not None:
            self.every = every

    def bind(self) -> None:
        """Make the views and macros that the statement names; where it asks what views there are, the others empty."""
        makers: dict[str, Callable[[], str]] = {
            "runs": self._runs, "experiments": self._experiments, "params": self._params, "tags": self._tags,
            "properties": self._properties, "metrics": self._metrics, "curve_points": self._curve_points,
            "metric_summary": self._metric_summary, "rows": self._rows, "artifacts": self._artifacts,
            "system_metrics": self._system_metrics, "logs": self._logs,
            "writers": self._writers, "models": self._models,
        }  # fmt: skip
        named = self._statement.views
        if self._until is not None and named - {"models"}:
            past.warn_of_removed(self._workspace, self._until, self._statement.experiments)
        for view in views.VIEWS if self._statement.catalog else sorted(named):
            self._view(view, makers[view]() if view in named and view in makers else views.empty(view))
        for macro in self._statement.macros:
            macros.make(self._connection, macro)

    @cached_property
    def every(self) -> list[RunState]:
        """Every run of the workspace."""
        return listing.runs(self._workspace, self._until)

    @cached_property
    def scope(self) -> list[RunState]:
        """The runs whose rows can matter to the statement."""
        wanted = self._statement
        if wanted.run_ids is not None and not wanted.views & _EVERY_RUN:
            runs = listing.some(self._workspace, wanted.run_ids, until=self._until)
        else:
            runs = [run for run in self.every if wanted.run_ids is None or run.run_id in wanted.run_ids]
        return [run for run in runs if wanted.experiments is None or run.experiment in wanted.experiments]

    @cached_property
    def points(self) -> Points:
        """The points of the runs in scope, of the metrics in scope."""
        wanted, names = self._statement, self._names()
        found = Points(self._connection, self.scope, names, self._until)
        if wanted.views & views.OVER_SIDES:
            _ = found.sides  # before any point is loaded
        return found

    def _names(self) -> Collection[str] | None:
        """The metrics whose points can matter; None where that can't be told."""
        wanted = self._statement
        names: set[str] = set()
        if "runs" in wanted.views:
            names |= {".".join(path) for path in wanted.last.paths}
        named = wanted.views - _OVER_FACTS
        if (wanted.last.whole and "runs" in wanted.views) or (named and wanted.names is None):
            return None
        if not named <= views.NARROWED | {"metric_summary"} or (wanted.numbers and named & views.NARROWED):
            return None
        return names | (wanted.names or set() if named else set())

    # ---- views over facts

    def _runs(self) -> str:
        wanted, numbers = self._statement, listing.numbers(self.every)
        last = self._last_values()
        params: list[Mapping[str, Any]] = [run.params if wanted.params else {} for run in self.every]
        rows = [{"number": numbers[run.run_id], **_run_row(run)} for run in self.every]
        if self._until is not None and (wanted.columns is None or "points" in wanted.columns):
            counted = recount.points(self.every, self._until)
            for row in rows:
                row["points"] = counted.get(row["run_id"], row["points"])
        columns, structs = views.stored("runs"), {}
        for struct, what, chosen, given in (
            ("params", "param", wanted.params, params),
            ("last", "metric", wanted.last, last),
        ):
            known = dict.fromkeys(key for one in given for key in one)
            sure = bool(rows) and struct not in wanted.tables  # else nothing has any name, or a table's column is meant
            found = fields.resolve(chosen, known, f"{struct}_", what if sure else None)
            columns |= _fill(rows, given, found)
            structs[struct] = found.sql()
        feed.rows(self._connection, "all_runs", columns, rows)
        return views.listed("runs", "all_runs", structs)

    def _last_values(self) -> list[Mapping[str, Any]]:
        """Per run, the last value of each metric, as in seal records."""
        if not self._statement.last:
            return [_NOTHING] * len(self.every)
        found = self._last_values_of_names()
        if self.points.live and not {".".join(path) for path in self._statement.last.paths} <= {
            *itertools.chain(*found)
        }:
            # written in other case, or the beginning of names
            self.points = Points(self._connection, self.scope, None, self._until)
            found = self._last_values_of_names()
        return found

    def _last_values_of_names(self) -> list[Mapping[str, Any]]:
        found = self._final()
        return [found.get(run.run_id, _NOTHING) for run in self.every]

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

    def _experiments(self) -> str:
        rows = (
            {
                "experiment": one.name,
                "created": _micro(one.created),
                "runs": one.runs,
                "last_start": _micro(one.last_start),
                "archived": one.archived,
            }
            for one in groups.experiments(self._workspace, self.every, self._until).values()
        )
        return self._listed("experiments", rows)

    def _params(self) -> str:
        leaves = (
            (run, attempt.number, key, listing.value(leaf))
            for run in self.scope
            for attempt in run.attempts
            for key, leaf in attempt.params.items()
        )
        return self._listed(
            "params", ({**_whose(run), "attempt": n, "name": key, **fields.point(v)} for run, n, key, v in leaves)
        )

    def _tags(self) -> str:
        return self._listed("tags", (row for run in self.scope for row in _labels(run, run.tags)))

    def _properties(self) -> str:
        return self._listed("properties", (row for run in self.scope for row in _labels(run, run.properties)))

    def _artifacts(self) -> str:
        facts = ((run, fact) for run in self.scope for fact in files.current(run).values())
        return self._listed("artifacts", ({**fact, **_whose(run), "time": _micro(fact["time"])} for run, fact in facts))

    def _writers(self) -> str:
        return self._listed(
            "writers", (_writer_row(run, index) for run in self.scope for index in range(len(run.writers)))
        )

    def _models(self) -> str:
        return self._listed("models", (_model_row(state) for state in models.every(self._workspace, until=self._until)))

    # ---- views over points

    def _metrics(self) -> str:
        return views.points_view(self.points.sql("points"))

    def _rows(self) -> str:
        return views.rows_view(self.points.sql("rows"))

    def _system_metrics(self) -> str:
        return views.system_view(self.points.sql("system"))

    def _logs(self) -> str:
        source = self.points.later_too("logs")  # a line that was printed has the time of the mark after it
        asked = f"SELECT run_id, rtrim(writer, 's'), name, mark, epoch_us(time) FROM ({source}) WHERE mark IS NOT NULL"
        marks: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        for run_id, writer, stream, size, time in self._connection.execute(f"{asked} ORDER BY mark").fetchall():
            marks.setdefault((run_id, writer, stream), []).append((size, time))
        runs = self.points.runs
        consoles.load(self._connection, runs if self._until is None else map(recount.streams, runs), marks)
        found = f"{views.logs_view(source)} UNION ALL SELECT * FROM printed"
        return found if self._until is None else f"SELECT * FROM ({found}) WHERE {past.condition(self._until)}"

    def _curve_points(self, only: Collection[str] | None = None) -> str:
        runs = self.points.runs if only is None else [self.points[run_id] for run_id in only]
        source = self.points.sql("points", only)
        if all(len(run.attempts) < 2 for run in runs):
            return views.points_view(source)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE begun AS {views.BEGUN.format(source=source)}")
        return views.points_view(source, "begun")

    def _metric_summary(self) -> str:
        columns, names = self._statement.columns, self._statement.names
        whose = {run.run_id: run.experiment for run in self.points.runs}
        if columns is None or columns & _NOT_IN_LISTS:
            rows = _chosen(self._summed_up(whose), whose, names, _summary_row)
        else:
            rows = _chosen(self._final(), whose, names, _last_row)
        return self._listed("metric_summary", rows)

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

    def _listed(self, view: str, rows: Iterable[Mapping[str, object]]) -> str:
        table = f"all_{view}"
        feed.rows(self._connection, table, views.stored(view), rows)
        return views.listed(view, table)

    def _view(self, view: str, sql: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {name(view)} AS {sql}")


def _fill(rows: list[Row], given: list[Mapping[str, Any]], wanted: fields.Columns) -> dict[str, str]:
    """Put each wanted name's values into the rows; give their columns' types."""
    columns: dict[str, str] = {}
    for key, column in wanted.names.items():
        columns[column], converted = fields.typed([listing.value(one.get(key)) for one in given])
        for row, value in zip(rows, converted, strict=True):
            row[column] = value
    return columns


def _run_row(run: RunState) -> Row:
    return {
        **_whose(run),
        "name": run.display_name or run.name,
        "parent_id": run.parent_id,
        "type": run.type,
        "status": run.status,
        "started": _micro(run.started),
        "ended": _micro(run.ended),
        "attempts": len(run.attempts),
        "writers": len(run.writers),
        "points": run.points,
        "dropped": run.dropped,
        "warnings": run.warnings,
        "errors": run.errors,
        "error": run.error,
        "host": run.host,
        "user": run.user,
        "archived": run.archived,
        "tags": {key: listing.shown(listing.value(value)) for key, (value, _) in run.tags.items()},
    }


def _writer_row(run: RunState, index: int) -> Row:
    writer = run.writers[index]
    kept = ("writer", "attempt", "rank", "host", "pid", "state", "dropped")
    times = {"started": _micro(writer.started), "ended": _micro(writer.ended)}
    return {"run_id": run.run_id, **{key: getattr(writer, key) for key in kept}, **times}


def _model_row(state: ModelState) -> Row:
    kept = ("name", "version", "aliases", "sha256")
    whence = {"run_id": state.body["run"], "path": state.body["path"], "time": _micro(state.body["created"])}
    return {**{key: getattr(state, key) for key in kept}, **whence}


def _chosen(
    found: Mapping[str, Mapping[str, _Told]],
    whose: Mapping[str, str],
    names: Collection[str] | None,
    row: Callable[[str, str, str, _Told], Row],
) -> Iterator[Row]:
    """A row for each run and metric, of all metrics or of those."""
    for run_id, by_metric in found.items():
        for metric in by_metric if names is None else [one for one in names if one in by_metric]:
            yield row(run_id, whose[run_id], metric, by_metric[metric])


def _summary_row(run_id: str, experiment: str, metric: str, summary: summaries.Summary) -> Row:
    row: Row = {"run_id": run_id, "experiment": experiment, "name": metric}
    row |= {key: summary[key] for key in ("count", "last_step", "nan_count", "inf_count")}
    row |= {key: number(summary[key]) for key in ("first", "last", "min", "max", "mean")}
    row["last_time"] = _micro(summary["last_time"])
    return row


def _last_row(run_id: str, experiment: str, metric: str, last: Any) -> Row:
    return {"run_id": run_id, "experiment": experiment, "name": metric, "last": number(last)}


def number(value: Any) -> object:
    """The DOUBLE of a JSON value; None for text and None."""
    return value if value is None or type(value) is float else fields.point(listing.value(value)).get("value")


def _labels(run: RunState, labels: Mapping[str, tuple[Any, int]]) -> Iterator[Row]:
    for key, (value, time) in labels.items():
        yield {**_whose(run), "name": key, "value": listing.shown(listing.value(value)), "time": _micro(time)}


def _whose(run: RunState) -> Row:
    return {"run_id": run.run_id, "experiment": run.experiment}


def _micro(nanoseconds: int | None) -> int | None:
    return None if nanoseconds is None else nanoseconds // 1000
