"""The public Experiment: a named group of runs, and the scripts that are run in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runstore.query import experiment as asked

if TYPE_CHECKING:
    from runstore.launch.config import ScriptRunConfig
    from runstore.launch.run import Run
    from runstore.launch.sweep.config import Sweep
    from runstore.launch.workspace import Workspace
    from runstore.query.children import Wanted


class Experiment(asked.Experiment):
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

        def get_runs(
            self,
            type: str | None = None,
            tags: Wanted = None,
            properties: Wanted = None,
            status: str | None = None,
            include_children: bool = False,
        ) -> Iterator[Run]:
            """See the class below."""
            ...

    def submit(
        self,
        config: ScriptRunConfig | Sweep,
        tags: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
        show_output: bool = False,
        launcher: str = "local",
        launcher_options: Mapping[str, Any] | None = None,
        parent_id: str | None = None,
        name: str | None = None,
        display_name: str | None = None,
        params: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run a script, or many runs of it, as a run of its own; returns when its launcher has begun it.

        The source directory is kept as the run's snapshot, and the script runs in a copy of it. The launcher outlives
        this process; the script's exit code says how the run ends.

        Args:
            config: the script or the sweep; what is changed in it later is of no consequence to this run.
            tags: recorded at once.
            run_id: the id of the new run; None: ``<experiment>_<seconds>_<8 digits>``.
            show_output: print what it prints until it has ended. Ctrl-C ends that, not the run.
            launcher: ``local``, ``slurm``, ``ray``, or a command with ``{command}`` in it that a scheduler is given.
            launcher_options: of the scheduler.
            parent_id: the run this one belongs under.
            name: a name for people.
            display_name: a name that may be changed later.
            params: recorded at once.
            properties: recorded at once.

        Returns:
            The run, to be asked and waited for.

        Raises:
            LaunchError: it can't be started; the message says why.
            UsageError: nothing that can be submitted.
            SnapshotError: the source can't be kept.
            NotWritable: the workspace can't be written.
            KeyboardInterrupt: Ctrl-C while its output was shown; the run goes on.
        """
        from runstore.launch import queue, submit

        about = queue.About(
            name=name, parent_id=parent_id, display_name=display_name, params=params or {},
            properties=properties or {}, tags=tags or {},
        )  # fmt: skip
        id = submit.submit(self, config, about, run_id, launcher, launcher_options)
        return self._submitted(id, show_output)

    def resume(self, run_id: str, *, show_output: bool = False, launcher: str = "local") -> Run:
        """Go on with a sweep whose launcher has died; or start a queued run's launcher once more.

        Args:
            run_id: the sweep's id.
            show_output: as for ``submit``.
            launcher: as for ``submit``.

        Raises:
            LaunchError: it wasn't cut short, or can't go on where it stopped.
        """
        from runstore.launch import submit

        submit.resume(self, run_id, launcher)
        return self._submitted(run_id, show_output)

    def show(self, *, height: int = 560, editable: bool = False) -> None:
        """Show the experiment's runs live in a notebook, without holding it up; elsewhere print them.

        Args:
            height: of the page in the cell's output, in CSS pixels.
            editable: tags, notes and the like may be changed there.
        """
        from runstore.view.notebook import showing, subjects

        showing.show(subjects.of_experiment(self), height=height, editable=editable)

    def _repr_html_(self) -> str:
        """A card of the experiment's runs, for notebooks."""
        from runstore.view.notebook import cards, subjects

        return cards.of(subjects.of_experiment(self)) or super()._repr_html_()

    def _submitted(self, run_id: str, show_output: bool) -> Run:
        run = self.workspace.get_run(run_id)
        if show_output:
            run.wait_for_completion(show_output=True, raise_on_error=False)
        return run
