"""What a remote is known to have: of each run how far, so that nobody needs to ask it. Derived, and made again from it.

A document for each first hexadecimal digit of a run's directory, and one for what belongs to no run. Only who holds the
lock of the remote writes them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.disk import block, files, lock
from runstore.errors import Damaged
from runstore.format import VERSION, documents, names
from runstore.format.ranges import Range

_UNSETTLED = ("points", "side", "lock", "spool", "job")  # kinds of files of a run that may change unnoticed
_PASSING = ("temporary", "rotate")  # kinds that say nothing of it
_ALL = "all"
_DIGITS = "0123456789abcdef"

Acknowledged = Callable[[Path], frozenset[str]]  # of a run's directory: the ids of the remotes that have all of it


@dataclass(slots=True)
class Entry:
    """What a remote has of a run. ``signature``: that of its directory when all that was there had been sent."""

    signature: str = ""
    data: dict[str, list[Range]] = field(default_factory=dict)
    facts: dict[str, list[Range]] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)

    def dump(self) -> list[Any]:
        """As plain JSON."""
        return [self.signature, self.data, self.facts, self.files]


def _entry(told: list[Any]) -> Entry:
    data, facts = ({writer: [(a, b) for a, b in pieces] for writer, pieces in one.items()} for one in told[1:3])
    return Entry(told[0], data, facts, told[3])


class Ledger:
    """The entries for one remote. Changes are on disk after ``save``."""

    def __init__(self, workspace: Path, remote_id: str) -> None:
        self._workspace, self.remote_id = workspace, remote_id
        self._shards: dict[str, dict[str, Entry]] = {}
        self._changed: set[str] = set()
        rest = _read(self._path(_ALL))
        self.files: dict[str, int] = rest.get("files", {})  # outside of runs
        self.blocks: set[str] = set(rest.get("blocks", []))  # all of whose runs it has
        self.cursor: str = rest.get("cursor", "")  # how far its pieces were read
        self.pulled: str = rest.get("pulled", "")  # how far they were taken in

    @property
    def lost(self) -> bool:
        """Whether nothing is known, as it is when all of it was forgotten."""
        return not (self.files or self.blocks or self.cursor)

    def run(self, key: str) -> Entry | None:
        """What is known of a run, by the 18 digits of its directory."""
        return self._shard(key[0]).get(key)

    def runs(self) -> Iterator[tuple[str, Entry]]:
        """All of them, in the order of keys."""
        for digit in _DIGITS:
            yield from sorted(self._shard(digit).items())

    def note(self, key: str, entry: Entry) -> None:
        """What is known of a run from now on."""
        self._shard(key[0])[key] = entry
        self._changed.add(key[0])

    def save(self) -> None:
        """Put on disk what was changed.

        Raises:
            OSError: the file system refuses.
        """
        for digit in sorted(self._changed):
            runs = {key: entry.dump() for key, entry in sorted(self._shard(digit).items())}
            self._write(digit, {"runstore": VERSION, "runs": runs})
        self._changed.clear()
        rest = {"files": self.files, "blocks": sorted(self.blocks), "cursor": self.cursor, "pulled": self.pulled}
        self._write(_ALL, {"runstore": VERSION, **rest})

    def forget(self) -> None:
        """Begin anew, as if nothing were known."""
        for digit in _DIGITS:
            files.unlink(self._path(digit))
        files.unlink(self._path(_ALL))
        self.__init__(self._workspace, self.remote_id)  # type: ignore[misc]

    def _shard(self, digit: str) -> dict[str, Entry]:
        if digit not in self._shards:
            told = _read(self._path(digit)).get("runs", {})
            self._shards[digit] = {key: _entry(one) for key, one in told.items()}
        return self._shards[digit]

    def _path(self, digit: str) -> Path:
        return self._workspace / names.ledger(self.remote_id, digit)

    def _write(self, digit: str, body: dict[str, Any]) -> None:
        path, data = self._path(digit), documents.render(body)
        files.make_dirs(path.parent, durable=True)
        temporary = path.with_name(names.temporary(path.name, os.urandom(4).hex()))
        try:
            fd = files.create(temporary)
            try:
                files.write_all(fd, data)
                files.sync(fd)
            finally:
                files.close(fd)
            os.replace(temporary, path)
        finally:
            files.unlink(temporary)


def _read(path: Path) -> dict[str, Any]:
    """A document; empty where it is missing, damaged or of a later version: the remote tells it again."""
    try:
        body: dict[str, Any] = documents.parse(files.read(path), str(path))
    except (OSError, Damaged):
        return {}
    return body if body["runstore"] <= VERSION else {}


@contextmanager
def held(workspace: Path, remote_id: str, timeout: float = -1) -> Iterator[Ledger]:
    """The ledger of a remote, for the one who synchronizes with it now. The lock of who was killed holds nobody up.

    Raises:
        Busy: another process is at it.
    """
    with lock.exclusive(workspace / names.LOCKS / f"remote-{remote_id[:8]}.lock", timeout):
        yield Ledger(workspace, remote_id)


def remotes(workspace: Path) -> list[str]:
    """The ids of the remotes of which something is known, sorted."""
    found = files.listing(workspace / names.REMOTES)
    return sorted(entry.name for entry in found if entry.is_dir() and names.is_ledger(f"{entry.name}/{_ALL}.json"))


def signature(run_path: Path) -> str:
    """What changes when something is added to a run's directory; empty where that can't be told from its listing."""
    told = []
    for entry in files.listing(run_path):
        parsed = names.parse(entry.name)
        if parsed is None or parsed.kind in _PASSING:
            continue
        if parsed.kind == "lock" and lock.idle(Path(entry.path)):
            continue  # of one who was killed, until somebody sweeps it
        if parsed.kind in _UNSETTLED:
            return ""
        try:
            told.append(f"{entry.name} {entry.stat().st_size}")
        except FileNotFoundError:
            return ""
    return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()[:16] if told else ""


def acknowledging(workspace: Path) -> Acknowledged:
    """What tells of a run's directory which remotes have all of it, as it is now. Reads each ledger once."""
    known = remotes(workspace)
    shards: dict[tuple[str, str], dict[str, str]] = {}

    def sent(remote_id: str, key: str) -> str:
        place = remote_id, key[0]
        if place not in shards:  # no more of it than signatures: there may be a hundred thousand runs
            told = _read(workspace / names.ledger(*place)).get("runs", {})
            shards[place] = {one: entry[0] for one, entry in told.items()}
        return shards[place].get(key, "")

    def acknowledged(run_path: Path) -> frozenset[str]:
        told = {remote_id: sent(remote_id, block.key(run_path)) for remote_id in known}
        now = signature(run_path) if any(told.values()) else ""
        return frozenset(remote_id for remote_id, one in told.items() if now and one == now)

    return acknowledged
