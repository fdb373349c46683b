"""A stream as a writer has it, without the rest of the writer; and what its journals hold, each point once."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.disk.capabilities import CAN
from runstore.format import journal, lines, names
from runstore.format.journal import Journal
from runstore.runs.closing import Detached, Place
from runstore.runs.points import Points
from runstore.runs.stream import Stream

WAYS = [False, True] if CAN.mapping else [False]
WRITER = "ab" * 8
SMALL = 50 << 10
REFUSALS = [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE]


class Bench:
    """A points stream and its encoder in a directory."""

    def __init__(self, directory: Path, mapped: bool, kind: str = lines.POINTS, reserve: int = 0) -> None:
        self.directory = directory
        self.kind = kind
        self.woken = 0
        self.closed: list[tuple[Detached, int]] = []
        self.points = Points(lambda name, text: None)
        place = Place(self.path, self.header, mapped, rotate=kind == lines.POINTS, reserve=reserve)
        self.stream = Stream(
            place, self.points.log, 0, "run r", self._wake, lambda detached, size: self.closed.append((detached, size))
        )
        self.points.hot = self.stream.hot
        self.log = self.stream.hot.log

    def _wake(self) -> None:
        self.woken += 1

    def path(self, number: int) -> Path:
        return self.directory / names.points(WRITER, number)

    def header(self, number: int, first: int) -> bytes:
        return lines.header(self.kind, "r", "e", WRITER, 1, number, first)

    def fact(self, body: Any) -> None:
        self.stream.hot.put(lines.fact("tags", self.stream.hot.now(), body), 1)

    def retry_now(self) -> None:
        """As if the pause after a refusal were over."""
        self.stream.faults.retry_at = min(self.stream.faults.retry_at, 1e-9)
        self.stream.faults.settled()

    def end(self) -> int:
        return self.stream.end(ended)

    def journals(self) -> list[Journal]:
        return [journal.read(files.read(path), path.name) for path in sorted(self.directory.glob("*.jsonl"))]

    def items(self) -> list[Any]:
        """Every point or fact in the order of sequence numbers, which have no gap; nothing is damaged."""
        found: dict[int, Any] = {}
        for one in self.journals():
            assert one.damage == []
            for number, item in numbered(one):
                assert found.setdefault(number, item) == item, "two journals tell one number differently"
        assert sorted(found) == list(range(len(found)))
        return [found[number] for number in sorted(found)]

    def steps(self) -> list[Any]:
        return [step for _, _, step, _ in self.items()]


def numbered(one: Journal) -> list[tuple[int, Any]]:
    """The items of a journal with their sequence numbers; a line of many gives one for each."""
    found: list[tuple[int, Any]] = []
    for span in one.spans:
        part = Journal(one.header, one.data, [span])
        number = span.first
        for item in part.items():
            pieces = _pieces(*item) if part.header["journal"] == lines.POINTS else [item]
            found.extend(enumerate(pieces, number))
            number += len(pieces)
        assert number == span.first + span.count
    return found


def _pieces(name: Any, value: Any, step: Any, time: Any) -> list[Any]:
    if name is None:
        return [[one, said, step, time] for one, said in value.items()]
    if isinstance(value, dict) and "list" in value:
        return [[name, said, step, time] for said in value["list"]]
    return [[name, value, step, time]]


def ended(line: bytes, count: int) -> None:
    raise AssertionError("logged into an ended stream")


def log_some(bench: Bench, count: int, first: int = 0) -> list[int]:
    """Log so many points; the steps of those that were kept, by the stream's own account."""
    kept = []
    for step in range(first, first + count):
        before = bench.stream.faults.dropped
        bench.log("loss", step / 3, step=step)
        if bench.stream.faults.dropped == before:
            kept.append(step)
    return kept
