"""The public Experiment: a named group of runs, and the runs in it."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from runstore.errors import UsageError
from runstore.query.run import Run
from runstore.runs import experiment as experiments
from runstore.runs.labels import plain, when

if TYPE_CHECKING:
    from datetime import datetime

    from runstore.query.children import Wanted
    from runstore.query.workspace import Workspace

VIEW_TYPES = ACTIVE_ONLY, ARCHIVED_ONLY, ALL = "ActiveOnly", "ArchivedOnly", "All"  # the words of the Azure ML SDK v1


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
            type: str | None = None,
            display_name: str | None = None,
            description: str | None = None,
            outputs: bool | str | os.PathLike[str] | None = None,
            logs: bool | str | os.PathLike[str] | None = None,
            snapshot_directory: str | os.PathLike[str] | None = None,
        ) -> Run:
            """See the class below."""
            ...

    @classmethod
    def existing(cls, workspace: Workspace, name: str) -> Self:
        """An experiment that some run is in: reading makes nothing."""
        found = cls.__new__(cls)
        found.workspace, found.name = workspace, name
        return found

    # ---- what is said about it

    def get_tags(self) -> dict[str, Any]:
        """The tags as they are now, read afresh: key to value."""
        from runstore.query import groups

        return plain(groups.one(self.workspace.path, self.name).tags)

    @property
    def tags(self) -> dict[str, Any]:
        """The tags as they are now. A copy: ``tag`` sets one."""
        return self.get_tags()

    @property
    def archived_time(self) -> datetime | None:
        """When it was archived (UTC), as long as no run has begun in it since; None where it is active."""
        from runstore.query import groups

        found = groups.experiments(self.workspace.path).get(self.name)
        return when(found.archived_time) if found and found.archived and found.archived_time else None

    # ---- its runs

    def get_runs(
        self,
        type: str | None = None,
        tags: Wanted = None,
        properties: Wanted = None,
        status: str | None = None,
        include_children: bool = False,
    ) -> Iterator[Run]:
        """The experiment's runs, the newest start first, one after another.

        Args:
            type: only runs of this type.
            tags: only runs that have this tag (a text), or all of these with these values (a dict), compared as text.
            properties: the same for properties.
            status: only runs of this status, a word of the Azure ML SDK v1 such as ``"Completed"``.
            include_children: also runs that have a parent.

        Raises:
            UsageError: no status is called so.
        """
        from runstore.query import children

        wanted = children.Filter.of(type, tags, properties, status)

        def found() -> Iterator[Run]:
            for run in children.among(self.workspace.path, self.name, wanted, include_children):
                yield self.workspace._object(run)

        return found()

    @classmethod
    def list(
        cls,
        workspace: Workspace,
        experiment_name: str | None = None,
        view_type: str = ACTIVE_ONLY,
        tags: Wanted = None,
    ) -> builtins.list[Self]:
        """The experiments of a workspace, by name.

        Args:
            workspace: where they lie.
            experiment_name: only the one of this name.
            view_type: ``ActiveOnly``, ``ArchivedOnly`` or ``All``.
            tags: only those that have this tag (a text), or all of these with these values (a dict).

        Raises:
            UsageError: no view type is called so.
        """
        from runstore.query import children, groups

        if view_type not in VIEW_TYPES:
            raise UsageError(f"no view type {view_type!r}; there are {', '.join(VIEW_TYPES)}")
        wanted = children.Filter.of(tags=tags)
        return [
            cls.existing(workspace, name)
            for name, one in sorted(groups.experiments(workspace.path).items())
            if experiment_name in (None, name)
            and (view_type == ALL or one.archived == (view_type == ARCHIVED_ONLY))
            and wanted.has_tags(one.tags)
        ]

    @staticmethod
    def delete(workspace: Workspace, experiment_id: str, force: bool = False) -> None:
        """Delete an experiment. ``Workspace.restore`` undoes it for its runs, until ``gc`` has removed them.

        Args:
            workspace: where it lies.
            experiment_id: its ``id``.
            force: delete its runs as well; else one that has runs is refused.

        Raises:
            StoreError: there is no such experiment, it has runs, or one of them has not ended.
            NotWritable: the workspace can't be written.
        """
        from runstore.query import deleting

        deleting.delete_experiment(workspace, experiment_id, force)

    def _repr_html_(self) -> str:
        """The experiment as a table of one row, for notebooks."""
        from runstore.query import details

        return details.table({"Name": self.name, "Workspace": str(self.workspace.path)})
