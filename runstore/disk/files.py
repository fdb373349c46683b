"""The one seam for file calls: everything the store does to a file, it does through these.

Tests put faults in here. Writers create private names; nothing visible is ever overwritten: a file is published
whole (temporary name in the same directory, write, fsync, link without replacing, fsync the directory).
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import sys
import time
from contextlib import suppress
from io import FileIO
from pathlib import Path

from runstore.disk import foreign
from runstore.disk.capabilities import CAN
from runstore.errors import Damaged
from runstore.format import names

_HASHED = 1 << 20  # bytes read at once for a hash
_POPULATE_WRITE = 23  # MADV_POPULATE_WRITE, Linux 5.14: fault pages in now, not at the first store


def read(path: Path) -> bytes:
    """The whole content of a file."""
    with open(path, "rb", buffering=0, opener=foreign.opener) as file:
        return file.read()


def sha256(path: Path, size: int | None = None) -> str:
    """The SHA-256 of a file of any size, or of its first bytes, in hex."""
    with open(path, "rb", buffering=0, opener=foreign.opener) as file:
        if size is None:
            return hashlib.file_digest(file, "sha256").hexdigest()
        digest = hashlib.sha256()
        while size > 0 and (piece := file.read(min(size, _HASHED))):
            digest.update(piece)
            size -= len(piece)
        return digest.hexdigest()


def opened(path: Path) -> FileIO:
    """A file open for reading. Its bytes stay readable where it is unlinked meanwhile.

    Raises:
        FileNotFoundError: it is gone.
    """
    return open(path, "rb", buffering=0, opener=foreign.opener)


def descriptor(path: Path) -> int:
    """The descriptor of a file open for reading, which the caller closes.

    Raises:
        OSError: it can't be opened.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    return foreign.opener(os.fspath(path), flags)


def create(path: Path, append: bool = False, private: bool = False) -> int:
    """Create a file that must not exist yet; its descriptor, open for reading and writing.

    Args:
        path: where.
        append: every write goes to its end, whoever else appends to it.
        private: nobody but its owner may read it.

    Raises:
        FileExistsError: somebody else has the name.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | (os.O_APPEND if append else 0)
    mode = 0o600 if private else 0o666
    return os.open(path, flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0), mode)


def reopen(path: Path, append: bool = False) -> int:
    """Open a file of this writer again, for reading and writing; its descriptor.

    Raises:
        FileNotFoundError: it is gone.
    """
    flags = os.O_RDWR | (os.O_APPEND if append else 0)
    return os.open(path, flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))


def room(path: Path) -> int | None:
    """How many bytes the file system of ``path`` has left; None where it can't be told."""
    if not hasattr(os, "statvfs"):
        return None
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


write = os.write  # how many bytes were taken; bare, so that no signal handler runs between the caller and the system


def write_all(fd: int, data: bytes) -> None:
    """Write everything, however often the system takes only a part."""
    view = memoryview(data)
    while view:
        view = view[write(fd, view) :]


def read_at(fd: int, start: int, end: int) -> bytes:
    """The bytes [start, end) of an open file; fewer only where the file ends before."""
    data = _read_once(fd, start, end)
    while data and start + len(data) < end:
        more = _read_once(fd, start + len(data), end)
        if not more:
            break
        data += more
    return data


