"""What a workspace is asked about many runs at once: which are the best, and how they differ."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from runstore.runs import workspace as workspaces

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from runstore.query.comparison import Comparison
    from runstore.query.run import Run


class Comparing(workspaces.Workspace):
    """A workspace whose runs can be compared."""

    def leaderboard(
        self,
        metric: str,
        mode: str = "min",
        *,
        of: str = "last",
        experiment: str | None = None,
        where: str | None = None,
        columns: Iterable[str] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> DuckDBPyRelation:
        """The runs by a metric, the best first: rank, run_id, experiment, name, status, value, and ``columns``.

        NaN and runs without a number come last and have no rank. Answered from summaries, never from points.

        Args:
            metric: the metric's name.
            mode: "min" where less is better, or "max".
            of: "last", "min", "max", "mean" or "first" of its values; min, max and mean are of the finite ones.
            experiment: only the runs of this experiment.
            where: a filter, as for ``runs``.
            columns: columns of ``runs``, params and metrics (their last values) to show as well.
            limit: at most so many.
            offset: without so many before them.

        Raises:
            UsageError: ``mode`` or ``of`` is none of these.
            QueryError: no run has that metric; or as ``runs``.
        """
        from runstore.query import leaderboard

        return leaderboard.leaderboard(
            self.path, metric, mode, of=of, experiment=experiment, where=where, columns=columns, limit=limit,
            offset=offset,
        )  # fmt: skip

    def compare(self, runs: Iterable[Run | str]) -> Comparison:
        """Runs side by side: which params differ, and the last values of the metrics with the differences to the first.

        Args:
            runs: runs, or their ids, or any unique beginnings of these.

        Returns:
            Plain data; a notebook shows what differs as a table.

        Raises:
            RunNotFound: no run, or more than one, answers to an id.
        """
        from runstore.query import comparison

        return comparison.compare(self.path, [self.get_run(run).id if isinstance(run, str) else run.id for run in runs])

    def pivot(
        self,
        names: str | Iterable[str] | None = None,
        of: str = "last",
        experiment: str | None = None,
        where: str | None = None,
        params: str | Iterable[str] | None = None,
    ) -> DuckDBPyRelation:
        """The runs as a wide table, newest first: run_id, experiment, name, status, then the params and metrics chosen.

        A name that two columns would have is told apart: ``params.lr``, ``last.lr``.

        Args:
            names: the metrics: names, or a pattern such as ``"val/*"`` (a glob) or ``"%loss"`` (a LIKE); None for all.
            of: "last", "min", "max", "mean" or "first" of their values.
            experiment: only the runs of this experiment.
            where: a filter, as for ``runs``.
            params: the params, in the same way; None for none, ``"*"`` for all.

        Raises:
            QueryError: more names are meant than a table may have columns (20,000); or as ``runs``.
            UsageError: ``of`` is none of these.
        """
        from runstore.query import pivot

        return pivot.pivot(self.path, names, of=of, experiment=experiment, where=where, params=params)

    if TYPE_CHECKING:

        def get_run(self, run_id: str) -> Run:
            """See the class above."""
            ...
