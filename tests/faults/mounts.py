"""File systems made for one test: a tmpfs, or ext4, XFS and btrfs on a loop device. They need root.

The bytes of a loop device lie in anonymous memory. Once that is sealed, the device fails every write, as a dying disk
does; after a restart its content is there as it was at that moment.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOP_CTL_GET_FREE, LOOP_CONFIGURE, LO_FLAGS_AUTOCLEAR = 0x4C82, 0x4C0A, 4
F_SEAL_FUTURE_WRITE = 0x10
GOING_DOWN = 0x8004587D  # FS_IOC_SHUTDOWN of ext4 and XFS: from now on no block is written, as in a power cut
NO_LOG_FLUSH = 2
TRIES = 200
MAKERS = {
    "ext4": (["mkfs.ext4", "-q", "-F", "-m", "0"], 64, "e2fsprogs"),
    "xfs": (["mkfs.xfs", "-q", "-f", "-m", "reflink=1"], 300, "xfsprogs"),
    "btrfs": (["mkfs.btrfs", "-q", "-f"], 128, "btrfs-progs"),
}


def run(*argv: object) -> None:
    """Run a command; its words are the error."""
    done = subprocess.run([*map(str, argv)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(map(str, argv))}: {done.stderr.strip()}")


def allowed(directory: Path) -> bool:
    """Whether this process may mount at all."""
    try:
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory)
    except OSError:
        return False
    run("umount", directory)
    return True


class Mount:
    """A tmpfs."""

    def __init__(self, path: Path, size: str) -> None:
        path.mkdir()
        run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path)
        self.path = path
        self.mounted = True

    def fill(self) -> None:
        """Use up every byte."""
        fd = os.open(self.path / "ballast", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            for size in (1 << 20, 1 << 12, 512, 1):
                try:
                    while True:
                        os.write(fd, b"x" * size)
                        if size > 512:
                            os.fsync(fd)
                except OSError as problem:
                    if problem.errno != errno.ENOSPC:
                        raise
        finally:
            os.close(fd)

    def free(self) -> None:
        """Give it back."""
        os.unlink(self.path / "ballast")

    def remount(self, options: str) -> None:
        """Change the options that it is mounted with."""
        run("mount", "-o", f"remount,{options}", self.path)

    def unmount(self) -> None:
        """Unmount, waiting for whoever still looks at it."""
        for _ in range(TRIES if self.mounted else 0):
            try:
                run("umount", self.path)
            except OSError as problem:
                if "busy" not in str(problem):
                    raise
                time.sleep(0.05)
            else:
                self.mounted = False
                return
        if self.mounted:
            run("umount", "-l", self.path)
            raise OSError(f"{self.path}: stayed in use")

    def close(self) -> None:
        self.unmount()


class Disk(Mount):
    """A file system of a kind of ``MAKERS`` on a loop device."""

    def __init__(self, directory: Path, kind: str) -> None:
        command, size, package = MAKERS[kind]
        if shutil.which(command[0]) is None:
            raise FileNotFoundError(f"{command[0]} is missing: apt-get install {package} (as .ci/full does)")
        self.kind = kind
        self.path = directory / "disk"
        self.path.mkdir()
        self.mounted = False
        self._memory = _memory()
        os.ftruncate(self._memory, size << 20)
        with self._attached() as device:
            run(*command, device)
        self.mount()

    @contextmanager
    def _attached(self) -> Iterator[str]:
        """The memory as a block device; it goes when nothing uses it any more."""
        for _ in range(TRIES):
            control = os.open("/dev/loop-control", os.O_RDWR)
            number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
            os.close(control)
            device = os.open(f"/dev/loop{number}", os.O_RDWR)
            try:
                config = struct.pack("II", self._memory, 0) + bytes(52) + struct.pack("I", LO_FLAGS_AUTOCLEAR)
                fcntl.ioctl(device, LOOP_CONFIGURE, config.ljust(304, b"\0"))
            except OSError as problem:
                os.close(device)
                if problem.errno != errno.EBUSY:  # else: somebody else was faster
                    raise
                continue
            try:
                yield f"/dev/loop{number}"
            finally:
                os.close(device)
            return
        raise OSError("no free loop device")

    def mount(self) -> None:
        with self._attached() as device:
            run("mount", device, self.path)
        self.mounted = True

    def fail(self) -> None:
        """From now on every write to the device fails."""
        fcntl.fcntl(self._memory, fcntl.F_ADD_SEALS, F_SEAL_FUTURE_WRITE)

    def cut(self) -> None:
        """A power cut: nothing that isn't on the device now will ever get there."""
        if self.kind == "btrfs":
            self.fail()  # it has no call for it
            return
        fd = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, GOING_DOWN, struct.pack("I", NO_LOG_FLUSH))
        finally:
            os.close(fd)

    def restart(self) -> None:
        """The machine comes up again, with a device that works."""
        self.unmount()
        if fcntl.fcntl(self._memory, fcntl.F_GET_SEALS) & F_SEAL_FUTURE_WRITE:
            sealed, self._memory = self._memory, _memory()
            run("cp", "--sparse=always", f"/proc/{os.getpid()}/fd/{sealed}", f"/proc/{os.getpid()}/fd/{self._memory}")
            os.close(sealed)
        self.mount()

    def close(self) -> None:
        try:
            self.unmount()
        finally:
            os.close(self._memory)


def _memory() -> int:
    """Memory that can be sealed; mkfs.btrfs tells the mounted from the free by the name."""
    return os.memfd_create(f"disk-{secrets.token_hex(8)}", os.MFD_ALLOW_SEALING)
