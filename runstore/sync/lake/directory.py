"""A directory as storage: each name appears whole and survives the death of the machine, which no library promises."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runstore.disk import files, lock
from runstore.disk.capabilities import CAN
from runstore.errors import Damaged, Refused, RemoteError
from runstore.format import names
from runstore.sync.lake.storage import Stored
from runstore.sync.lake.troubles import Missing

_CHUNK = 1 << 20


class Directory:
    """See ``storage.Storage``."""

    local = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self.label = self.root = str(path)
        self._lock = threading.Lock()
        self._unsettled: set[Path] = set()

    def put(self, name: str, chunks: Iterable[bytes], size: int) -> None:
        """See ``Storage``."""
        target = self._where(name)
        with self._refusals("writing", name):
            files.make_dirs(target.parent, durable=True)
            temporary = target.parent / names.temporary(target.name, os.urandom(4).hex())
            try:
                fd = files.create(temporary)
                try:
                    for chunk in chunks:
                        files.write_all(fd, chunk)
                    files.sync(fd)
                finally:
                    files.close(fd)
                os.replace(temporary, target)
            finally:
                files.unlink(temporary)
        with self._lock:
            self._unsettled.add(target.parent)

    def create(self, name: str, data: bytes) -> bool:
        """See ``Storage``."""
        target = self._where(name)
        with self._refusals("writing", name):
            files.make_dirs(target.parent, durable=True)
            try:
                with self._alone(target.parent):
                    files.publish(target.parent, target.name, data)
            except Damaged:  # other bytes
                return False
        return True

    @contextmanager
    def _alone(self, directory: Path) -> Iterator[None]:
        """Where no link can be made, a name is looked for and then taken: nobody else may do so in between."""
        if CAN.hard_link:
            yield
            return
        with lock.exclusive(directory / names.temporary("create", "lock")):
            yield

    def size(self, name: str) -> int | None:
        """See ``Storage``."""
        try:
            with self._refusals("reading", name):
                return self._where(name).stat().st_size
        except Missing:
            return None

    def read(self, name: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """See ``Storage``."""
        with self._refusals("reading", name), files.opened(self._where(name)) as file:
            file.seek(start)
            left = size
            while (left is None or left > 0) and (chunk := file.read(_CHUNK if left is None else min(_CHUNK, left))):
                left = None if left is None else left - len(chunk)
                yield chunk

    def names(self, prefix: str, after: str = "") -> Iterator[Stored]:
        """See ``Storage``."""
        with self._refusals("listing", prefix):
            found = [*self._below(self._where(prefix) if prefix else self._path)]
        yield from (one for one in found if one.name > after)

    def _below(self, directory: Path) -> Iterator[Stored]:
        for entry in files.listing(directory):
            if entry.is_dir(follow_symlinks=False):
                yield from self._below(Path(entry.path))
            elif not (entry.name.startswith(".") and entry.name.endswith(".tmp")):
                try:
                    told = entry.stat()
                except FileNotFoundError:
                    continue
                yield Stored(Path(entry.path).relative_to(self._path).as_posix(), told.st_size, told.st_mtime)

    def delete(self, name: str) -> None:
        """See ``Storage``."""
        with self._refusals("deleting", name):
            files.unlink(self._where(name))

    def settle(self) -> None:
        """See ``Storage``."""
        with self._lock:
            unsettled, self._unsettled = self._unsettled, set()
        with self._refusals("writing", ""):
            for directory in unsettled:
                files.sync_dir(directory)

    def written(self, name: str) -> None:
        """Make what another library has put under a name survive the death of the machine."""
        with self._refusals("writing", name):
            fd = files.reopen(self._where(name))
            try:
                files.sync(fd)
            finally:
                files.close(fd)
            files.sync_dir(self._where(name).parent)

    def _where(self, name: str) -> Path:
        parts = name.split("/")
        if not name or any(part in ("", ".", "..") or "\\" in part or ":" in part or "\0" in part for part in parts):
            raise Refused(f"{self.label}: {name!r} is no name of an object; update runstore")
        return self._path.joinpath(*parts)

    @contextmanager
    def _refusals(self, what: str, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as problem:
            if what == "reading":
                raise Missing(f"{self.label}/{name}: nothing is there; look whether it was removed") from None
            raise RemoteError(f"{self.label}/{name}: {what} failed ({problem.strerror}); look at that path") from None
        except PermissionError as problem:
            raise Refused(f"{self.label}/{name}: {what} is not allowed ({problem.strerror}); change that") from None
        except OSError as problem:
            raise RemoteError(f"{self.label}/{name}: {what} failed ({problem.strerror}); mend that first") from None
