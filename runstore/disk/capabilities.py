"""What this machine and this file system can do: one table, asked everywhere, decided here.

Every call that not every system has sits in this floor behind one row of the table. The suite runs once more with
``RUNSTORE_CAPABILITIES=none``: nothing may depend on a row being true.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

MAPPED_FILE_SYSTEMS = frozenset({"ext4", "tmpfs"})  # never SIGBUS on a full, copied or failed disk once allocated
LOCAL_FILE_SYSTEMS = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "ntfs3", "vfat", "exfat"})


class Capabilities(NamedTuple):
    """One row per ability; False always has a slower or plainer way beside it."""

    mapping: bool  # memory-map a pre-allocated journal
    fallocate: bool  # reserve blocks ahead
    fork: bool  # os.fork exists and has hooks
    fsync_dir: bool  # make a directory entry durable
    hard_link: bool  # publish without replacing
    unlink_open: bool  # files in use can be unlinked or renamed
    spawn: bool  # os.posix_spawn
    flock: bool  # fcntl.flock
    proc: bool  # /proc tells process start times, boot id, pid namespace, mounts
    memfd: bool  # anonymous files with a path
    groups: bool  # a child can have a session and a process group of its own
    hand_down: bool  # a child can be given descriptors by number
    peek: bool  # a child's end can be looked at without reaping it
    pipe_size: bool  # a pipe can be made to hold more
    splice: bool  # bytes go from a pipe into an anonymous file without passing through the process
    confine: bool  # a process can be kept to so much memory


def _detect() -> Capabilities:
    if os.environ.get("RUNSTORE_CAPABILITIES") == "none":
        return Capabilities(*(False,) * len(Capabilities._fields))
    posix = os.name == "posix"
    linux = sys.platform == "linux"
    return Capabilities(
        mapping=linux and hasattr(os, "posix_fallocate"),
        fallocate=hasattr(os, "posix_fallocate"),
        fork=hasattr(os, "register_at_fork"),
        fsync_dir=posix,
        hard_link=hasattr(os, "link"),
        unlink_open=posix,
        spawn=hasattr(os, "posix_spawn"),
        flock=posix,
        proc=linux and os.path.exists("/proc/self/stat"),
        memfd=hasattr(os, "memfd_create") and os.path.exists("/proc/self/fd"),
        groups=posix,
        hand_down=posix,
        peek=hasattr(os, "waitid"),
        pipe_size=linux,
        splice=hasattr(os, "splice") and hasattr(os, "memfd_create"),
        confine=linux,
    )


CAN = _detect()


def file_system(path: Path) -> str:
    """The type of the file system that holds ``path`` ("ext4", "tmpfs" ...); "" where it can't be told."""
    if not CAN.proc:
        return ""
    try:
        device = os.stat(path).st_dev
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as mounts:
            return _mounted(mounts, f"{os.major(device)}:{os.minor(device)}", os.path.realpath(path))
    except (OSError, ValueError, IndexError):
        return ""


def _mounted(mounts: Iterable[str], device: str, path: str) -> str:
    """The type of the mounted file system with that device; a btrfs subvolume has one of its own, so its place counts.

    Raises:
        ValueError, IndexError: a line is not as proc(5) says.
    """
    nearest, kind = 0, ""
    for line in mounts:
        fields = line.split()
        here = fields[fields.index("-", 6) + 1]
        if fields[2] == device:
            return here
        point = fields[4].replace("\\040", " ").rstrip("/") + "/"
        if f"{path}/".startswith(point) and len(point) >= nearest:
            nearest, kind = len(point), here
    return kind if kind == "btrfs" else ""


def can_map(path: Path) -> bool:
    """Whether journals below ``path`` may be memory-mapped."""
    return CAN.mapping and file_system(path) in MAPPED_FILE_SYSTEMS


def is_local(path: Path) -> bool:
    """Whether only this machine can have the file system mounted (so a reboot ended every writer on it)."""
    return file_system(path) in LOCAL_FILE_SYSTEMS
