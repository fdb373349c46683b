"""What an MLflow server is known to have: of each run its id there and how far it is sent, here and in its tags there.

A document for each first digit of a run's directory, as the ledgers of other remotes are, and one that says whether
somebody sends, and of which blocks all is there. The tags say the same to who has no such documents.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from runstore.disk import files, lock
from runstore.errors import Damaged
from runstore.format import VERSION, documents, names, ranges
from runstore.sync.plan import Covered

CURSOR = "runstore.sent."  # and a writer: the tag that says which of its numbers are there
LONGEST = 4000  # characters of a tag


@dataclass(slots=True)
class Entry:
    """What is there of a run.

    Attributes:
        there: MLflow's id of it; empty where none is known.
        signature: that of its directory when all that was there had been sent.
        told: the hash of its picture when all of that was there.
        sent: the numbers of its writers that are there.
        files: its artifacts, by their paths there, with their hashes.
        sure: whether nothing beyond ``sent`` can be there.
        orphan: whether its parent's id there was not known.
        labels: the tags that were set, without cursors.
    """

    there: str = ""
    signature: str = ""
    told: str = ""
    sent: Covered = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    sure: bool = False
    orphan: bool = False
    labels: list[str] = field(default_factory=list)

    def dump(self) -> list[Any]:
        """As plain JSON."""
        return [self.there, self.signature, self.told, self.sent, self.files, self.sure, self.orphan, self.labels]


def _entry(told: list[Any]) -> Entry:
    sent = {writer: [(first, last) for first, last in pieces] for writer, pieces in told[3].items()}
    return Entry(told[0], told[1], told[2], sent, *told[4:])


class Cursors:
    """The entries for one server. Threads may share it; changes are on disk after ``save``."""

    def __init__(self, workspace: Path, remote_id: str) -> None:
        self._workspace, self.remote_id, self._lock = workspace, remote_id, Lock()
        self._shards: dict[str, dict[str, Entry]] = {}
        self._changed: set[str] = set()
        rest = self._read("")
        self._cut_off = bool(rest.get("open", self._path("").exists()))
        self._open, self._blocks = self._cut_off, frozenset[str](rest.get("blocks", ()))

    @property
    def blocks(self) -> frozenset[str]:
        """The blocks all of whose runs are there."""
        return self._blocks

    def whole(self, blocks: frozenset[str]) -> None:
        """From now on these are the blocks all of whose runs are there."""
        if blocks != self._blocks:
            self._blocks = blocks
            self._tell()

    def run(self, key: str) -> Entry | None:
        """What is known of a run, by the 18 digits of its directory."""
        with self._lock:
            return self._shard(key[0]).get(key)

    def note(self, key: str, entry: Entry) -> None:
        """What is known of a run from now on."""
        with self._lock:
            self._shard(key[0])[key] = entry
            self._changed.add(key[0])

    def save(self) -> None:
        """Put on disk what was changed."""
        with self._lock:
            for digit in sorted(self._changed):
                runs = {key: entry.dump() for key, entry in sorted(self._shard(digit).items())}
                self._write(f"-{digit}", {"runstore": VERSION, "runs": runs})
            self._changed.clear()

    @contextmanager
    def open(self) -> Iterator[bool]:
        """While somebody sends; tells whether who sent last was cut off, so that more may be there than was noted."""
        self._open = True
        self._tell()
        try:
            yield self._cut_off
        finally:
            self.save()
        self._open = False
        self._tell()

    def _tell(self) -> None:
        self._write("", {"runstore": VERSION, "open": self._open, "blocks": sorted(self._blocks)})

    def _shard(self, digit: str) -> dict[str, Entry]:
        if digit not in self._shards:
            told = self._read(f"-{digit}").get("runs", {})
            self._shards[digit] = {key: _entry(one) for key, one in told.items()}
        return self._shards[digit]

    def _path(self, part: str) -> Path:
        return self._workspace / names.mlflow_cursors(self.remote_id, part)

    def _read(self, part: str) -> dict[str, Any]:
        """A document; nothing where it is missing, damaged or of a later version: the tags there tell it again."""
        path = self._path(part)
        try:
            body: dict[str, Any] = documents.parse(files.read(path), str(path))
        except (FileNotFoundError, Damaged):
            return {}
        return body if body["runstore"] <= VERSION else {}

    def _write(self, part: str, body: dict[str, Any]) -> None:
        path, data = self._path(part), documents.render(body)
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


@contextmanager
def held(workspace: Path, remote_id: str, timeout: float = -1) -> Iterator[Cursors]:
    """The cursors of a server, for the one who sends there now. The lock of who was killed holds nobody up.

    Raises:
        Busy: another process is at it.
    """
    with lock.exclusive(workspace / names.LOCKS / f"remote-{remote_id[:8]}.lock", timeout):
        yield Cursors(workspace, remote_id)


# ---- tags


def tags(sent: Covered) -> dict[str, str]:
    """What is sent, as tags: of each writer its numbers, as ``0-4711,5000-6000``. The last of too many are left out."""
    found = {}
    for writer, pieces in sent.items():
        text = ""
        for first, last in pieces:
            more = f"{text},{first}-{last}".lstrip(",")
            if len(more) > LONGEST:
                break
            text = more
        found[CURSOR + writer] = text
    return found


def told(found: Mapping[str, str]) -> Covered:
    """What the tags of a run there say; what somebody has written into them that is no such thing is left out."""
    sent: Covered = {}
    for name, text in found.items():
        if name.startswith(CURSOR):
            pieces = (re.fullmatch(r"([0-9]{1,19})-([0-9]{1,19})", piece) for piece in text.split(","))
            sent[name.removeprefix(CURSOR)] = ranges.join((int(one[1]), int(one[2])) for one in pieces if one)
    return sent
