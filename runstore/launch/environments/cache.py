"""Where environments are kept: outside every workspace, by what they hold, built by one process at a time.

A directory counts once a small document names it, and that is written last. So a builder that is killed leaves nothing
that is used, and what still runs of its tools writes into a directory that nobody looks at.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runstore.disk import files, lock
from runstore.disk.caches import root as root
from runstore.errors import Damaged, LaunchError
from runstore.format import documents
from runstore.launch.environments.tools import LOOK_SECONDS, Say, Stop, Stopped

_WAITING = "another process builds this environment; waiting for it"


def key(*parts: object) -> str:
    """A short name for what an environment holds."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def obtain(name: str, sound: Callable[[Path], bool], build: Callable[[Path], None], say: Say, stop: Stop) -> Path:
    """The environment of that name: the one there is, if it is sound, otherwise a new one.

    Args:
        name: its key.
        sound: whether one can be used.
        build: makes one in a directory that is not there yet.
        say: gets a line where it is waited for.
        stop: whether somebody wants to stop.

    Raises:
        LaunchError: it can't be built, or the directory of caches can't be written.
        Stopped: ``stop`` said so.
    """
    place = root() / "environments"
    if (there := _named(place, name)) and sound(there):
        return there
    try:
        with alone(place / f"{name}.lock", say, stop):
            if (there := _named(place, name)) and sound(there):
                return there  # built meanwhile
            _sweep(place, name, there)
            return _built(place, name, build)
    except OSError as problem:
        where = problem.filename or place
        raise LaunchError(
            f"{where}: can't be written ({problem.strerror}); set RUNSTORE_CACHE to a directory"
        ) from None


@contextmanager
def alone(path: Path, say: Say, stop: Stop) -> Iterator[None]:
    """Do what one process does at a time, once no other one does it.

    Raises:
        Stopped: ``stop`` said so.
    """
    told = False
    while True:
        holding = lock.exclusive(path, timeout=LOOK_SECONDS if told else 0)
        try:
            holding.__enter__()
            break
        except lock.Busy:
            if not told:
                say(_WAITING)
            told = True
            if stop():
                raise Stopped("stopped while it waited for its environment; submit it again") from None
    try:
        yield
    finally:
        holding.__exit__(None, None, None)


def _named(place: Path, name: str) -> Path | None:
    """The directory that counts."""
    document = place / f"{name}.json"
    try:
        body = documents.parse(files.read(document), str(document))
        return place / str(body["directory"])
    except (OSError, Damaged):
        return None


def _sweep(place: Path, name: str, counts: Path | None) -> None:
    """Remove what builders that were killed have left."""
    for left in place.glob(f"{name}-*"):
        if left != counts:  # a script may still run in it
            shutil.rmtree(left, ignore_errors=True)


def _built(place: Path, name: str, build: Callable[[Path], None]) -> Path:
    directory = place / f"{name}-{os.urandom(4).hex()}"
    try:
        build(directory)
        temporary = directory / "name.json"
        temporary.write_bytes(documents.render({"directory": directory.name}))
        os.replace(temporary, place / f"{name}.json")
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return directory
