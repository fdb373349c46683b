"""A named group of runs."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.disk import files
from runstore.errors import NotWritable
from runstore.format import documents, names, values
from runstore.runs import mirrored

if TYPE_CHECKING:
    from runstore.runs.media import MediaRun
    from runstore.runs.workspace import Workspace


class Experiment:
    """An experiment of a workspace; made where it doesn't exist yet."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        """Name an experiment.

        Args:
            workspace: where it lies.
            name: any non-empty Unicode text.

        Raises:
            NotWritable: it is new and the workspace can't be written.
        """
        self.workspace = workspace
        self.name = values.name(name, "experiment name")
        path = workspace.path / names.experiment_file(self.name)
        if workspace.disabled or path.exists():
            return
        mirrored.refuse(workspace.path)
        body = {"experiment": self.name, "created": time.time_ns()}
        try:
            files.make_dir(path.parent)
            with suppress(FileExistsError):
                self._publish(path.parent, path.name, documents.render(body))
        except OSError as problem:
            raise NotWritable(f"{path.parent}: not writable ({problem.strerror}); check its owner and space") from None

    @staticmethod
    def _publish(directory: Any, name: str, data: bytes) -> None:
        from runstore.errors import Damaged

        with suppress(Damaged):  # two processes made it at the same instant: the first one counts
            files.publish(directory, name, data)

    def __repr__(self) -> str:
        return f"Experiment(name={self.name!r}, workspace={str(self.workspace.path)!r})"

    # ---- what is said about it

    @property
    def id(self) -> str:
        """What identifies the experiment in its workspace: 24 hexadecimal digits, the same as long as its name is."""
        return names.experiment_file(self.name).rpartition("/")[2].removesuffix(".json")

    def tag(self, key: str, value: Any = None) -> None:
        """Set one tag. Tags change; the newest value counts."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Set several tags; those that are not named stay."""
        from runstore.runs.labels import labels_of

        labels = labels_of(tags, "tag")
        if labels:
            self._tell(tags=labels)

    def remove_tags(self, tags: Iterable[str]) -> None:
        """Take tags off. One that isn't there is no error.

        Args:
            tags: their keys.
        """
        from runstore.runs.labels import keys_of

        keys = keys_of(tags)
        if keys:
            self._tell(untag=keys)

    def archive(self) -> None:
        """Hide the experiment from lists; its runs stay. A run that starts in it later makes it active again."""
        self._tell(archived=True)

    def reactivate(self) -> None:
        """Make an archived experiment active again."""
        self._tell(archived=False)

    def _tell(self, **said: Any) -> None:
        """Publish a document that says so; of two about the same, the later one counts.

        Raises:
            NotWritable: the workspace can't be written.
        """
        if self.workspace.disabled:
            return
        mirrored.refuse(self.workspace.path)
        directory = self.workspace.path / names.EXPERIMENTS
        told = [names.event_time(name) or 0 for name in files.names_in(directory) if name.startswith(self.id)]
        now = max(time.time_ns(), max(told, default=0) + 1)  # also where this machine's clock lags
        path = self.workspace.path / names.experiment_event(self.name, now, os.urandom(4).hex())
        data = documents.render({"experiment": self.name, "time": now, **said})
        try:
            files.publish(directory, path.name, data)
        except OSError as problem:
            raise NotWritable(f"{directory}: not writable ({problem.strerror}); check its owner and space") from None

    # ---- runs

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
    ) -> MediaRun:
        """Start a run, or go on with one.

        Args:
            name: a name for people.
            run_id: an existing run to join (its newest attempt lives) or resume (as its next attempt); or the id of a
                new run. None: a new uuid4.
            params: recorded at once, see ``Run.log_params``.
            tags: recorded at once.
            parent_id: the run this one belongs under.
            attempt: the attempt to go into, where a launcher knows it.
            rank: this process's number among several; default $RANK.
            type: what kind of run it is, such as ``"evaluation"``; a filter of ``get_runs``.
            display_name: a name that may be changed later.
            description: what the run is about; may be changed later.
            outputs: a directory whose files are taken in while the run goes on; True: ``./outputs``.
            logs: the same for logs; True: ``./logs``.
            snapshot_directory: a directory of source code to keep, see ``Run.take_snapshot``.

        Raises:
            NotWritable: the workspace can't be written.
            StoreError: the run is in another experiment; or the snapshot can't be taken: the run has failed then.
        """
        run_id = str(uuid.uuid4()) if run_id is None else values.name(run_id, "run id")
        run = self.workspace.run_class(self, run_id)
        start = start_fact(
            rank, name=name, parent=parent_id, type=type, display_name=display_name, description=description
        )
        run._open(start, attempt)
        try:
            if params:
                run.log_params(params)
            if tags:
                run.set_tags(tags)
            _surround(run, outputs, logs, snapshot_directory)
        except BaseException as problem:
            run.fail(problem)
            raise
        return run


def _surround(run: MediaRun, outputs: Any, logs: Any, snapshot_directory: Any) -> None:
    """Take in what lies around the run, as far as that is wanted."""
    run._left_out = [folder for folder in (_folder(outputs, "outputs"), _folder(logs, "logs")) if folder]
    if outputs or logs:
        from runstore.runs import watch

        watch.start(run, outputs, logs)
    if run._disabled:
        return
    run._trace(None if snapshot_directory is None else Path(snapshot_directory))


def _folder(watched: bool | str | os.PathLike[str] | None, usual: str) -> Path | None:
    return Path(usual if watched is True else watched) if watched else None


def start_fact(rank: int | None = None, **told: str | None) -> dict[str, Any]:
    """What a writer says of itself and of its run when it starts.

    Args:
        rank: its number among several.
        told: ``name``, ``parent``, ``type``, ``display_name``, ``description`` of the run.
    """
    said = {key: values.text(str(value), f"run's {key}") for key, value in told.items() if value is not None}
    return {
        "rank": _rank() if rank is None else rank,
        "name": None,
        "parent": None,
        "type": None,
        **said,
        "user": _user(),
    }


def _rank() -> int | None:
    text = os.environ.get("RANK", "")
    return int(text) if text.isdecimal() else None


def _user() -> str:
    return os.environ.get("USER") or os.environ.get("USERNAME") or os.environ.get("LOGNAME") or ""
