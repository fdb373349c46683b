"""A part of a sealed record as one of its own: what was sent of the rest before need not be sent again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from runstore.disk import segment
from runstore.disk.inventory import Inventory, Segment
from runstore.errors import Damaged
from runstore.format import ranges
from runstore.query import segments
from runstore.query.connect import quoted
from runstore.sync.piece import Span


def cut(found: Inventory, record: str, lacking: Iterable[Span], into: Path) -> str:
    """Write segments of some of a record's numbers into a directory, and a record of them; give its name.

    Args:
        found: the run's files.
        record: the name of a seal record that counts.
        lacking: the numbers.
        into: an empty directory outside of the workspace.

    Raises:
        Damaged: a segment is not as it was sealed.
        QueryError, OSError: it can't be done.
    """
    body = next((one for name, one in found.active if name == record), None)
    if body is None:
        raise Damaged(f"{found.path / record}: no longer there; try again")
    covers = _covers(body, lacking)
    wanted = [span for (writer, _), pieces in covers.items() for span in ((writer, *piece) for piece in pieces)]
    with segments.workshop() as connection:
        entries = []
        for entry in body["segments"]:
            part = found.segment(body["run"], entry, {})
            segment.verify(part.path, part.entry)
            written = segments.write(connection, f"({_rows(part, wanted)})", into, entry["kind"])
            entries += [written] if written is not None else []
        summary = segments.summarize(connection, into, body["run"], entries, home=found.path)
        return segments.publish(into, (body["run"], body["experiment"]), entries, covers, summary)


def _covers(body: Mapping[str, Any], lacking: Iterable[Span]) -> dict[tuple[str, int], list[ranges.Range]]:
    """The numbers that are lacking, by writer and attempt."""
    left: dict[str, list[ranges.Range]] = {}
    for writer, first, last in lacking:
        left[writer] = ranges.join([*left.get(writer, []), (first, last)])
    covers: dict[tuple[str, int], list[ranges.Range]] = {}
    for writer, attempt, first, last in body["ranges"]:
        both = ranges.overlap([(first, last)], left.get(writer, []))
        if both:
            covers[writer, attempt] = ranges.join([*covers.get((writer, attempt), []), *both])
    return covers


def _rows(part: Segment, wanted: Iterable[Span]) -> str:
    chosen = " OR ".join(f"writer = {quoted(w)} AND seq BETWEEN {first} AND {last}" for w, first, last in wanted)
    return f"SELECT * FROM ({segments.rows_of([part])}) WHERE {chosen or 'false'}"
