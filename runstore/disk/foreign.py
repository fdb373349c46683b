"""Workspaces of others, which may hold anything: nothing below them is read through a link, nor from a device.

A log that is a link to a private file would be taken in as a log, and published by the next sync.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runstore.errors import StoreError

_roots: tuple[str, ...] = ()
_changing = threading.Lock()
_FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


@contextmanager
def reading(root: Path) -> Iterator[None]:
    """Within the block, read below this directory only regular files, and through no link.

    Raises:
        StoreError: something below it is neither a regular file nor a directory.
    """
    global _roots
    own = (f"{root}{os.sep}",)
    with _changing:
        _roots += own
    try:
        _inspect(root)
        yield
    finally:
        with _changing:
            at = _roots.index(*own)
            _roots = _roots[:at] + _roots[at + 1 :]


def opener(path: str, flags: int) -> int:
    """Open a file, as ``open`` asks its ``opener`` to; one of somebody else only as ``reading`` says.

    Raises:
        StoreError: it is of somebody else, and no regular file or reached through a link.
        OSError: it can't be opened.
    """
    text = os.fspath(path)
    root = next((root for root in _roots if text.startswith(root)), None)
    return os.open(path, flags) if root is None else _below(root, text[len(root) :], flags)


def _inspect(root: Path) -> None:
    """Look at everything once, so that what can't be taken in is named before anything is."""
    odd = [Path(where, name) for where, names in _odd(root) for name in names]
    if odd:
        more = f" (and {len(odd) - 1:,} more)" if odd[1:] else ""
        raise StoreError(
            f"{min(odd)}: is a link or a device, not a file of its own{more}; "
            "nothing was read: put plain files and directories in their places, or remove them"
        )


def _odd(root: Path) -> Iterator[tuple[str, list[str]]]:
    for where, directories, names in os.walk(root):
        links = [name for name in directories if os.path.islink(os.path.join(where, name))]
        yield where, links + [name for name in names if not _is_plain(os.path.join(where, name))]


def _is_plain(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:  # swept since it was listed
        return True


def _below(root: str, relative: str, flags: int) -> int:
    """Open a file step by step, so that no link that is put there meanwhile leads elsewhere."""
    *above, name = relative.split(os.sep)
    if os.open not in os.supports_dir_fd:
        return _plain(os.open(os.path.join(root, relative), flags | _FLAGS), root + relative)
    directory = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for step in above:
            directory, before = os.open(_step(step), os.O_RDONLY | os.O_DIRECTORY | _FLAGS, dir_fd=directory), directory
            os.close(before)
        return _plain(os.open(_step(name), flags | _FLAGS, dir_fd=directory), root + relative)
    except (FileNotFoundError, PermissionError):
        raise
    except OSError as problem:
        raise StoreError(f"{root}{relative}: {problem.strerror}; a link there is not followed") from None
    finally:
        os.close(directory)


def _step(name: str) -> str:
    if name in ("", ".", ".."):
        raise StoreError(f"{name!r}: no name of a file; nothing was read")
    return name


def _plain(fd: int, path: str) -> int:
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise StoreError(f"{path}: is a device or a pipe, not a file; nothing was read")
