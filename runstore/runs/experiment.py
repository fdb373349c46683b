"""A named group of runs."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from runstore.disk import files
from runstore.errors import NotWritable
from runstore.format import documents, names, values

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
        body = {"experiment": self.name, "created": time.time_ns()}
        try:
            files.make_dirs(path.parent)
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

        Raises:
            NotWritable: the workspace can't be written.
            StoreError: the run is in another experiment.
        """
        run_id = str(uuid.uuid4()) if run_id is None else values.name(run_id, "run id")
        run = self.workspace.run_class(self, run_id)
        start = {
            "rank": _rank() if rank is None else rank,
            "name": None if name is None else values.text(str(name), "run name"),
            "parent": parent_id,
            "type": None,
            "user": _user(),
        }
        run._open(start, attempt)
        if params:
            run.log_params(params)
        if tags:
            run.set_tags(tags)
        return run


def _rank() -> int | None:
    text = os.environ.get("RANK", "")
    return int(text) if text.isdecimal() else None


def _user() -> str:
    return os.environ.get("USER") or os.environ.get("USERNAME") or os.environ.get("LOGNAME") or ""
