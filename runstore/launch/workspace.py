"""The public Workspace, and ``start_run``. Asking loads DuckDB; logging never does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from runstore.launch import inside
from runstore.launch.experiment import Experiment
from runstore.launch.run import Run
from runstore.query import workspace as asked
from runstore.runs import media

if TYPE_CHECKING:
    from runstore.query.taking import Merged

__all__ = ["Experiment", "Run", "Workspace", "start_run"]


class Workspace(asked.Workspace):
    """A workspace on disk: its experiments and runs, SQL over all of them, and scripts that are run in it."""

    experiment_class: ClassVar[type[Experiment]] = Experiment
    run_class: ClassVar[type[media.MediaRun]] = Run

    def merge(self, other: asked.Workspace | str | os.PathLike[str], *, dry_run: bool = False) -> Merged:
        """Take in what another workspace has and this one lacks (``docs/merging.md``); again takes only what is new.

        Args:
            other: a workspace or its directory; nothing is written there.
            dry_run: only say what would be taken.

        Returns:
            How many runs, files and bytes were taken; ``refused``: what is other bytes here, and why it was left there.

        Raises:
            UsageError: it is this workspace itself.
            NotAWorkspace: it is none.
            OSError: this workspace can't be written; merging again goes on.
        """
        from runstore.query import union

        source = other if isinstance(other, asked.Workspace) else Workspace(other, create=False)
        return union.merge(self.path, source.path, dry_run)

    if TYPE_CHECKING:

        def experiment(self, name: str) -> Experiment:
            """See the class below."""
            ...

        def get_run(self, run_id: str) -> Run:
            """See the class below."""
            ...


def start_run(
    experiment: str,
    name: str | None = None,
    run_id: str | None = None,
    *,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    workspace: asked.Workspace | str | os.PathLike[str] | None = None,
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
    """Start a run in one call, or go on with one; see ``Experiment.start_logging``.

    In a script that was submitted the first call of a process gives the submitted run itself, whatever experiment is
    named: the script logs into it, its launcher says how it ends. Later calls begin runs below it.

    Args:
        experiment: the experiment's name; made where it doesn't exist.
        name: a name for people.
        run_id: a run to join or resume, or the id of a new one.
        params: recorded at once.
        tags: recorded at once.
        workspace: a workspace or its directory; default: $RUNSTORE_DIR, the nearest .runstore upwards, ./.runstore.
        parent_id: the run this one belongs under.
        attempt: the attempt to go into, where a launcher knows it.
        rank: this process's number among several.
        type: what kind of run it is; a filter of ``get_runs``.
        display_name: a name that may be changed later.
        description: what the run is about; may be changed later.
        outputs: a directory whose files are taken in while the run goes on; True: ``./outputs``.
        logs: the same for logs; True: ``./logs``.
        snapshot_directory: a directory of source code to keep.
    """
    where = workspace if isinstance(workspace, asked.Workspace) else Workspace(workspace)
    if run_id is None:
        above, free = inside.first(where.path)
        if above is not None and free:
            return inside.joined(where, above, params, tags, display_name or name, description, outputs, logs)
        parent_id = parent_id or above
    made: asked.Experiment = where.experiment_class(where, experiment)
    run = made.start_logging(
        name, run_id, params=params, tags=tags, parent_id=parent_id, attempt=attempt, rank=rank, type=type,
        display_name=display_name, description=description, outputs=outputs, logs=logs,
        snapshot_directory=snapshot_directory,
    )  # fmt: skip
    return cast(Run, run)
