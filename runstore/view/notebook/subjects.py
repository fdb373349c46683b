"""What is shown: a run, an experiment or a workspace, with the page's view of it and how it is outlined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from runstore.errors import RunstoreError
from runstore.view.notebook.outlines import Outline

SWEEP = "hyperdrive"

if TYPE_CHECKING:
    from runstore.query.experiment import Experiment
    from runstore.query.run import Run
    from runstore.query.workspace import Workspace


@dataclass(frozen=True)
class Subject:
    """``place``: the page's view, as a hash; ``run_id``: the run after whose end nothing more comes; ``own``: it is
    logged by this process, which must not wait for it.
    """

    ws: Workspace
    place: str
    outlined: Callable[[], Outline]
    run_id: str | None = None
    own: bool = False
    refresh: Callable[[], None] | None = None

    def outline(self) -> Outline | None:
        """As it is now; None where it can't be told, such as of a run that was never recorded."""
        try:
            return self.outlined()
        except (RunstoreError, OSError):
            return None


def of_run(run: Run) -> Subject:
    """A run: its metrics first, since they move; a sweep: its runs and what it is about."""
    ws, run_id = run.experiment.workspace, run.id

    def outlined() -> Outline:
        from runstore.view.notebook import outlines

        return outlines.of_run(ws, run_id)

    page = quote(run_id, safe="")
    sweep = run.type == SWEEP
    place = f"#/sweeps/{page}" if sweep else f"#/run/{page}?{urlencode({'my.tab': 'metrics'})}"
    return Subject(ws, place, outlined, run_id, run._writer is not None, _refresh(ws))


def of_experiment(experiment: Experiment) -> Subject:
    """An experiment: the table of its runs and their curves."""
    ws, name = experiment.workspace, experiment.name

    def outlined() -> Outline:
        from runstore.view.notebook import outlines

        return outlines.of_experiment(ws, name)

    return Subject(ws, f"#/runs?{urlencode({'experiment': name})}", outlined, refresh=_refresh(ws))


def of_workspace(ws: Workspace) -> Subject:
    """A workspace: its experiments and newest runs."""

    def outlined() -> Outline:
        from runstore.view.notebook import outlines

        return outlines.of_workspace(ws)

    return Subject(ws, "#/workspace", outlined, refresh=_refresh(ws))


def _refresh(ws: Workspace) -> Callable[[], None] | None:
    """What fetches news for a copy of a lake; only a workspace that scripts are run in has it."""
    found: Callable[[], None] | None = getattr(ws, "refresh", None)
    return found if ws.mirrors else None
