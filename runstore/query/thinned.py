"""What seal records say of curves that were thinned: which numbers are not all there, and what all of them came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

from runstore.disk import inventory
from runstore.disk.inventory import Inventory
from runstore.format import ranges
from runstore.format.ranges import Range
from runstore.query.connect import DuckDBPyConnection, quoted

Piece: TypeAlias = "list[Any]"
"""Writer, attempt, first and last number, how many of these are held, and since when that is not all of them."""


class Told(NamedTuple):
    """A seal record that was made when its curves were thinned: the figures of all points, and which these were."""

    summary: dict[str, Any]
    covers: Mapping[str, list[Range]]

    @property
    def within(self) -> str:
        """What is true of its points."""
        pieces = ((writer, *piece) for writer, found in self.covers.items() for piece in found)
        return " OR ".join(f"(writer = {quoted(w)} AND seq BETWEEN {first} AND {last})" for w, first, last in pieces)


def pieces(found: Inventory) -> list[Piece]:
    """The stretches of numbers of which a run has only some, by the records that give them."""
    given: list[Piece] = []
    for name, body in found.active:
        skipped = found.skipped.get(name, {})
        for writer, attempt, first, last, kept, since in body.get("thinned", ()):
            left = ranges.subtract([(first, last)], skipped.get(writer, []))
            given += [[writer, attempt, *one, kept, since] for one in left]
    return given


def since(found: Inventory) -> int:
    """When a run's curves were thinned last, in nanoseconds; 0 for never."""
    return max((piece[5] for _, body in found.active for piece in body.get("thinned", ())), default=0)


def told(found: Inventory) -> list[Told]:
    """The records that tell of all points of curves that were thinned; no two of them tell of one point.

    Where some tell of the same points, the one that tells of the most is believed: it was there last.

    Raises:
        FileNotFoundError: a record was replaced; list again.
        Damaged: a record is no longer what it was.
    """
    records = [(name, inventory.covered(body)) for name, body in found.active if body.get("thinned")]
    records.sort(key=lambda record: (-sum(map(ranges.count, record[1].values())), record[0]))
    taken: dict[str, list[Range]] = {}
    chosen: list[Told] = []
    for name, own in records:
        if not any(ranges.overlap(covered, taken.get(writer, [])) for writer, covered in own.items()):
            chosen.append(Told(found.summary(name), own))
        for writer, covered in own.items():
            taken[writer] = ranges.join([*taken.get(writer, []), *covered])
    return chosen


def recounted(connection: DuckDBPyConnection, source: str, given: Iterable[Piece]) -> list[Piece]:
    """The same pieces with how many of their numbers there are in ``source``, without those that are all there.

    Args:
        connection: where the source is bound.
        source: a SELECT of writer and seq.
        given: the pieces.
    """
    again: list[Piece] = []
    for writer, attempt, first, last, _, since in given:
        asked = f"SELECT count(*) FROM ({source}) WHERE writer = ? AND seq BETWEEN ? AND ?"
        ((held,),) = connection.execute(asked, [writer, first, last]).fetchall()
        again += [[writer, attempt, first, last, held, since]] if held <= last - first else []
    return sorted(again)
