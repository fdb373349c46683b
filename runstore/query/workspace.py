"""A workspace that can be asked. Asking loads DuckDB; logging never does."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from runstore.errors import RunNotFound
from runstore.query.experiment import Experiment
from runstore.query.keeping import Keeping
from runstore.query.run import Run
from runstore.runs import media

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyRelation

    from runstore.query.better import Better
    from runstore.query.diff import Diff
    from runstore.query.exporting import Exported
    from runstore.query.models import Model
    from runstore.query.statement import Parameters
    from runstore.runs.state import RunState

__all__ = ["Experiment", "Run", "Workspace"]


class Workspace(Keeping):
    """A workspace on disk: its experiments and runs, and SQL over all of them."""

    experiment_class: ClassVar[type[Experiment]] = Experiment
    run_class: ClassVar[type[media.MediaRun]] = Run

    def sql(self, query: str, params: Parameters = None, as_of: datetime | str | None = None) -> DuckDBPyRelation:
        """Ask in SQL, as of now: sealed and live data in one set of views (``docs/sql.md``).

        Args:
            query: a DuckDB statement over ``runs``, ``metrics``, ``params`` and the other views.
            params: values for ``?`` (a list) or ``$name`` (a dict).
            as_of: as it was at this time: a ``datetime`` or ISO 8601 text, UTC where it has no zone.

        Returns:
            A DuckDB relation: ``.fetchall()``, ``.df()``, ``.pl()``, ``.arrow()``, ``.show()``.

        Raises:
            QueryError: DuckDB refuses the statement.
            UsageError: ``as_of`` is no time.
        """
        from runstore.query import history, past

        return history.ask(self.path, query, params, until=past.until(as_of))

    def runs(
        self,
        where: str | None = None,
        sort: str | Sequence[str] | None = None,
        columns: Iterable[str] | None = None,
        limit: int | None = None,
        *,
        offset: int = 0,
        desc: bool = False,
        experiment: str | None = None,
        as_of: datetime | str | None = None,
    ) -> DuckDBPyRelation:
        """The runs as a relation, newest first unless sorted.

        A name is a column of ``runs``, a param or a metric (its last value); ``params.x`` or ``last.x`` says which.
        Where none has it, ``duration`` is what a run took, in seconds, once it has ended.

        Args:
            where: a DuckDB boolean, such as ``"lr < 0.1 and loss < 2"``.
            sort: one name or several, each with ``desc`` after it if wanted.
            columns: the names to show; None for every column of ``runs`` with all params and metrics.
            limit: at most so many.
            offset: without so many before them: pages of one order, where no run comes or changes meanwhile.
            desc: the greatest first, where ``sort`` doesn't say.
            experiment: only the runs of this experiment.
            as_of: the runs there were at this time, as they were (see ``sql``).

        Raises:
            QueryError: a name means nothing or two things, or the filter is no boolean.
            UsageError: ``as_of`` is no time.
        """
        from runstore.query import history, past

        return history.runs(
            self.path, where=where, sort=sort, columns=columns, limit=limit, offset=offset, desc=desc,
            experiment=experiment, until=past.until(as_of),
        )  # fmt: skip

    def get_run(self, run_id: str) -> Run:
        """A run by its id or by any unique beginning of it; the object reads only.

        Raises:
            RunNotFound: no run, or more than one, answers to it.
        """
        from runstore.query import catalog, listing, lookup

        found = listing.some(self.path, [run_id]) if run_id else []
        if not found:
            every = catalog.of(self.path)
            ids = lookup.named(every, run_id) if run_id else []
            if len(ids) != 1:
                raise RunNotFound(lookup.unclear(every, run_id, ids))
            found = [*lookup.folded(every, ids)]
        return self._object(found[0])

    def export(
        self, out: str | os.PathLike[str], runs: Run | str | Iterable[Run | str] | None = None, *,
        format: str = "directory", where: str | None = None, experiment: str | None = None, overwrite: bool = False,
    ) -> Exported:  # fmt: skip
        """Write chosen runs to a place of their own, whole or not at all (``docs/export.md``).

        Args:
            out: where to.
            runs: runs, or ids, or any unique beginnings of them; None for all that the filters leave.
            format: ``"directory"`` and ``"zip"``: a workspace; ``"parquet"``, ``"csv"``, ``"jsonl"``: a file per view.
            where: only runs for which this is true, as in ``runs()``.
            experiment: only runs of this experiment.
            overwrite: put it in place of an export that lies there; else what exists is refused.

        Raises:
            UsageError, QueryError, RunNotFound: an argument is none of these, or no run is meant.
            StoreError: something lies there, or it can't be written; nothing was.
        """
        from runstore.query import exporting

        ids = exporting.chosen(self, runs, where, experiment)
        return exporting.export(self.path, ids, out, format, overwrite)

    # ---- two of them

    def diff(self, a: Run | str, b: Run | str, *, tolerance: float = 0.0) -> Diff:
        """Two runs compared: params, code, packages, machine, and for each metric the first step at which they part.

        Args:
            a: a run, or its id, or any unique beginning of it.
            b: the other one.
            tolerance: how far values may lie apart: of the larger one's size, or as it is where both are below 1.

        Returns:
            Plain data; ``verdict`` says it in one line.

        Raises:
            RunNotFound: no run, or more than one, answers to an id.
        """
        from runstore.query import diff

        one, other = (self.get_run(run).id if isinstance(run, str) else run.id for run in (a, b))
        return diff.diff(self.path, one, other, tolerance)

    def curves(
        self,
        metrics: str | Iterable[str],
        runs: Run | str | Iterable[Run | str] | None = None,
        *,
        x: str = "step",
        points: int = 2000,
        smoothing: float = 0.0,
        low: float | datetime | None = None,
        high: float | datetime | None = None,
        attempts: str = "resolved",
        experiment: str | None = None,
        where: str | None = None,
        corners: bool = False,
        positive: bool = False,
    ) -> DuckDBPyRelation:
        """Curves of few rows that keep their shape: statistics of the points in each stretch of the x axis.

        Args:
            metrics: one name or several.
            runs: runs, or ids, or any unique beginnings of them; None for all, or those that the filters leave.
            x: ``"step"``; ``"time"`` (seconds since 1970, UTC); ``"relative"`` (seconds since the run's start); or a
                metric, which stands at a point's x where the same process logged it at the same step.
            points: into how many buckets of equal width the x axis is cut, the same for all curves.
            smoothing: from 0 (none) to below 1: how much of the mean stays with each point.
            low: where the axis begins, in it; None for the first point.
            high: where it ends, in it; None for the last point.
            attempts: ``"resolved"``: of each rank the last attempt wins from its first step on; ``"all"``: all of them.
            experiment: only runs of this experiment.
            where: only runs for which this is true, as in ``runs()``.
            corners: also where the first, least, greatest and last finite values of a bucket stand.
            positive: only values above 0 (and NaN and Inf), for an axis that is logarithmic.

        Returns:
            A relation with one row for each run_id, name (attempt, where all are kept) and bucket that has points:
            count, x (their mean), mean, min, max and last, nan_count, inf_count, smoothed. NaN and Inf are counted and
            are in no mean, min or max.

        Raises:
            UsageError: an argument is out of its range.
            RunNotFound: no run, or more than one, answers to an id.
            QueryError: the filter is no boolean, or a name in it means nothing.
        """
        from runstore.query import curves

        names = dict.fromkeys([metrics] if isinstance(metrics, str) else metrics)
        ids = self._ids(runs, experiment, where)
        asked = curves.Asked(
            tuple(names), ids, experiment, x, points, smoothing, low, high, attempts, corners, positive
        )
        return curves.curves(self.path, asked)

    def groups(
        self,
        metric: str,
        by: str | Iterable[str] = (),
        of: str = "last",
        *,
        experiment: str | None = None,
        where: str | None = None,
    ) -> DuckDBPyRelation:
        """Statistics of a metric over groups of runs, such as those that differ by their seed only.

        Args:
            metric: the metric.
            by: what the runs of a group have in common: params, tags or columns of ``runs``, named as in ``runs()``.
            of: which of a run's values counts: ``"last"``, ``"min"``, ``"max"`` or ``"mean"``.
            experiment: only runs of this experiment.
            where: only runs for which this is true, as in ``runs()``.

        Returns:
            A relation with one row for each group: what it has in common, n (the runs whose value is finite), mean,
            std, ci_low and ci_high (the 95 % confidence interval of the mean, by Student's t), min, max, nan_count,
            inf_count. Runs that never logged the metric are in none.

        Raises:
            UsageError: ``of`` is none of these.
            QueryError: a name means nothing or two things, or the filter is no boolean.
        """
        from runstore.query import seeds

        return seeds.groups(self.path, metric, by, of, experiment, where)

    def group_curves(
        self,
        metric: str,
        by: str | Iterable[str] = (),
        *,
        x: str = "step",
        points: int = 500,
        low: float | datetime | None = None,
        high: float | datetime | None = None,
        experiment: str | None = None,
        where: str | None = None,
    ) -> DuckDBPyRelation:
        """The statistics of ``groups`` along a curve: in each bucket, of what the runs have there on average.

        Args:
            metric: the metric.
            by: as in ``groups``.
            x: as in ``curves``; so are ``points``, ``low`` and ``high``.
            points: into how many buckets the x axis is cut. In each, a run counts once, by the mean of its points.
            low: where the axis begins.
            high: where it ends.
            experiment: only runs of this experiment.
            where: only runs for which this is true, as in ``runs()``.

        Returns:
            A relation with one row for each group and bucket: what the group has in common, bucket, x, n, mean, std,
            ci_low, ci_high, min, max.

        Raises:
            UsageError: an argument is out of its range.
            QueryError: a name means nothing or two things, or the filter is no boolean.
        """
        from runstore.query import curves, seeds

        asked = curves.Asked((metric,), experiment=experiment, x=x, points=points, low=low, high=high)
        return seeds.group_curves(self.path, asked, by, where)

    def better(
        self,
        metric: str,
        a: Run | str | Iterable[Run | str],
        b: Run | str | Iterable[Run | str],
        *,
        pair_by: str | Iterable[str] = "params.seed",
        mode: str = "min",
        of: str = "last",
        samples: int = 10_000,
        seed: int = 0,
    ) -> Better:
        """Whether runs A are better than runs B, by a bootstrap over pairs that share a seed.

        Args:
            metric: what they are compared by.
            a: runs or ids; or a text: a run's whole id, else which runs, as in ``runs(where=)``.
            b: the others.
            pair_by: what makes a run of A and one of B a pair.
            mode: ``"min"`` where less is better, ``"max"`` where more is.
            of: which of a run's values counts: ``"last"``, ``"min"``, ``"max"`` or ``"mean"``.
            samples: how often the pairs are drawn again.
            seed: of the drawing: the same arguments give the same answer.

        Returns:
            Plain data; ``verdict`` says it in one line.

        Raises:
            UsageError: an argument is out of its range, or a run is on both sides.
            RunNotFound: no run, or more than one, answers to an id.
            QueryError: no pair is left, or a filter is no boolean.
        """
        from runstore.query import better

        sides = [side if isinstance(side, str) else self._ids(side) or () for side in (a, b)]
        return better.better(self.path, metric, sides[0], sides[1], pair_by, mode, of, samples, seed)

    def _ids(
        self, runs: Run | str | Iterable[Run | str] | None, experiment: str | None = None, where: str | None = None
    ) -> tuple[str, ...] | None:
        """The whole ids of chosen runs, as far as the filters leave them; None for all."""
        given = [runs] if isinstance(runs, Run | str) else runs
        ids = [self.get_run(run).id if isinstance(run, str) else run.id for run in given] if given is not None else None
        if where is not None:
            rows = self.runs(where, columns=["run_id"], experiment=experiment).fetchall()
            left = {run_id: None for (run_id,) in rows}
            ids = [*left] if ids is None else [run_id for run_id in ids if run_id in left]
        return None if ids is None else tuple(dict.fromkeys(ids))

    def _object(self, found: RunState) -> Run:
        """The object for a run that was found."""
        experiment = self.experiment_class.existing(self, found.experiment)
        return cast(Run, self.run_class(experiment, found.run_id))

    @property
    def experiments(self) -> dict[str, Experiment]:
        """The experiments by name, without those that are archived."""
        return {one.name: one for one in self.experiment_class.list(self)}

    @property
    def models(self) -> dict[str, Model]:
        """The registered models: name to the latest version."""
        from runstore.query.models import Model

        return {model.name: model for model in Model.list(self, latest=True)}

    if TYPE_CHECKING:

        def experiment(self, name: str) -> Experiment:
            """See the class below."""
            ...
