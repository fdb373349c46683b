"""What is damaged, out of the way: kept inside the workspace, with a document beside it that says what was done.

``damaged/<date>-<time>/<where it lay>`` and ``report.json``. Nothing else depends on these directories: whoever needs
them no more deletes them. Also here: what one repair did, as it is told and recorded.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.errors import RunstoreError
from runstore.format import VERSION, documents, names


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was saved, lost, or could not be repaired; ``path`` is relative to the workspace."""

    path: str
    what: str
    run_id: str = ""


@dataclass(slots=True)
class Repaired:
    """What was done, or would be.

    ``aside``: what lay where and was damaged; kept in ``place``. ``left``: what is damaged still, each with the reason.
    """

    saved: list[Told] = field(default_factory=list)
    lost: list[Told] = field(default_factory=list)
    aside: list[tuple[str, int]] = field(default_factory=list)
    left: list[Told] = field(default_factory=list)
    place: str = ""

    @property
    def whole(self) -> bool:
        """Whether everything is as it was before the damage."""
        return not self.lost and not self.left

    @contextmanager
    def naming(self, path: str) -> Iterator[None]:
        """What is in the way of one thing (an I/O error is no damage) is told, and keeps nobody from the others."""
        try:
            yield
        except (RunstoreError, OSError) as problem:
            self.left.append(Told(path, str(problem)))


class Quarantine:
    """Where damaged files go."""

    def __init__(self, workspace: Path, done: Repaired) -> None:
        self._workspace, self._done = workspace, done
        self._why: dict[str, str] = {}
        self._place = unfinished(workspace)

    def take(self, path: Path, why: str) -> None:
        """Move a file out of the way; nothing where it is gone.

        Raises:
            OSError: the file system refuses.
        """
        relative = path.relative_to(self._workspace)
        place = self._free(self._directory() / relative)
        try:
            os.stat(path)
            files.make_dirs(place.parent, durable=True)
            os.rename(path, place)
        except FileNotFoundError:
            return
        files.sync_dir(place.parent)
        files.sync_dir(path.parent)
        self._noted(relative, place, why)

    def replace(self, path: Path, data: bytes, why: str) -> None:
        """Give a file its right bytes, in one step; what lay there is kept.

        Raises:
            OSError: the file system refuses; the file is as it was.
        """
        temporary = self.copy(path, why).with_name(names.temporary(path.name, os.urandom(4).hex()))
        fd = files.create(temporary)
        try:
            files.write_all(fd, data)
            files.sync(fd)
        finally:
            files.close(fd)
        os.replace(temporary, path)
        files.sync_dir(path.parent)

    def copy(self, path: Path, why: str) -> Path:
        """Keep what lies at a path; give where.

        Raises:
            OSError: the file system refuses.
        """
        relative = path.relative_to(self._workspace)
        place = self._free(self._directory() / relative)
        files.make_dirs(place.parent, durable=True)
        try:
            files.link(path, place)
        except OSError:
            shutil.copy2(path, place)
        files.sync_dir(place.parent)
        self._noted(relative, place, why)
        return place

    def _noted(self, relative: Path, place: Path, why: str) -> None:
        self._why[place.relative_to(self._directory()).as_posix()] = why
        self._done.aside.append((relative.as_posix(), os.stat(place).st_size))

    def close(self) -> None:
        """Say what was done, where anything was."""
        if not self._done.lost and not self._done.aside and self._place is None:
            return
        place = self._directory()
        held = sorted(path for path in place.rglob("*") if path.is_file() and not path.name.startswith("."))
        listed = [path.relative_to(place).as_posix() for path in held]
        body = {
            "runstore": VERSION, "created": time.time_ns(),
            "files": [
                {"path": name, "size": os.stat(path).st_size, "sha256": files.sha256(path), "why": self._why.get(name)}
                for name, path in zip(listed, held, strict=True)
            ],
            "saved": [asdict(one) for one in self._done.saved],
            "lost": [asdict(one) for one in self._done.lost],
        }  # fmt: skip
        files.publish(place, names.REPORT, documents.render(body))
        self._done.place = place.relative_to(self._workspace).as_posix()

    def _directory(self) -> Path:
        if self._place is None:
            named = self._workspace / names.DAMAGED / time.strftime("%Y%m%d-%H%M%S", time.gmtime())
            self._place = self._free(named)
            files.make_dirs(self._place, durable=True)
        return self._place

    @staticmethod
    def _free(path: Path) -> Path:
        """The path, with a number after it where something lies there."""
        return next(one for one in _numbered(path) if not one.exists())


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    number = 2
    while True:
        yield path.with_name(f"{path.name}-{number}")
        number += 1


def kept(workspace: Path) -> list[Path]:
    """The directories of what repairs have put aside, the oldest first."""
    return [Path(entry.path) for entry in files.listing(workspace / names.DAMAGED) if entry.is_dir()]


def unfinished(workspace: Path) -> Path | None:
    """The directory of a repair that was interrupted."""
    return next((one for one in kept(workspace) if not (one / names.REPORT).exists()), None)


def sizes(workspace: Path) -> Iterator[tuple[Path, int, int]]:
    """Each of these directories, how many files lie there, and their bytes; the reports are not counted."""
    for place in kept(workspace):
        found = [path for path in place.rglob("*") if path.is_file() and path != place / names.REPORT]
        if found:
            yield place, len(found), sum(os.stat(path).st_size for path in found)


def report(place: Path) -> dict[str, Any]:
    """What the report in such a directory says.

    Raises:
        Damaged, FileNotFoundError: it is not what was written, or not there.
    """
    body: dict[str, Any] = documents.parse(files.read(place / names.REPORT), names.REPORT)
    return body
