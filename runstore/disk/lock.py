"""Who is alive, and who works alone.

A writer's liveness lock is a bare flock on its own ``<writer>.lock``, whose modification time is the heartbeat.
Status changes on proof of death only: same boot and same pid namespace and the pid gone (or started at another
time). Files are never taken over. Exclusive jobs (sealing, compaction) use filelock, imported on use.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.disk.capabilities import CAN, is_local
from runstore.errors import StoreError

HEARTBEAT_SECONDS = 10.0
SILENT_SECONDS = 60.0  # no proof either way and no heartbeat for so long: not responding
_LOCKING_SECONDS = 2.0  # how long a lock's file may be there without its lock: made first, locked next


class Busy(StoreError):
    """Another process does the same exclusive job."""


class Liveness:
    """The lock a writer holds while it lives."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = files.create(path)
        _lock(self._fd)

    def touch(self) -> None:
        """Beat: say that the writer is alive now."""
        try:
            files.touch(self.path)
        except OSError:
            return  # a lost heartbeat is no lost point

    def release(self) -> None:
        """End cleanly: unlock and remove the file."""
        self.abandon()
        try:
            files.unlink(self.path)
        except OSError:
            return  # swept by a later compact

    def abandon(self) -> None:
        """Close the descriptor without unlocking what a parent process holds through it."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with suppress(OSError):  # it is closed all the same
                files.close(fd)


def _lock(fd: int) -> None:
    try:
        if CAN.flock:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif os.name == "nt":
            import msvcrt

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return  # a file system without locks: pid and heartbeat still tell


def _held(path: Path) -> bool | None:
    """Whether somebody holds a liveness lock; None where it can't be told."""
    if not CAN.flock:
        return None
    import fcntl

    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(fd)
    return False


def host() -> str:
    """This machine's name."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import platform

    return platform.node()


def me() -> dict[str, Any]:
    """What identifies this process for an observer: host, pid, and where known boot, pid namespace, birth."""
    pid = os.getpid()
    return {**_machine(), "pid": pid, "born": _born(pid)}


@functools.lru_cache(maxsize=1)
def _machine() -> dict[str, Any]:
    boot: str | None = None
    namespace: int | None = None
    if CAN.proc:
        try:
            with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
                boot = file.read().strip()
            namespace = os.stat("/proc/self/ns/pid").st_ino
        except OSError:
            boot = namespace = None
    return {"host": host(), "boot": boot, "pidns": namespace}


def _born(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None where it is gone, a zombie, or can't be told."""
    if not CAN.proc:
        return None
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def verdict(identity: Mapping[str, Any], lock_path: Path) -> str:
    """Judge a writer by its start fact: "alive", "dead" (proof) or "unknown" (ask the heartbeat)."""
    here = _machine()
    boot = identity.get("boot")
    if boot and here["boot"] == boot:
        if identity.get("pidns") == here["pidns"]:
            born = _born(int(identity["pid"]))
            return "alive" if born is not None and born == identity.get("born") else "dead"
        return "alive" if _held(lock_path) else "unknown"
    if identity.get("host") != here["host"]:
        return "unknown"
    if boot and here["boot"]:
        there = next(place for place in lock_path.parents if place.exists())  # a run may lie in a block only
        return "dead" if is_local(there) else "unknown"  # this machine was started again since
    held = _held(lock_path) if lock_path.exists() else None
    if held is None or (not held and files.age(lock_path) <= _LOCKING_SECONDS):
        return "unknown"
    return "alive" if held else "dead"


def beating(lock_path: Path, started: int | None = None) -> bool:
    """Whether the last sign of life is young enough.

    Args:
        lock_path: the lock, whose modification time is the heartbeat.
        started: when the writer said that it began, in ns since 1970: a sign too, for it makes its lock only then.
    """
    since = None if lock_path.exists() else started
    return (files.age(lock_path) if since is None else time.time() - since / 1e9) <= SILENT_SECONDS


def idle(lock_path: Path) -> bool:
    """Whether nobody can be behind a lock: nobody holds it, as far as that can be told, and the last beat is old."""
    return _held(lock_path) is False and not beating(lock_path)


@contextmanager
def exclusive(path: Path, timeout: float = -1) -> Iterator[None]:
    """Do a job that one process does at a time.

    Args:
        path: the lock file; holds nothing that matters.
        timeout: seconds to wait; -1 waits for ever, 0 not at all.

    Raises:
        Busy: another process has it.
    """
    from filelock import FileLock, Timeout

    files.make_dirs(path.parent)
    lock = FileLock(path, timeout=timeout)
    try:
        lock.acquire()
    except Timeout:
        raise Busy(f"{path}: another process is at this job; wait for it to end") from None
    try:
        yield
    finally:
        lock.release()
