"""A directory that holds nothing but the running runstore, for interpreters that have none of their own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import runstore
from runstore.disk import files
from runstore.errors import LaunchError
from runstore.launch.environments import cache, own


def link() -> Path:
    """A directory for PYTHONPATH: it holds a link to the running runstore, or a copy where links can't be made.

    The directory above the package would not do: in it may lie everything that is installed for another Python.

    Raises:
        LaunchError: the directory of caches can't be written.
    """
    source = own.package()
    directory = cache.root() / "runstore" / cache.key(str(source), runstore.__version__)
    try:
        if _leads(directory / "runstore", source):
            return directory
        files.make_dirs(directory)
        try:
            _put(directory, lambda name: os.symlink(source, name, target_is_directory=True))
            return directory
        except OSError:
            return _copy(source)
    except OSError as problem:
        where = problem.filename or directory
        raise LaunchError(
            f"{where}: can't be written ({problem.strerror}); set RUNSTORE_CACHE to a directory"
        ) from None


def _leads(name: Path, source: Path) -> bool:
    try:
        return os.path.samefile(name, source)
    except OSError:
        return False


def _copy(source: Path) -> Path:
    """A copy; of another state of the files it is another one."""
    modules = sorted(source.rglob("*.py"))
    state = [(str(module.relative_to(source)), module.stat().st_mtime_ns) for module in modules]
    directory = cache.root() / "runstore" / cache.key(str(source), state)
    if not (directory / "runstore").is_dir():
        files.make_dirs(directory)
        ignored = shutil.ignore_patterns("__pycache__")
        _put(directory, lambda name: shutil.copytree(source, name, ignore=ignored))
    return directory


def _put(directory: Path, make: Callable[[Path], object]) -> None:
    """Make something whole under the name ``runstore``, whoever else does the same."""
    temporary = directory / f"new-{os.urandom(4).hex()}"
    make(temporary)
    try:
        os.replace(temporary, directory / "runstore")
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        if not (directory / "runstore").is_dir():
            raise
