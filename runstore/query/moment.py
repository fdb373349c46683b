"""One moment of a workspace, bound to a connection as views: one listing, one tail, only what the statement needs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from runstore.query import (
    consoles,
    fact_rows,
    feed,
    fields,
    groups,
    indexed_views,
    listing,
    macros,
    past,
    recount,
    views,
)  # fmt: skip
from runstore.query.fact_rows import Row
from runstore.query.finals import Finals
from runstore.query.index_tables import METRIC, PARAM
from runstore.runs import models

_Told = TypeVar("_Told")
_NOT_IN_LISTS = views.VIEWS["metric_summary"].keys() - {"run_id", "experiment", "name", "last"}


class Moment(Finals):
    """What a statement is answered from."""

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

    # ---- views over facts

    def _runs(self) -> str:
        wanted, every = self._statement, self.catalog.loose
        last = self._last_values()
        params: list[Mapping[str, Any]] = [run.params if wanted.params else {} for run in every]
        rows = self._run_rows()
        columns, structs, joins = views.stored("runs") | {"started_ns": "BIGINT"}, {}, []
        for struct, what, chosen, given in (
            ("params", PARAM, wanted.params, params),
            ("last", METRIC, wanted.last, last),
        ):
            kinds = self._kinds(what) if chosen else {}
            known = dict.fromkeys(itertools.chain(*given, kinds))
            if what == METRIC:  # in one order, wherever the runs are stored
                known = dict.fromkeys(sorted(known))
            sure = bool(rows or kinds) and struct not in wanted.tables  # else no name is known, or a column is meant
            found = fields.resolve(chosen, known, f"{struct}_", what if sure else None)
            types = _fill(rows, given, found, kinds)
            columns |= types
            structs[struct] = found.sql()
            if self.indexed is not None and self._page is None:
                joins.append(indexed_views.gathered(self.indexed, what, found.names, types, kinds))
        feed.rows(self._connection, "all_runs", columns, rows)
        found_runs = views.listed("runs", "all_runs", structs)
        if self.indexed is None or self._page is not None:
            return found_runs
        return self._numbered(f"{found_runs} UNION ALL {indexed_views.runs(self.indexed, structs, ' '.join(joins))}")

    def _kinds(self, what: str) -> Mapping[str, Collection[str]]:
        """The names of params or metrics that indexes tell, each with the kinds of its values: of runs in scope."""
        if self.indexed is None:
            return {}
        where = self._narrowed() if what == METRIC else []
        return (self.indexed.kinds_of(" AND ".join(where)) if where else self.indexed.kinds).get(what, {})

    def _run_rows(self) -> list[Row]:
        """The columns of ``runs`` that are no fields, of folded runs."""
        every, wanted = self.catalog.loose, self._statement.columns
        rows = [{**fact_rows.run(run), "started_ns": run.started} for run in every]
        if self.indexed is None or self._page is not None:
            numbers = listing.numbers(every) if self._page is None else self._page
            for row in rows:
                row["number"] = numbers.get(row["run_id"])
        if self._until is not None and (wanted is None or "points" in wanted):
            counted = recount.points(every, self._until)
            for row in rows:
                row["points"] = counted.get(row["run_id"], row["points"])
        return rows

    def _numbered(self, select: str) -> str:
        """``runs`` with numbers that count folded runs and those in indexes."""
        if self.indexed is None or not (self._statement.columns is None or "number" in self._statement.columns):
            return select
        whose = "run_id, experiment, started_ns"
        starts = f"SELECT {whose} FROM all_runs UNION ALL SELECT {whose} FROM {self.indexed.table('runs')}"
        return indexed_views.numbered(select, starts)

    def _experiments(self) -> str:
        rows = (
            {
                "experiment": one.name,
                "created": fact_rows.micro(one.created),
                "runs": one.runs,
                "last_start": fact_rows.micro(one.last_start),
                "archived": one.archived,
            }
            for one in groups.experiments(self._workspace, self.catalog, self._until).values()
        )
        return self._listed("experiments", rows)

    def _params(self) -> str:
        return self._told("params", (row for run in self.scope for row in fact_rows.params(run)))

    def _tags(self) -> str:
        return self._told("tags", (row for run in self.scope for row in fact_rows.labels(run, run.tags)))

    def _properties(self) -> str:
        return self._told("properties", (row for run in self.scope for row in fact_rows.labels(run, run.properties)))

    def _artifacts(self) -> str:
        return self._told("artifacts", (row for run in self.scope for row in fact_rows.artifacts(run)))

    def _writers(self) -> str:
        return self._told("writers", (row for run in self.scope for row in fact_rows.writers(run)))

    def _models(self) -> str:
        return self._listed(
            "models", (fact_rows.model(state) for state in models.every(self._workspace, until=self._until))
        )

    # ---- views over points

    def _metrics(self) -> str:
        return views.points_view(self.points.sql("points"))

    def _rows(self) -> str:
        return views.rows_view(self.points.sql("rows"))

    def _system_metrics(self) -> str:
        return views.system_view(self.points.sql("system"))

    def _logs(self) -> str:
        source = self.points.later_too("logs")  # a line that was printed has the time of the mark after it
        found = views.logs_view(source)
        if self._statement.levels is None:  # a line that was printed has none
            self._print(source)
            found += " UNION ALL SELECT * FROM printed"
        return found if self._until is None else f"SELECT * FROM ({found}) WHERE {past.condition(self._until)}"

    def _print(self, source: str) -> None:
        """Make the table ``printed`` of the lines of raw logs; ``source``: where their marks are."""
        asked = f"SELECT run_id, rtrim(writer, 's'), name, mark, epoch_us(time) FROM ({source}) WHERE mark IS NOT NULL"
        marks: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        for run_id, writer, stream, size, time in self._connection.execute(f"{asked} ORDER BY mark").fetchall():
            marks.setdefault((run_id, writer, stream), []).append((size, time))
        runs = self.points.runs
        if self.indexed is not None:
            where = " AND ".join(["printed", *self._narrowed()])
            printing = [run_id for (run_id,) in self.indexed.ask("run_id", where)]
            runs += listing.some(self._workspace, printing)
        consoles.load(self._connection, runs if self._until is None else map(recount.streams, runs), marks)

    def _metric_summary(self) -> str:
        columns, names = self._statement.columns, self._statement.names
        whose = {run.run_id: run.experiment for run in self.points.runs}
        if columns is None or columns & _NOT_IN_LISTS:
            rows = _chosen(self._summed_up(whose), whose, names, fact_rows.summary)
        else:
            rows = _chosen(self._final(), whose, names, fact_rows.last)
        return self._told("metric_summary", rows)

    def _listed(self, view: str, rows: Iterable[Mapping[str, object]]) -> str:
        table = f"all_{view}"
        feed.rows(self._connection, table, views.stored(view), rows)
        return views.listed(view, table)

    def _told(self, view: str, rows: Iterable[Mapping[str, object]]) -> str:
        """Rows of folded runs, and those that indexes tell."""
        found = self._listed(view, rows)
        return found if self.indexed is None else f"{found} UNION ALL {indexed_views.select(view, self.indexed)}"


def _fill(
    rows: list[Row],
    given: list[Mapping[str, Any]],
    wanted: fields.Columns,
    kinds: Mapping[str, Collection[str]],
) -> dict[str, str]:
    """Put each wanted name's values into the rows; give their columns' types. ``kinds``: of the values of others."""
    columns: dict[str, str] = {}
    for key, column in wanted.names.items():
        columns[column], converted = fields.typed([listing.value(one.get(key)) for one in given], kinds.get(key, ()))
        for row, value in zip(rows, converted, strict=True):
            row[column] = value
    return columns


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