def _read_once(fd: int, start: int, end: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(fd, end - start, start)
    os.lseek(fd, start, os.SEEK_SET)  # O_APPEND writers don't mind where the offset is
    return os.read(fd, end - start)


def rewrite(fd: int, start: int, data: bytes) -> None:
    """Replace bytes of an open file that no one appends to through this descriptor."""
    if hasattr(os, "pwrite"):
        os.pwrite(fd, data, start)
        return
    os.lseek(fd, start, os.SEEK_SET)
    os.write(fd, data)


def allocate(fd: int, start: int, length: int) -> None:
    """Reserve blocks, so that a later store can't find the disk full."""
    os.posix_fallocate(fd, start, length)


def mapping(fd: int, start: int, length: int) -> mmap.mmap:
    """Map allocated bytes; ``start`` is a multiple of the allocation granularity."""
    return mmap.mmap(fd, length, offset=start)


def populate(mapped: mmap.mmap, start: int, length: int) -> None:
    """Fault pages in ahead of the stores, where the system can."""
    if CAN.mapping:
        try:
            mapped.madvise(_POPULATE_WRITE, start, length)
        except (OSError, ValueError):
            return  # an older kernel: the first store faults the page in


def sync(fd: int) -> None:
    """Make a file's bytes survive the death of the machine.

    A failed sync is final for that file: retrying reports success over lost pages (docs/format.md).
    """
    if sys.platform == "darwin":  # os.fsync alone leaves the bytes in the drive's cache
        import fcntl

        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            return
        except OSError as problem:
            if problem.errno not in (errno.ENOTSUP, errno.ENOTTY, errno.EINVAL):
                raise
    getattr(os, "fdatasync", os.fsync)(fd)


def sync_dir(directory: Path) -> None:
    """Make the names in a directory survive the death of the machine."""
    if not CAN.fsync_dir:
        return
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def truncate(fd: int, size: int) -> None:
    """Cut a file of this writer to ``size`` bytes."""
    os.ftruncate(fd, size)


def close(fd: int) -> None:
    """Close a descriptor."""
    os.close(fd)


def unlink(path: Path) -> bool:
    """Remove a name; False where it is gone already or is in use and the system forbids it."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    except PermissionError:
        if CAN.unlink_open:
            raise
        return False
    return True


def remove_dir(directory: Path) -> bool:
    """Remove an empty directory; False where it isn't empty, is gone, or is in use."""
    try:
        os.rmdir(directory)
    except OSError:
        return False
    return True


def make_dirs(directory: Path, durable: bool = False) -> None:
    """Create a directory and what lies above it; ``durable`` syncs each new entry."""
    if directory.is_dir():
        return
    make_dirs(directory.parent, durable)
    try:
        os.mkdir(directory)
    except FileExistsError:
        return
    if durable:
        sync_dir(directory.parent)


def make_dir(directory: Path) -> None:
    """Create a directory in one that exists, unless it is there.

    Raises:
        FileNotFoundError: nothing lies above it.
    """
    with suppress(FileExistsError):
        os.mkdir(directory)


def listing(directory: Path) -> list[os.DirEntry[str]]:
    """The entries of a directory, by name; empty where there is none."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


def names_in(directory: Path) -> list[str]:
    """The names in a directory, sorted; empty where there is none. A third of the time of ``listing``."""
    try:
        return sorted(os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return []


def publish(directory: Path, name: str, data: bytes, durable: bool = True, private: bool = False) -> Path:
    """Make a file appear whole under a name; the same bytes already there are success.

    Args:
        directory: where.
        name: of the file.
        data: what is in it.
        durable: it survives the death of the machine.
        private: nobody but its owner may read it.

    Raises:
        Damaged: other bytes lie under that name.
        OSError: the file system refuses.
    """
    temporary = directory / names.temporary(name, os.urandom(4).hex())
    fd = create(temporary, private=private)
    try:
        try:
            write_all(fd, data)
            if durable:
                sync(fd)
        finally:
            close(fd)
        reveal(temporary, directory / name)
    except FileExistsError:
        if read(directory / name) != data:
            raise Damaged(f"{directory / name}: holds other bytes than this name promises; run `check`") from None
    finally:
        unlink(temporary)
    if durable:
        sync_dir(directory)
    return directory / name


def link(source: Path, target: Path) -> None:
    """Give a file one more name, never replacing one.

    Python repeats most calls that a signal interrupts, but not this one: on a network file system it may be.

    Raises:
        FileExistsError: the name is taken, by another file.
    """
    interrupted = False
    while True:
        try:
            os.link(source, target)
        except InterruptedError:
            interrupted = True
            continue
        except FileExistsError:
            if not (interrupted and os.path.samefile(source, target)):  # else the first try made it after all
                raise
        return


def reveal(temporary: Path, final: Path) -> None:
    """Give a whole file its final name, never replacing one.

    Raises:
        FileExistsError: the final name is taken.
    """
    if CAN.hard_link:
        try:
            link(temporary, final)
            return
        except OSError as problem:
            if problem.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EOPNOTSUPP):
                raise
    if final.exists():
        raise FileExistsError(errno.EEXIST, "already published", str(final))
    os.rename(temporary, final)


def reveal_dir(temporary: Path, final: Path) -> None:
    """Give a whole directory its final name, never replacing one that holds something.

    Raises:
        OSError: the final name is taken, or a file in it is open and the system forbids it.
    """
    os.rename(temporary, final)


def touch(path: Path) -> None:
    """Set a file's modification time to now."""
    os.utime(path)


def stamp(path: str) -> tuple[int, int] | None:
    """What changes when another file takes a name, or its file is written to; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def age(path: Path) -> float:
    """Seconds since a file was last modified, by this machine's clock; infinite where it is gone."""
    try:
        return time.time() - os.stat(path).st_mtime
    except OSError:
        return float("inf")


def is_deleted(fd: int, path: Path) -> bool:
    """Check whether an open file has lost its last name: its bytes go when it is closed.

    A file that was moved or renamed still has one. A file system that gives no count of names says nothing here.
    """
    try:
        return os.fstat(fd).st_nlink == 0 and not path.exists()
    except OSError:
        return False


def is_missing(directory: Path) -> bool:
    """Check whether nothing lies at a path any more; one that can't be looked at is not missing."""
    try:
        return not directory.exists()
    except OSError:
        return False


def size(fd: int) -> int:
    """How many bytes an open file has."""
    return os.fstat(fd).st_size
