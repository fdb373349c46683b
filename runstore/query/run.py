"""The public Run: what it logs comes from runs/, what it answers from here. Asking loads DuckDB; logging never does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from runstore.format import values
from runstore.runs import media

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from runstore.runs.state import RunState


class Run(media.MediaRun):
    """A run of an experiment: log into it, end it, ask it.

    Started by ``Experiment.start_logging`` or ``runstore.start_run``; from ``Workspace.get_run`` it reads only.
    """

    def history(self, names: str | Iterable[str] | None = None) -> DuckDBPyRelation:
        """The run's points in the order of logging, without those that a later attempt overwrote.

        Args:
            names: one metric or several; None for all.

        Returns:
            A relation of name, step, time, value, kind, text, attempt, writer. ``text`` is exact where
            ``value``, a DOUBLE, can't be.
        """
        from runstore.query import history

        wanted = [names] if isinstance(names, str) else names
        return history.history(self.experiment.workspace.path, self.id, wanted)

    def get_metrics(self) -> dict[str, Any]:
        """What was logged, exactly: name to the value, or to the list of values where there are several.

        A table (``log_row``) is a dict of its columns, each a list.
        """
        from runstore.query import history

        return history.metrics(self.experiment.workspace.path, self.id)

    @property
    def name(self) -> str | None:
        """The name given at the start, for people."""
        return self._folded().name

    @property
    def parent_id(self) -> str | None:
        """The id of the run this one is below."""
        return self._folded().parent_id

    @property
    def error(self) -> str | None:
        """Why the run failed, where it did and said so."""
        return self._folded().error

    @property
    def params(self) -> dict[str, Any]:
        """The params by dotted name (``optimizer.name``); a later attempt's over an earlier one's."""
        from runstore.query import listing

        return listing.params(self._folded())

    @property
    def tags(self) -> dict[str, Any]:
        """The tags as they are now."""
        return {key: values.from_json(value) for key, (value, _) in self._folded().tags.items()}

    @property
    def properties(self) -> dict[str, Any]:
        """The properties."""
        return {key: values.from_json(value) for key, (value, _) in self._folded().properties.items()}

    def _folded(self) -> RunState:
        from runstore.runs import state

        return state.fold(self.path)
