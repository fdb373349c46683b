"""A workspace that can be asked. Asking loads DuckDB; logging never does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from runstore.errors import RunNotFound
from runstore.query.experiment import Experiment
from runstore.query.run import Run
from runstore.runs import media
from runstore.runs import workspace as workspaces

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from runstore.query.deleting import Deleted
    from runstore.query.diff import Diff
    from runstore.query.models import Model
    from runstore.query.statement import Parameters
    from runstore.query.usage import Usage
    from runstore.runs.state import RunState

__all__ = ["Experiment", "Run", "Workspace"]


class Workspace(workspaces.Workspace):
    """A workspace on disk: its experiments and runs, and SQL over all of them."""

    experiment_class: ClassVar[type[Experiment]] = Experiment
    run_class: ClassVar[type[media.MediaRun]] = Run

    def sql(self, query: str, params: Parameters = None) -> DuckDBPyRelation:
        """Ask in SQL, as of now: sealed and live data in one set of views (``docs/sql.md``).

        Args:
            query: a DuckDB statement over ``runs``, ``metrics``, ``params`` and the other views.
            params: values for ``?`` (a list) or ``$name`` (a dict).

        Returns:
            A DuckDB relation: ``.fetchall()``, ``.df()``, ``.pl()``, ``.arrow()``, ``.show()``.

        Raises:
            QueryError: DuckDB refuses the statement.
        """
        from runstore.query import history

        return history.ask(self.path, query, params)

    def runs(
        self,
        where: str | None = None,
        sort: str | Sequence[str] | None = None,
        columns: Iterable[str] | None = None,
        limit: int | None = None,
        *,
        desc: bool = False,
        experiment: str | None = None,
    ) -> DuckDBPyRelation:
        """The runs as a relation, newest first unless sorted.

        A name is a column of ``runs``, a param or a metric (its last value); ``params.x`` or ``last.x`` says which.

        Args:
            where: a DuckDB boolean, such as ``"lr < 0.1 and loss < 2"``.
            sort: one name or several, each with ``desc`` after it if wanted.
            columns: the names to show; None for every column of ``runs`` with all params and metrics.
            limit: at most so many.
            desc: the greatest first, where ``sort`` doesn't say.
            experiment: only the runs of this experiment.

        Raises:
            QueryError: a name means nothing or two things, or the filter is no boolean.
        """
        from runstore.query import history

        return history.runs(
            self.path, where=where, sort=sort, columns=columns, limit=limit, desc=desc, experiment=experiment
        )

    def get_run(self, run_id: str) -> Run:
        """A run by its id or by any unique beginning of it; the object reads only.

        Raises:
            RunNotFound: no run, or more than one, answers to it.
        """
        from runstore.query import listing

        found = listing.some(self.path, [run_id]) if run_id else []
        if not found:
            found = [run for run in listing.runs(self.path) if run.run_id.startswith(run_id)]
        if len(found) != 1 or not run_id:
            raise RunNotFound(listing.unclear(self.path, run_id, found))
        return self._object(found[0])

    # ---- deleting

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
