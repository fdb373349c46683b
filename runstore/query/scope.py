"""What matters to a statement: which runs, folded or told by indexes, which metrics, and the points of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

from runstore.query import catalog, listing, ranks, views
from runstore.query.catalog import Catalog, Indexed
from runstore.query.connect import DuckDBPyConnection, name, quoted
from runstore.query.points import Points
from runstore.query.statement import Statement
from runstore.runs.state import RunState

_EVERY_RUN = {"runs", "experiments"}  # views that need every run whatever is asked about: they count or number them
_OVER_FACTS = views.VIEWS.keys() - views.OVER_POINTS - views.OVER_SIDES - {"metric_summary"}
_FEW = 500  # runs that are sooner folded than looked up


class Scope:
    """What a statement stands on, of one moment."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        workspace: Path,
        statement: Statement,
        every: Catalog | None = None,
        until: int | None = None,
        page: Mapping[str, int] | None = None,
    ) -> None:
        self._connection, self._workspace, self._statement, self._until = connection, workspace, statement, until
        self._page = page  # the numbers of the only runs that are shown, all folded; the others tell types all the same
        if every is not None:
            self.catalog = every

    @cached_property
    def catalog(self) -> Catalog:
        """Every run of the workspace."""
        return catalog.of(self._workspace, self._until)

    @property
    def _few(self) -> bool:
        """Whether so few runs matter that these are folded, whether an index tells of them or not."""
        wanted = self._statement
        return wanted.run_ids is not None and len(wanted.run_ids) <= _FEW and not wanted.views & _EVERY_RUN

    @property
    def indexed(self) -> Indexed | None:
        """The runs whose rows are told by indexes."""
        return None if self._few else self.catalog.indexed

    @cached_property
    def scope(self) -> list[RunState]:
        """The folded runs whose rows can matter to the statement."""
        wanted = self._statement
        if self._few:
            runs = listing.some(self._workspace, wanted.run_ids or (), until=self._until)
        else:
            runs = [run for run in self.catalog.loose if wanted.run_ids is None or run.run_id in wanted.run_ids]
        return [run for run in runs if wanted.experiments is None or run.experiment in wanted.experiments]

    @cached_property
    def points(self) -> Points:
        """The points of the runs in scope, of the metrics in scope."""
        wanted, names = self._statement, self._names()
        several = any(len(run.attempts) > 1 for run in self.scope)  # an earlier step may tell what was overwritten
        since = None if several else wanted.since
        found = Points(self._connection, self.scope, names, self._until, self.indexed, kept=True, since=since)
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

    def _narrowed(self) -> list[str]:
        """What is true of the runs that matter, as far as the statement tells."""
        wanted = {"run_id": self._statement.run_ids, "experiment": self._statement.experiments}
        return [
            f"{column} IN ({', '.join(map(quoted, sorted(those))) or 'NULL'})"
            for column, those in wanted.items()
            if those is not None
        ]

    def _curve_points(self, only: Collection[str] | None = None) -> str:
        runs = self.points.runs if only is None else [self.points[run_id] for run_id in only]
        several = any(len(run.attempts) > 1 for run in runs)
        ranks.load(self._connection, runs)
        folded = self._cut(self.points.sql("points", [run.run_id for run in runs]), several, "begun")
        if only is not None or self.indexed is None:
            return folded
        again = f"SELECT run_id FROM {self.indexed.table('runs', 'attempts > 1')}"
        if not self._connection.execute(f"{again} LIMIT 1").fetchall():
            return f"{folded} UNION ALL {self._cut(self.points.settled('points'), False)}"
        once = self._cut(self.points.settled("points", f"run_id NOT IN ({again})"), False)
        source = self.points.settled("points", f"run_id IN ({again})")
        cut = self._cut(source, True, "begun_in_blocks", self.indexed.table("writers", "rank > 0"))
        return f"{folded} UNION ALL {once} UNION ALL {cut}"

    def _cut(self, source: str, several: bool, begun: str = "", writers: str = ranks.TABLE) -> str:
        """The points of a source that count, where some of its runs have several attempts."""
        if not several:
            return views.points_view(source)
        source = ranks.ranked(source, writers)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {begun} AS {views.BEGUN.format(source=source)}")
        return views.points_view(source, begun)

    def _view(self, view: str, sql: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {name(view)} AS {sql}")
