"""What a workspace keeps: deleting and bringing back, and where the bytes are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from runstore.query.comparing import Comparing

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from runstore.query.deleting import Deleted
    from runstore.query.retaining import Retention
    from runstore.query.run import Run
    from runstore.query.thinning import Thinning
    from runstore.query.usage import Usage
    from runstore.runs.state import RunState


class Keeping(Comparing):
    """A workspace in which room can be made."""

    def delete(
        self, runs: Run | str | Iterable[Run | str], *, children: bool = False, force: bool = False
    ) -> list[str]:
        """Delete runs: they are seen nowhere any more, until ``restore``; ``gc`` removes them for good, much later.

        Args:
            runs: a run, its id or any unique beginning of it, or several of these.
            children: also the runs below them; else a run that has some is refused.
            force: cancel those that have not ended; else they are refused.

        Returns:
            The ids of the runs deleted; those that had been deleted already are not among them.

        Raises:
            RunNotFound: no run, or more than one, answers to an id; nothing was deleted.
            StoreError: one of them has not ended, or has runs below it; nothing was deleted.
            NotWritable: the workspace can't be written.
        """
        from runstore.query import deleting

        return deleting.delete(self, deleting.ids(runs), children, force)

    def restore(self, runs: Run | str | Iterable[Run | str], *, children: bool = False) -> list[str]:
        """Bring deleted runs back as they were.

        Args:
            runs: as ``delete``; a run that is not deleted stays as it is.
            children: also the deleted runs below them.

        Returns:
            The ids of the runs that came back.

        Raises:
            RunNotFound: no run, or more than one, answers to an id, or ``gc`` has removed it; nothing came back.
        """
        from runstore.query import deleting

        return deleting.restore(self, deleting.ids(runs), children)

    def deleted(self) -> list[Deleted]:
        """The runs that are deleted and not removed yet, the last one deleted first."""
        from runstore.query import deleting

        return deleting.deleted(self.path)

    def usage(self) -> Usage:
        """How many bytes each run takes, by kind; content that several use is counted once, and said whose it is."""
        from runstore.query import usage

        return usage.usage(self.path)

    def retain(
        self,
        *,
        metric: str | None = None,
        mode: str = "min",
        of: str = "last",
        keep_best: int | None = None,
        keep_last_days: float | None = None,
        keep_tags: str | Iterable[str] = ("keep",),
        per: str | None = "experiment",
        experiment: str | None = None,
        where: str | None = None,
        dry_run: bool = True,
    ) -> Retention:
        """Delete every run that no rule keeps, as ``delete`` does: until ``gc`` they can be restored.

        These stay besides: runs that have not ended, those of which a model is registered, and whole trees of parents
        and children of which one stays.

        Args:
            metric: by what runs are the best.
            mode: "min" where less is better, or "max".
            of: "last", "min", "max", "mean" or "first" of its values.
            keep_best: so many of them, in each group; of a group in which none has the metric, all.
            keep_last_days: those that started or ended in so many days up to now.
            keep_tags: those that have one of these tags, with whatever value.
            per: what the runs of a group have in common: a column of ``runs`` or a param; None for one of all.
            experiment: only delete runs of this experiment.
            where: only delete runs for which this is true, as in ``runs()``.
            dry_run: only tell what would be deleted.

        Returns:
            Plain data: the runs that go, with their bytes, and for each that stays why.

        Raises:
            UsageError: no rule is given, or an argument is out of its range.
            QueryError: no run has the metric, a name means nothing, or the filter is no boolean.
            StoreError: one of them goes on meanwhile; nothing was deleted.
        """
        from runstore.query import retaining

        tags = (keep_tags,) if isinstance(keep_tags, str) else tuple(keep_tags)
        rules = retaining.Rules(metric, mode, of, keep_best, keep_last_days, tags, per, experiment, where)
        return retaining.retain(self, rules, dry_run)

    def thin(
        self,
        points: int = 1000,
        older_than_days: float = 30,
        runs: Run | str | Iterable[Run | str] | None = None,
        *,
        experiment: str | None = None,
        where: str | None = None,
        metrics: str | Iterable[str] | None = None,
        dry_run: bool = True,
    ) -> Thinning:
        """Reduce long curves of runs that ended long ago to points that keep their shape. This can't be undone.

        Of each curve its ends and every peak stay, and where it stops or begins to be a number. Figures over all
        points (``metric_summary``, ``runs.last``, ``runs.points``) stay those of what was logged. See
        ``docs/housekeeping.md``.

        Args:
            points: at most so many stay of each curve: of one metric, process and attempt.
            older_than_days: only runs that ended longer ago.
            runs: runs, or ids, or any unique beginnings of them; None for all that the filters leave.
            experiment: only runs of this experiment.
            where: only runs for which this is true, as in ``runs()``.
            metrics: names, or a pattern such as ``"grad/*"`` (a glob) or ``"%grad"`` (a LIKE); None for all.
            dry_run: only tell what would be done.

        Returns:
            Plain data: ``runs`` with the points they had and the points kept, ``bytes``, ``trouble``.

        Raises:
            UsageError: ``points`` is less than 16.
            RunNotFound: no run, or more than one, answers to an id.
            QueryError: the filter is no boolean, or a name in it means nothing.
        """
        from runstore.query import thinning

        ids = self._ids(runs, experiment, where)
        only = None if ids is None else frozenset(ids)
        asked = thinning.Asked(points, older_than_days, only, experiment, thinning.chosen(metrics))
        return thinning.thin(self.path, asked, dry_run)

    if TYPE_CHECKING:

        def runs(
            self, where: str | None = None, *, columns: Iterable[str] | None = None, experiment: str | None = None
        ) -> DuckDBPyRelation:
            """See the class below."""
            ...

        def _ids(
            self, runs: Run | str | Iterable[Run | str] | None, experiment: str | None = None, where: str | None = None
        ) -> tuple[str, ...] | None:
            """See the class below."""
            ...

        def _object(self, found: RunState) -> Run:
            """See the class below."""
            ...
