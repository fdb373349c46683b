"""What a run's facts promise about its other files: how many points, which sizes, which artifacts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from runstore.disk import inventory
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged, FormatTooNew
from runstore.format import journal, names
from runstore.format.journal import Journal
from runstore.format.ranges import Range


class Sealed(NamedTuple):
    """A file that was closed with so many bytes of this SHA-256."""

    size: int
    sha256: str


class Artifact(NamedTuple):
    """An artifact; ``pack``: number and offset in this writer's packs, and writer and run where it is another's pack.

    ``pack`` is None where the bytes lie loose.
    """

    writer: str
    name: str
    sha256: str
    size: int
    pack: tuple[int, int] | tuple[int, int, str, str] | None
    time: int

    @property
    def piece(self) -> dict[str, Any]:
        """Its bytes, as ``query.pieces`` reads them."""
        return self._asdict()


@dataclass(slots=True)
class Lost:
    """What is known to be lost: numbers by writer or side, writers without facts, content by hash, raw logs."""

    ranges: dict[str, list[Range]] = field(default_factory=dict)
    writers: set[str] = field(default_factory=set)
    content: set[str] = field(default_factory=set)
    logs: set[tuple[str, int]] = field(default_factory=set)


class Promises:
    """What the facts that count say. Facts that can't be believed promise nothing."""

    def __init__(self, run_path: Path) -> None:
        """Read them.

        Raises:
            FileNotFoundError: a file was merged and swept meanwhile.
        """
        self.run_id = ""
        self.files: list[str] = []
        self.doubled: list[str] = []  # files whose facts another file holds too
        self.odd: list[str] = []  # files with facts of no known shape
        self.writers: set[str] = set()
        self.reached: dict[str, int] = {}  # per writer or side, the number after its last item
        self.closed: dict[tuple[str, int], int] = {}  # writer or side, and number of its journal: bytes
        self.packs: dict[tuple[str, int], Sealed] = {}
        self.logs: dict[tuple[str, int], Sealed | None] = {}  # writer and number of a raw log; None: not left yet
        self.replaced: set[tuple[str, int]] = set()  # packs that may be gone: what stayed of them is in other ones
        self.artifacts: list[Artifact] = []
        self.lost = Lost()
        self.refers = False  # a snapshot or an origin refers to more content
        self._removed: dict[str, int] = {}
        seen: set[tuple[str, int]] = set()
        found = inventory.scan(run_path)
        for path in found.facts:
            self.files.append(path.name)
            for part in _parts(found, path):
                header = part.header
                if (header["writer"], header["number"]) in seen:
                    self.doubled.append(path.name)
                    continue
                seen.add((header["writer"], header["number"]))
                self._take(path.name, part)
        for old in self.replaced:
            self.packs.pop(old, None)
        self.artifacts = [one for one in self.artifacts if one.time > self._removed.get(one.name, -1)]

    def _take(self, name: str, part: Journal) -> None:
        writer = str(part.header["writer"])
        self.run_id = self.run_id or str(part.header["run"])
        self.writers.add(writer)
        for item in part.items():
            try:
                self._fact(writer, *item)
            except (LookupError, TypeError, ValueError):
                self.odd.append(name)

    def _fact(self, writer: str, kind: str, time: int, body: Any) -> None:
        """Take one fact in.

        Raises:
            LookupError, TypeError, ValueError: it has not the shape of its kind.
        """
        if kind in ("points", "side"):
            whose = writer if kind == "points" else names.side(writer)
            self.closed[whose, int(body["number"])] = int(body["size"])
            self._reach(whose, int(body["first"]) + int(body["count"]))
        elif kind == "end" and "outside" not in body:
            self._reach(writer, int(body["points"]))
            if "side" in body:
                self._reach(names.side(writer), int(body["side"]["records"]))
        elif kind == "stream":
            self.logs.setdefault((writer, int(body["number"])), None)
        elif kind == "streamed":
            self.logs[writer, int(body["number"])] = Sealed(int(body["size"]), str(body["sha256"]))
        elif kind == "pack":
            self.packs[writer, int(body["number"])] = Sealed(int(body["size"]), str(body["sha256"]))
        elif kind == "repacked":
            self.replaced.add((str(body["writer"]), int(body["number"])))
            into = body["into"]
            if into is not None:
                self.packs[str(into["writer"]), int(into["number"])] = Sealed(int(into["size"]), str(into["sha256"]))
        elif kind == "artifact":
            if "reference" not in body:
                self.artifacts.append(_artifact(writer, time, body))
        elif kind in ("snapshot", "provenance"):
            self.refers = True
        elif kind == "lost":
            self._lose(body)
        elif kind == "removed":
            self._removed |= {str(name): max(time, self._removed.get(name, 0)) for name in body["artifacts"]}

    def _lose(self, body: Any) -> None:
        for writer, first, last in body["ranges"]:
            self.lost.ranges.setdefault(str(writer), []).append((int(first), int(last)))
        self.lost.writers.update(map(str, body["writers"]))
        self.lost.content.update(map(str, body["content"]))
        self.lost.logs.update((str(writer), int(number)) for writer, number in body["logs"])

    def _reach(self, writer: str, number: int) -> None:
        self.reached[writer] = max(self.reached.get(writer, 0), number)


def _artifact(writer: str, time: int, body: Any) -> Artifact:
    where: Any = None
    if body["pack"]:
        number, offset, *owner = body["pack"]
        where = (int(number), int(offset), *map(str, owner))
    return Artifact(writer, str(body["name"]), str(body["sha256"]), int(body["size"]), where, time)


def _parts(found: Inventory, path: Path) -> list[Journal]:
    try:
        return [part for part in journal.read_all(found.read(path), path.name) if part.header and part.believable]
    except FileNotFoundError:
        raise
    except (FormatTooNew, Damaged, OSError):
        return []
