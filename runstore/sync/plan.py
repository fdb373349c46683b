"""What one side lacks of what the other has. Pure: files and what is held in, a plan out.

The same for sending (the files are those here, held is what the remote has acknowledged) and for fetching (the files
are the remote's, held is what is here). Data are recognized by the numbers they cover, not by the files they lie in:
files that compaction merged of what was sent long ago are not sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from runstore.format import ranges
from runstore.format.ranges import Range
from runstore.sync.piece import SEGMENTS, Piece, Span, key

Covered = dict[str, list[Range]]  # by writer, joined


class File(NamedTuple):
    """A file of a run, or of the workspace, as one side has it. The fields are those of its pieces.

    ``size`` is as far as it is whole: of a growing journal up to its last line. ``version``: see ``piece.key``.
    """

    path: str
    kind: str
    size: int
    spans: tuple[Span, ...] = ()
    needs: tuple[str, ...] = ()
    rows: int = 0
    thinned: bool = False
    modified: int = 0
    version: str = ""

    @property
    def key(self) -> str:
        """What identifies it: see ``piece.key``."""
        return key(self.path, self.version)

    @property
    def name(self) -> str:
        """Its name in the run's directory."""
        return self.path.rpartition("/")[2]


@dataclass(slots=True)
class Held:
    """What a side has of a run: numbers of points and rows, numbers of facts, and how far it has each file."""

    data: Covered = field(default_factory=dict)
    facts: Covered = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)  # key: bytes from its beginning

    def add(self, one: File | Piece, size: int) -> None:
        """Note that so many bytes of a file, from its beginning, are there."""
        if self.files.get(one.key, -1) < size:
            self.files[one.key] = size
        covered = self.data if one.kind == "seal" else self.facts if one.kind == "facts" else None
        if covered is not None:
            cover(covered, one.spans)


class Wanted(NamedTuple):
    """What is to travel of a file: the bytes from ``start`` on; or, of a seal record, only some of its numbers.

    ``lacking``: the numbers that are not there, where the others are: a record of its own is to be made for them.
    """

    file: File
    start: int = 0
    lacking: tuple[Span, ...] = ()


def plan(there: Iterable[File], held: Held, slices: bool = True) -> list[Wanted]:
    """What of these files is lacking, in an order in which nothing is named before it is there.

    Segments travel with the record that names them, and only so.

    Args:
        there: the files.
        held: what the other side has.
        slices: records of which only a part is lacking may be cut; else they travel whole.
    """
    files = {file.key: file for file in there}
    named = {file.name: file for file in files.values() if file.kind in SEGMENTS}
    wanted = [one for file in files.values() if file.kind not in (*SEGMENTS, "seal") for one in _plain(file, held)]
    taken: dict[str, Wanted] = {}
    records: list[Wanted] = []
    for record in sorted((file for file in files.values() if file.kind == "seal"), key=lambda file: file.path):
        chosen = _record(record, held, slices)
        if chosen is None:
            continue
        records.append(chosen)
        for name in () if chosen.lacking else record.needs:
            segment = named.get(name)
            if segment is not None and held.files.get(segment.key, -1) < segment.size:
                taken[segment.path] = Wanted(segment)
    plain = sorted(wanted, key=lambda one: (one.file.kind == "facts", one.file.key))
    content = [one for one in plain if one.file.kind != "facts"]
    return [*content, *taken.values(), *records, *plain[len(content) :]]


def _plain(file: File, held: Held) -> list[Wanted]:
    """A file that stands for itself: all of it, its end, or nothing."""
    there = held.files.get(file.key)
    if there is not None:
        return [Wanted(file, there)] if there < file.size else []
    if file.kind == "facts" and file.spans and not lacking(file.spans, held.facts):
        return []
    return [Wanted(file)]


def _record(record: File, held: Held, slices: bool) -> Wanted | None:
    if record.key in held.files:
        return None
    if record.thinned:
        return Wanted(record)
    left = lacking(record.spans, held.data)
    if not left:
        return None
    return Wanted(record, lacking=left if slices and left != joined(record.spans) else ())


def lacking(spans: Iterable[Span], covered: Mapping[str, Sequence[Range]]) -> tuple[Span, ...]:
    """The numbers that are not covered."""
    left = []
    for writer, pieces in sorted(_by_writer(spans).items()):
        left += [(writer, first, last) for first, last in ranges.subtract(pieces, covered.get(writer, []))]
    return tuple(left)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same numbers in the fewest spans, in order."""
    return lacking(spans, {})


def cover(covered: Covered, spans: Iterable[Span]) -> None:
    """Add numbers to what is covered."""
    for writer, pieces in _by_writer(spans).items():
        covered[writer] = ranges.join([*covered.get(writer, []), *pieces])


def _by_writer(spans: Iterable[Span]) -> Covered:
    found: Covered = {}
    for writer, first, last in spans:
        found.setdefault(writer, []).append((first, last))
    return found
