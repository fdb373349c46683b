"""A directory of experiments and runs: found, made, opened."""

from __future__ import annotations

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from runstore.disk import files
from runstore.errors import Damaged, FormatTooNew, NotAWorkspace, NotWritable, RunstoreError
from runstore.format import VERSION, documents, names
from runstore.runs.experiment import Experiment
from runstore.runs.media import MediaRun
from runstore.runs.mirrored import MIRROR

DIRECTORY = ".runstore"
_README = """# A runstore workspace

This directory holds machine-learning runs: their metrics, parameters, tags and files, written by runstore
(format version {version}). It may be moved, copied or rsynced as a whole; it holds no absolute path.

Ask it with `runstore runs -w .`, `runstore sql "select * from runs" -w .`, or in Python:

    import runstore
    runstore.Workspace(".").sql("select run_id, status from runs").show()

The files are JSON Lines and Parquet. How to read them without runstore is described in docs/format.md of the
runstore project. In short: `runs/<2>/<16>/` is one run; `a1.jsonl` there holds its facts (one JSON array a line),
`p-*.jsonl` points not sealed yet, `points-*.parquet` sealed ones, `k-*.pack` small artifacts; `blobs/` holds large
artifacts under their SHA-256, `models/` the registered models. `runstore check -w .` recomputes every checksum.
"""


def find() -> Path:
    """The workspace meant where none is named: $RUNSTORE_DIR, else the nearest .runstore upwards, else ./.runstore."""
    given = os.environ.get("RUNSTORE_DIR")
    if given:
        return Path(given)
    here = Path.cwd()
    for directory in (here, *here.parents):
        if (directory / DIRECTORY / names.WORKSPACE).exists():
            return directory / DIRECTORY
    return here / DIRECTORY


def disabled() -> bool:
    """Whether $RUNSTORE_MODE turns every logging call into a no-op."""
    return os.environ.get("RUNSTORE_MODE", "").strip().lower() == "disabled"


class Workspace:
    """A workspace on disk."""

    experiment_class: ClassVar[type[Experiment]] = Experiment
    run_class: ClassVar[type[MediaRun]] = MediaRun

    def __init__(self, path: str | os.PathLike[str] | None = None, *, create: bool = True) -> None:
        """Open a workspace; make it only where the path is missing or an empty directory.

        Args:
            path: its directory; default: see ``find``.
            create: False only opens.

        Raises:
            NotAWorkspace: something else lies there; or nothing does, and it may not be made.
            FormatTooNew: a later runstore made it.
            Damaged: workspace.json is not as it was written.
            NotWritable: it can't be made there.
        """
        self.path = (Path(path) if path is not None else find()).absolute()
        self.disabled = disabled()
        self.mirrors = ""  # the address of which it is a copy, where it is one
        document = self.path / names.WORKSPACE
        self.id = ""
        data = self._document(document, create)
        if data is None:
            return
        body = documents.parse(data, str(document))
        if body["runstore"] > VERSION:
            raise FormatTooNew(
                f"{self.path}: format {body['runstore']}, this runstore reads up to {VERSION}; upgrade it"
            )
        self.id, self.mirrors = str(body["workspace"]), str(body.get(MIRROR, ""))

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r})"

    def _document(self, document: Path, create: bool) -> bytes | None:
        """What says that this is a workspace, made if need be; None where nothing is to be made."""
        try:
            return files.read(document)
        except (FileNotFoundError, NotADirectoryError):
            if self.disabled:
                return None
        except OSError as problem:
            raise NotWritable(f"{document}: can't be read ({problem.strerror}); mend that first") from None
        try:
            self._make(create)
            return files.read(document)
        except RunstoreError:
            raise
        except OSError as problem:
            raise NotWritable(f"{self.path}: can't make a workspace ({problem.strerror}); name another path") from None

    def _make(self, create: bool) -> None:
        path = self.path
        if path.exists() and not (path.is_dir() and (_empty(path) or _begun(path))):
            raise NotAWorkspace(f"{path}: exists and is no runstore workspace; name another path or an empty directory")
        if not create:
            raise NotAWorkspace(f"{path}: no workspace there; make one with `runstore init` or name another with -w")
        body = {"runstore": VERSION, "workspace": str(uuid.uuid4()), "created": time.time_ns()}
        files.make_dirs(path, durable=True)
        with suppress(Damaged):  # another version's, made at the same instant: the first one counts
            files.publish(path, names.README, _README.format(version=VERSION).encode(), durable=False)
        for directory in (names.RUNS, names.EXPERIMENTS):
            files.make_dirs(path / directory)
        with suppress(Damaged):
            files.publish(path, names.WORKSPACE, documents.render(body))

    def experiment(self, name: str) -> Experiment:
        """An experiment of this workspace, made where it doesn't exist."""
        return self.experiment_class(self, name)


def is_there(path: Path) -> bool:
    """Whether a directory is a workspace, or still one: it may have been moved, removed or unmounted."""
    return (path / names.WORKSPACE).exists()


def _empty(path: Path) -> bool:
    return not files.listing(path)


def _begun(path: Path) -> bool:
    """Whether all that lies there is what making a workspace leaves until it is done: now, or when it was cut short."""
    temporary = tuple(f".{name}." for name in (names.README, names.WORKSPACE))
    ours = False
    for entry in files.listing(path):
        if entry.name in (names.RUNS, names.EXPERIMENTS):
            if not _empty(Path(entry.path)):
                break
        elif entry.name == names.README:
            if not files.read(Path(entry.path)).startswith(_README[:22].encode()):
                break
            ours = True
        elif entry.name == names.CONFIG or entry.name.startswith(temporary):
            ours = True
        else:
            break
    else:
        return ours
    return is_there(path)  # made whole, and used, since it was looked for
