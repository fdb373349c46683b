"""Objects that were put and that no commit has named yet: bytes in a directory, each file called by its SHA-256.

An object is there when all of it is and its hash is right. What came of one that broke off stays for a while, for
whoever sent it to go on; what nobody asked about for a day goes.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from runstore.disk import files
from runstore.errors import Refused, Unreachable
from runstore.format import names

KEEP = 24 * 3600.0  # seconds for which an object waits for a commit
GRACE = 15 * 60.0  # seconds for which it stays even so if somebody was told that it is there
MOST = 64 << 30  # bytes that may wait
_HASHED = 1 << 20
_KEPT = 1_000  # hashes of what broke off


class Incoming:
    """The objects in a directory, which is made when the first one comes."""

    def __init__(self, directory: Path, most: int = MOST) -> None:
        self.directory, self._most = directory, most
        self._at_work: set[str] = set()
        self._promised: dict[str, float] = {}  # objects of which somebody was told that they are there, until when
        self._hashed: OrderedDict[str, tuple[int, hashlib._Hash]] = OrderedDict()  # how far what broke off is hashed
        self._lock = threading.Lock()

    def path(self, sha256: str) -> Path:
        """Where an object lies, or would."""
        return self.directory / sha256

    def has(self, sha256: str, size: int) -> bool:
        """Whether an object is there with that size; if so, it stays for a while from now on."""
        try:
            there = os.stat(self.path(sha256)).st_size == size
            if there:
                os.utime(self.path(sha256))
        except FileNotFoundError:
            return False
        if there:
            self._promised[sha256] = time.monotonic() + GRACE
        return there

    def received(self, sha256: str, who: str) -> int:
        """How many bytes of an object somebody has sent so far."""
        try:
            return os.stat(self._partial(sha256, who)).st_size
        except FileNotFoundError:
            return 0

    def receive(self, sha256: str, size: int, who: str, offset: int = 0) -> Receiving:
        """Begin to take an object, or go on.

        Args:
            sha256: its hash.
            size: of all of it.
            who: the sender, 8 hexadecimal digits: nobody goes on with what another one has sent.
            offset: from where.

        Raises:
            Refused: there is no room for it.
            Unreachable: the same sender is at it, or what is here does not reach to the offset.
        """
        partial = self._partial(sha256, who)
        with self._lock:
            if partial.name in self._at_work:
                raise Unreachable("the same object is being received from the same sender; wait", 1.0)
            self._at_work.add(partial.name)
        try:
            files.make_dirs(self.directory, durable=True)
            self._make_room(size)
            return Receiving(self, partial, sha256, size, offset)
        except BaseException:
            self._end(partial.name)
            raise

    def used(self, objects: Iterable[str]) -> None:
        """Objects were committed: they go, those of which others were told that they are there a while later."""
        now = time.monotonic()
        self._promised = {sha256: until for sha256, until in self._promised.items() if until > now}
        then = time.time() - KEEP + GRACE
        for sha256 in objects:
            try:
                if sha256 in self._promised:
                    os.utime(self.path(sha256), (then, then))
                else:
                    files.unlink(self.path(sha256))
            except FileNotFoundError:
                continue

    def sweep(self) -> int:
        """Remove what has waited long enough; how many files."""
        count = 0
        for entry in files.listing(self.directory):
            path = Path(entry.path)
            if entry.name not in self._at_work and files.age(path) > KEEP:
                count += files.unlink(path)
        return count

    def size(self) -> int:
        """Bytes that lie here."""
        total = 0
        for entry in files.listing(self.directory):
            try:
                total += entry.stat().st_size
            except FileNotFoundError:
                continue
        return total

    def _partial(self, sha256: str, who: str) -> Path:
        return self.directory / f"{sha256}-{who}.part"

    def _make_room(self, size: int) -> None:
        if self.size() + size > self._most:
            self.sweep()
            if self.size() + size > self._most:
                raise Refused(f"{self._most:,} bytes wait for their commits already; commit them, or wait a day")
        room = files.room(self.directory)
        if room is not None and room < size + (64 << 20):
            raise Refused("the server's disk is full; ask who runs it")

    def _end(self, name: str) -> None:
        with self._lock:
            self._at_work.discard(name)

    def _hash(self, name: str, at: int) -> hashlib._Hash | None:
        """The hash of what has come, if it is known."""
        found = self._hashed.pop(name, None)
        return found[1] if found is not None and found[0] == at else None

    def _keep(self, name: str, at: int, digest: hashlib._Hash) -> None:
        self._hashed[name] = at, digest
        while len(self._hashed) > _KEPT:
            self._hashed.popitem(last=False)


class Receiving:
    """An object on its way in: ``write`` its bytes, then ``finish``; ``stop`` where it breaks off."""

    def __init__(self, incoming: Incoming, partial: Path, sha256: str, size: int, offset: int) -> None:
        self._incoming, self._partial, self._sha256, self._size = incoming, partial, sha256, size
        if offset == 0:
            files.unlink(partial)
        self._fd = files.create(partial, append=True) if offset == 0 else _reopened(partial)
        self.at = files.size(self._fd)
        if self.at != offset:
            files.close(self._fd)
            raise Unreachable(f"{self.at} bytes of it are here, not {offset}; ask how many and go on from there")
        self._hash = incoming._hash(partial.name, offset) or self._read(offset)

    def _read(self, size: int) -> hashlib._Hash:
        """The hash of what is here, for a server that was started since."""
        digest = hashlib.sha256()
        for start in range(0, size, _HASHED):
            digest.update(files.read_at(self._fd, start, min(start + _HASHED, size)))
        return digest

    def write(self, data: bytes) -> None:
        """Take bytes.

        Raises:
            Refused: more than there were to be; nothing is kept.
        """
        if self.at + len(data) > self._size:
            self.stop(keep=False)
            raise Refused(f"more than the {self._size} bytes that it was to have; nothing was kept")
        self._hash.update(data)
        files.write_all(self._fd, data)
        self.at += len(data)

    def finish(self) -> bool:
        """Whether all of it is there now; what is lacking is waited for.

        Raises:
            Refused: its bytes are not those of that hash; nothing is kept.
        """
        if self.at < self._size:
            self.stop()
            return False
        if self._hash.hexdigest() != self._sha256:
            self.stop(keep=False)
            raise Refused("its bytes are not those of that SHA-256; nothing was kept")
        files.sync(self._fd)
        files.close(self._fd)
        self._fd = -1
        os.replace(self._partial, self._incoming.path(self._sha256))
        os.utime(self._incoming.path(self._sha256))
        files.sync_dir(self._incoming.directory)
        self.stop()
        return True

    def stop(self, keep: bool = True) -> None:
        """Take no more; what is there stays for who goes on."""
        if self._fd >= 0:
            files.close(self._fd)
            self._fd = -1
            if keep:
                self._incoming._keep(self._partial.name, self.at, self._hash)
        if not keep:
            files.unlink(self._partial)
        self._incoming._end(self._partial.name)


def _reopened(partial: Path) -> int:
    try:
        return files.reopen(partial, append=True)
    except FileNotFoundError:
        raise Unreachable("nothing of it is here; begin anew") from None


def is_ours(name: str) -> bool:
    """Whether a file among the incoming ones belongs there."""
    return names.is_sha256(name) or names.is_partial(name)
