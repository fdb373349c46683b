"""The public Run: what it answers comes from query/; that scripts may be runs, from here."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runstore.query import run as asked

if TYPE_CHECKING:
    from runstore.launch.config import ScriptRunConfig
    from runstore.launch.experiment import Experiment
    from runstore.launch.sweep.config import Sweep
    from runstore.launch.sweep.results import Result
    from runstore.query.children import Wanted


class Run(asked.Run):
    """A run of an experiment: log into it, end it, ask it, submit scripts below it.

    Started by ``Experiment.start_logging`` or ``runstore.start_run``, or a script that ``Experiment.submit`` runs; from
    ``Workspace.get_run`` it takes no points.
    """

    if TYPE_CHECKING:
        experiment: Experiment

        @property
        def parent(self) -> Run | None:
            """See the class below."""
            ...

        def get_children(
            self,
            recursive: bool = False,
            tags: Wanted = None,
            properties: Wanted = None,
            type: str | None = None,
            status: str | None = None,
        ) -> Iterator[Run]:
            """See the class below."""
            ...

    _inside = False  # this process is part of it as a script that was submitted: its launcher says how it ends
    _cleaned = False

    # ---- scripts below it

    def submit_child(
        self,
        config: ScriptRunConfig | Sweep,
        tags: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
        show_output: bool = False,
        launcher: str = "local",
        launcher_options: Mapping[str, Any] | None = None,
        name: str | None = None,
        display_name: str | None = None,
        params: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run a script as a run below this one; see ``Experiment.submit``. How one ends says nothing of the other."""
        return self.experiment.submit(
            config, tags, run_id=run_id, show_output=show_output, launcher=launcher, launcher_options=launcher_options,
            parent_id=self.id, name=name, display_name=display_name, params=params, properties=properties,
        )  # fmt: skip

    def clean(self) -> list[str]:
        """Delete the working copy of a script's run, where its end has left one; say what was done.

        Raises:
            LaunchError: it still runs, can't be deleted, or was cleaned by this object already.
        """
        from runstore.launch import afterwards

        said = afterwards.clean(self, again=self._cleaned)
        self._cleaned = True
        return said

    # ---- what a sweep has found

    def best_child(self) -> Run | None:
        """Of a sweep, the run with the best value of the primary metric; None where none has logged it.

        Raises:
            UsageError: this run is no sweep.
        """
        from runstore.launch.sweep import results

        found = results.best(self, earlier=False)
        return None if found is None else self.experiment.workspace.get_run(found.run_id)

    def children_by_metric(self) -> list[Result]:
        """Of a sweep, its runs, the best first; those that have logged no number of the primary metric come last.

        Raises:
            UsageError: this run is no sweep.
        """
        from runstore.launch.sweep import results

        return results.ranked(self)

    # ---- its end

    def wait_for_completion(
        self, show_output: bool = False, wait_post_processing: bool = False, raise_on_error: bool = True
    ) -> dict[str, Any]:
        """Wait until the run has ended, whichever process it is in. Ctrl-C ends the waiting, not the run.

        Args:
            show_output: print what the run's logs gain meanwhile.
            wait_post_processing: accepted; what a run does last is waited for in any case: its files are there then.
            raise_on_error: raise if it has failed; a canceled run never raises.

        Returns:
            What ``get_details`` gives then.

        Raises:
            RunFailed: it has failed.
            KeyboardInterrupt: Ctrl-C; the run goes on.
        """
        try:
            return super().wait_for_completion(show_output, wait_post_processing, raise_on_error)
        except KeyboardInterrupt:
            if show_output:
                how = f"`runstore logs -f {self.id}` follows it, `runstore cancel {self.id}` ends it"
                sys.stderr.write(f"\nrunstore: run {self.id} goes on; {how}\n")
            raise

    def cancel(self) -> None:
        """End as canceled. Final.

        On an object that didn't start the run (``Workspace.get_run``) this ends it from outside. A script that was
        submitted is ended with all processes it has started; this returns when they are gone. Any other process that
        logs goes on unhurt, and finds out by asking ``status``. A run that has ended stays as it ended.
        """
        if self._inside:
            text = "cancel() in a run's own script ends this process's part of it; `runstore cancel` ends the run"
            warnings.warn(text, stacklevel=2)
        super().cancel()

    def show(self, *, height: int = 560, editable: bool = False) -> None:
        """Show the run live in a notebook, without holding it up; elsewhere print how it stands.

        Args:
            height: of the page in the cell's output, in CSS pixels.
            editable: tags, notes and the like may be changed there.
        """
        from runstore.view.notebook import showing, subjects

        showing.show(subjects.of_run(self), height=height, editable=editable)

    def _repr_html_(self) -> str:
        """A card of the run, for notebooks."""
        from runstore.view.notebook import cards, subjects

        return cards.of(subjects.of_run(self)) or super()._repr_html_()

    def _end(self, status: str, error: str | None, explicit: bool, failure: dict[str, Any] | None = None) -> None:
        elsewhere = explicit and self._outside and not self._disabled
        super()._end(status, error, explicit and not self._inside, failure)
        if elsewhere:
            from runstore.launch import afterwards

            afterwards.follow(self, status)

    def _capture(self) -> Any:
        """In a script that was submitted the launcher keeps what is printed: here only records are."""
        if not self._inside or self._writer is None:
            return super()._capture()
        from runstore.runs.capture import Capture

        if any(isinstance(one, Capture) for one in self._companions):
            return None
        held = Capture(self, console=False)
        self._companions.append(held)
        return held
