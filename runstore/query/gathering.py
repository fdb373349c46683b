"""A run that goes on, in few files: what was sealed in small portions, because somebody asked often, grows together.

Eight records of about one size become one, of which eight become one again: so a point is rewritten a few times at
most, and there are a few dozen records after any number of requests. What is replaced stays a while for its readers.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from runstore.disk import inventory
from runstore.disk.inventory import Inventory
from runstore.format import ranges, schemas
from runstore.format.ranges import Range
from runstore.query import merging, segments

FEW = 8
SMALL = 1 << 15  # bytes of segments up to which a record is of the lowest size
LARGE = 16 << 20  # bytes from which it stays as it is until the run has ended
GRACE = 600.0  # seconds that replaced files stay; they go many together, for all that counts is verified before
_MANY = 64  # replaced records

Record = tuple[str, dict[str, Any]]


def gather(found: Inventory) -> int:
    """Merge small records of a run that goes on, and sweep; the caller holds the run's lock.

    Returns:
        How many records were replaced.

    Raises:
        Damaged: a segment is not as it was sealed; nothing was changed.
        OSError: the file system refuses; nothing was changed.
    """
    if len(found.seals) - len(found.active) >= _MANY:
        merging.sweep(found.path, GRACE)
    by_size: defaultdict[int, list[Record]] = defaultdict(list)
    for name, body in found.active:
        size = sum(entry["size"] for entry in body["segments"])
        if size < LARGE and _plain(found, name, body):
            by_size[_level(size)].append((name, body))
    for _, records in sorted(by_size.items()):
        if len(records) >= FEW:
            _merge(found, records)
            return len(records)
    return 0


def _level(size: int) -> int:
    level = 0
    while size > SMALL:
        size, level = size // FEW, level + 1
    return level


def _plain(found: Inventory, name: str, body: dict[str, Any]) -> bool:
    """Whether a record says nothing but what it has sealed, lies here and overlaps with no other."""
    here = name in found.live and inventory.named(body) <= found.live
    return here and not body["merged_facts"] and not body.get("thinned") and name not in found.skipped


def _merge(found: Inventory, records: list[Record]) -> None:
    body = records[0][1]
    files = {entry["file"] for _, one in records for entry in one["segments"]}
    covers: dict[tuple[str, int], list[Range]] = defaultdict(list)
    for _, one in records:
        for writer, attempt, first, last in one["ranges"]:
            covers[writer, attempt].append((first, last))
    with segments.workshop(found.path) as connection:
        entries = []
        for kind in schemas.COLUMNS:
            parts = [part for part in found.segments(kind) if part.name in files]
            entry = merging.together(connection, parts, found, kind)
            entries += [entry] if entry else []
        summary = segments.summarize(connection, found.path, body["run"], entries)
    joined = {writer: ranges.join(pieces) for writer, pieces in covers.items()}
    replaces = [name for name, _ in records]
    segments.publish(found.path, (body["run"], body["experiment"]), entries, joined, summary, replaces)
