"""Who is alive, and who works alone.

A writer's liveness lock is a bare flock on its own ``<writer>.lock``, whose modification time is the heartbeat.
Status changes on proof of death only: same boot and same pid namespace and the pid gone, or started at another
time, or another program since (``exec`` keeps both). Files are never taken over. Exclusive jobs (sealing, compaction)
use filelock, imported on use.
"""

from __future__ import annotations

import functools
import os
import sys
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
_IMAGE: str = vars(sys).setdefault("_runstore_image", os.urandom(8).hex())  # survives a reload of this module only
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
    """Identify this process for an observer: host, pid, image, and where known boot, pid namespace, birth, stack."""
    pid = os.getpid()
    born, stack = _birth(pid)
    return {**_machine(), "pid": pid, "born": born, "image": _IMAGE, "stack": stack}


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


def _birth(pid: int) -> tuple[int | None, int | None]:
    """When a process started, in clock ticks since boot, and a mark of where its stack is, which ``exec`` changes.

    Each is None where it can't be told; both are for a process that is gone or a zombie.
    """
    if not CAN.proc:
        return None, None
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None, None
    if fields[0] in (b"Z", b"X"):
        return None, None
    stack = int(fields[25])  # 0 to other users
    return int(fields[19]), stack // 16 % 65521 if stack else None  # the address itself would help an attacker


def _runs_on(identity: Mapping[str, Any]) -> bool:
    """Whether a process of this machine is still there and has not become another program since."""
    born, stack = _birth(int(identity["pid"]))
    known = identity.get("stack")
    return born is not None and born == identity.get("born") and (None in (stack, known) or stack == known)


def _replaced(identity: Mapping[str, Any]) -> bool:
    """Whether this process, of which the system tells nothing, was the writer before it became another program."""
    mine = {**_machine(), "pid": os.getpid(), "stack": None}
    return identity.get("image", _IMAGE) != _IMAGE and all(identity.get(key) == mine[key] for key in mine)


def verdict(identity: Mapping[str, Any], lock_path: Path) -> str:
    """Judge a writer by its start fact: "alive", "dead" (proof) or "unknown" (ask the heartbeat)."""
    if _replaced(identity):
        return "dead"
    here = _machine()
    boot = identity.get("boot")
    if boot and here["boot"] == boot:
        if identity.get("pidns") == here["pidns"]:
            return "alive" if _runs_on(identity) else "dead"
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
