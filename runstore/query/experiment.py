"""The public Experiment: a named group of runs, and the runs in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from runstore.format import values
from runstore.query.run import Run
from runstore.runs import experiment as experiments

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace


class Experiment(experiments.Experiment):
    """A named group of runs; made where it doesn't exist yet."""

    if TYPE_CHECKING:
        workspace: Workspace

        def start_logging(
            self,
            name: str | None = None,
            run_id: str | None = None,
            *,
            params: Mapping[str, Any] | None = None,
            tags: Mapping[str, Any] | None = None,
            parent_id: str | None = None,
            attempt: int | None = None,
            rank: int | None = None,
        ) -> Run:
            """See the class below."""
            ...

    @classmethod
    def existing(cls, workspace: Workspace, name: str) -> Experiment:
        """An experiment that some run is in: reading makes nothing."""
        found = cls.__new__(cls)
        found.workspace, found.name = workspace, name
        return found

    def get_runs(
        self,
        *,
        type: str | None = None,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        status: str | None = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """The experiment's runs, the newest start first.

        Args:
            type: only runs of this type.
            tags: only runs with these tags.
            properties: only runs with these properties.
            status: only runs of this status.
            include_children: also runs that have a parent.
        """
        from runstore.query import listing

        found = [run for run in listing.runs(self.workspace.path) if run.experiment == self.name]
        for run in sorted(found, key=lambda run: (run.started or 0, run.run_id), reverse=True):
            if (
                (include_children or run.parent_id is None)
                and type in (None, run.type)
                and status in (None, run.status)
                and _has(run.tags, tags)
                and _has(run.properties, properties)
            ):
                yield cast(Run, self.workspace.run_class(self, run.run_id))


def _has(labels: Mapping[str, tuple[Any, int]], wanted: Mapping[str, Any] | None) -> bool:
    return all(key in labels and values.from_json(labels[key][0]) == value for key, value in (wanted or {}).items())
