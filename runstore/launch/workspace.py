"""The public Workspace, and ``start_run``. Asking loads DuckDB; logging never does."""

from __future__ import annotations

import html
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from runstore.errors import NotAWorkspace
from runstore.format import names
from runstore.launch import inside
from runstore.launch.experiment import Experiment
from runstore.launch.run import Run
from runstore.query import workspace as asked
from runstore.runs import media, mirrored

if TYPE_CHECKING:
    from runstore.query.taking import Merged
    from runstore.sync.pull import Pulled
    from runstore.sync.push import Pushed
    from runstore.view.report.written import Report

__all__ = ["Experiment", "Run", "Workspace", "start_run"]


class Workspace(asked.Workspace):
    """A workspace on disk: its experiments and runs, SQL over all of them, and scripts that are run in it."""

    experiment_class: ClassVar[type[Experiment]] = Experiment
    run_class: ClassVar[type[media.MediaRun]] = Run

    def __init__(self, path: str | os.PathLike[str] | None = None, *, create: bool = True) -> None:
        """Open a workspace; make it only where the path is missing or an empty directory.

        Args:
            path: its directory; default: $RUNSTORE_DIR, the nearest .runstore upwards, ./.runstore. Or a lake: its URL
                (``s3://``, ``az://``, ``abfss://``, ``gs://``, ``file://``) or directory. A lake is read through a copy
                in the directory of caches, and can't be changed.
            create: False only opens.

        Raises:
            NotAWorkspace: something else lies there; or nothing does, and it may not be made.
            FormatTooNew: a later runstore made it.
            Damaged: workspace.json is not as it was written.
            NotWritable: it can't be made there.
            RemoteError: the lake can't be read.
        """
        given = os.fspath(path) if path is not None else os.environ.get("RUNSTORE_DIR", "")
        if "://" in given:
            super().__init__(_copy(given), create=False)
            return
        try:
            super().__init__(path, create=create)
        except NotAWorkspace:
            if not given or not Path(given, names.LAKE).exists():
                raise
            super().__init__(_copy(Path(given).absolute().as_uri()), create=False)

    def __repr__(self) -> str:
        return f"Workspace({self.mirrors!r})" if self.mirrors else super().__repr__()

    def refresh(self) -> None:
        """Fetch what has come to a lake since it was opened; a workspace on disk is always as it is now.

        Raises:
            RemoteError: the lake can't be read.
        """
        if self.mirrors:
            _copy(self.mirrors)

    def report(
        self, out: str | os.PathLike[str], runs: Run | str | Iterable[Run | str] | None = None, *,
        where: str | None = None, experiment: str | None = None, sort: str | Sequence[str] | None = None,
        limit: int | None = None, buckets: int = 500, points: int = 2_000_000, images: int = 20 << 20,
        plotly: bool = False, title: str | None = None, overwrite: bool = False,
    ) -> Report:  # fmt: skip
        """Write some runs as one HTML file that shows them anywhere, without a network (``docs/report.md``).

        Args:
            out: the file.
            runs: runs, or ids, or any unique beginnings of them; None for all that the filters leave.
            where: only runs for which this is true, as in ``runs()``.
            experiment: only runs of this experiment.
            sort: an order, as in ``runs()``; else as given, or the newest first.
            limit: how many runs are taken; None: all that are named, else 20.
            buckets: into how many a curve is cut; zooming shows no finer.
            points: put the runs' rows in as Parquet if they have no more points than this; 0: don't.
            images: bytes of images, sounds and texts that may be in it.
            plotly: draw logged figures of Plotly by the installed package, which adds about 2 MB.
            title: what it is called.
            overwrite: put it in the place of a report that lies there; else what exists is refused.

        Raises:
            UsageError, QueryError, RunNotFound: an argument is none of these, or no run is meant.
            StoreError: something lies there, the page is not built, or it can't be written; nothing was.
        """
        from runstore.view.report import chosen, written

        most = limit if limit is not None else written.RUNS if runs is None else chosen.MOST
        ids, more = chosen.chosen(self, runs, where, experiment, sort, most)
        wanted = written.Wanted(buckets, points, images, plotly, title)
        return written.write(self, out, ids, wanted, overwrite=overwrite, left_off=more)

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

        if self.mirrors:
            raise mirrored.refused(self.mirrors)
        source = other if isinstance(other, asked.Workspace) else Workspace(other, create=False)
        return union.merge(self.path, source.path, dry_run)

    def sync(self, *remotes: str, dry_run: bool = False, verify: bool = False) -> dict[str, Pushed]:
        """Send what remotes lack: at any moment, any number of times, of runs that go on too (``docs/sync.md``).

        Args:
            remotes: the names of those that are meant; all by default.
            dry_run: only say what would be sent.
            verify: ask the remote for all that it has, and read it back.

        Returns:
            By remote, what was sent and how it stands with each run that was looked at.

        Raises:
            UsageError: no such remote.
            RemoteError: one can't be asked at all; the others after it were not asked.
        """
        from runstore.sync import remotes as known
        from runstore.sync import sending

        how = sending.How(dry_run=dry_run, verify=verify)
        chosen = [known.named(self.path, name) for name in remotes or known.every(self.path)]
        return {one.name: sending.send(self.path, one, how=how) for one in chosen}

    def pull(self, remote: str | None = None, *, dry_run: bool = False) -> Pulled:
        """Take what a remote has and this workspace lacks; merged as another workspace would be (``docs/merging.md``).

        Args:
            remote: its name; the only one by default.
            dry_run: only say what would be taken.

        Raises:
            UsageError: no such remote, or there are several.
            RemoteError: it can't be asked, or gives something else than it says.
        """
        from runstore.sync import remotes as known
        from runstore.sync import sending

        return sending.fetch(self.path, known.named(self.path, remote), how=sending.How(dry_run=dry_run))

    def show(self, *, height: int = 560, editable: bool = False) -> None:
        """Show the workspace's runs live in a notebook, without holding it up; elsewhere print them.

        Args:
            height: of the page in the cell's output, in CSS pixels.
            editable: tags, notes and the like may be changed there.
        """
        from runstore.view.notebook import showing, subjects

        showing.show(subjects.of_workspace(self), height=height, editable=editable)

    def _repr_html_(self) -> str:
        """A card of the workspace's runs, for notebooks."""
        from runstore.view.notebook import cards, subjects

        return cards.of(subjects.of_workspace(self)) or f"<code>{html.escape(repr(self))}</code>"

    if TYPE_CHECKING:

        def experiment(self, name: str) -> Experiment:
            """See the class below."""
            ...

        def get_run(self, run_id: str) -> Run:
            """See the class below."""
            ...


def _copy(url: str) -> Path:
    """The copy of a lake, with what is there now."""
    from runstore.sync.lake import mirror

    return mirror.opened(url)


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
