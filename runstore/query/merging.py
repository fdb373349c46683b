"""A finished run in few files: its segments to one per kind, its closed facts journals to one.

What is replaced stays until nobody can still be reading it; see ``sweep``. The caller holds the run's lock.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runstore.disk import files, inventory, segment
from runstore.disk.inventory import Inventory, Segment
from runstore.errors import Damaged, FormatTooNew, QueryError
from runstore.format import journal, names, ranges, schemas
from runstore.format.ranges import Range
from runstore.query import segments, summaries, thinned
from runstore.query.connect import DuckDBPyConnection, refusals


def merge(run_path: Path) -> int:
    """Merge a finished run's segments and facts; give how many files became fewer.

    Raises:
        Damaged: a source is not as it was sealed; nothing was changed.
        OSError: the file system refuses; nothing was changed.
    """
    found = inventory.scan(run_path)
    facts = _facts(found)
    by_kind = {kind: found.segments(kind) for kind in schemas.COLUMNS}
    if len(found.active) <= 1 and not facts:
        return 0
    merged_facts = _merge_facts(run_path, found, facts)
    whose = _whose(found, facts)
    covers: dict[tuple[str, int], list[Range]] = {}
    for _, body in found.active:
        for writer, attempt, first, last in body["ranges"]:
            covers.setdefault((writer, attempt), []).append((first, last))
    with segments.workshop(run_path) as connection:
        entries = [entry for kind, parts in by_kind.items() if (entry := together(connection, parts, found, kind))]
        held = [part for parts in by_kind.values() for part in parts if part.run_id]
        summary = segments.summarize(connection, run_path, whose[0], entries, held)
        fewer = thinned.recounted(connection, segments.numbers(found), thinned.pieces(found))
        if fewer:
            summary |= summaries.of_all(connection, whose[0], thinned.told(found), "sealed_points", "curves")
    joined = {writer: ranges.join(pieces) for writer, pieces in covers.items()}
    replaces = [path for path, _ in found.seals]
    segments.publish(run_path, whose, entries, joined, summary, replaces, merged_facts, fewer)
    return sum(max(len(parts) - 1, 0) for parts in by_kind.values()) + max(len(facts) - 1, 0)


def _whose(found: Inventory, facts: Iterable[tuple[Path, list[bytes]]]) -> tuple[str, str]:
    for _, body in found.active:
        return str(body["run"]), str(body["experiment"])
    for _, parts in facts:
        header = journal.read(parts[0]).header
        return str(header["run"]), str(header["experiment"])
    raise Damaged(f"{found.path}: nothing tells whose run this is")


# ---- segments


def together(
    connection: DuckDBPyConnection, parts: list[Segment], found: Inventory, kind: str
) -> dict[str, Any] | None:
    """One segment out of several; one alone stays as it is, wherever it lies."""
    for part in parts:
        segment.verify(part.path, part.entry)
    if len(parts) == 1 and not parts[0].skip:
        told: list[dict[str, Any]] = [entry for _, body in found.active for entry in body["segments"]]
        return next(entry for entry in told if entry["file"] == parts[0].name)
    if not parts:
        return None
    return segments.write(connection, f"({segments.rows_of(parts)})", found.path, kind)


# ---- facts


def _facts(found: Inventory) -> list[tuple[Path, list[bytes]]]:
    """The files of closed, undamaged facts, each with its journals' bytes; none unless two or more."""
    whole: list[tuple[Path, list[bytes]]] = []
    for path in found.facts:
        try:
            parts = journal.read_all(found.read(path), path.name)
        except FormatTooNew:
            continue
        if parts and all(part.closed and not part.damage for part in parts):
            whole.append((path, [part.data[: len(part.data) - part.torn] for part in parts]))
    return whole if len(whole) > 1 else []


def _merge_facts(run_path: Path, found: Inventory, facts: list[tuple[Path, list[bytes]]]) -> dict[str, Any] | None:
    """Publish the merged file, and give what the record says about it; the old word stands where none is needed.

    Raises:
        Damaged: a file of merged facts that counts is not whole; it has to stay.
    """
    before = {body["merged_facts"]["file"]: body["merged_facts"] for _, body in found.active if body["merged_facts"]}
    replaced = {name for merged in before.values() for name in merged["replaces"]}
    counting = before.keys() - replaced
    lost = counting - {path.name for path, _ in facts} if facts or len(counting) > 1 else set()
    if lost:
        raise Damaged(f"{found.path / min(lost)}: can't be merged with the other facts; run `check`")
    if not facts:
        return next(({**before[name], "replaces": sorted(replaced - {name})} for name in counting), None)
    parts = {part for _, own in facts for part in own}
    data = b"".join(sorted(parts, key=_order))
    digest = hashlib.sha256(data).hexdigest()
    path = files.publish(run_path, names.merged_facts(digest), data)
    if files.sha256(path) != digest:
        raise Damaged(f"{path}: not what was written to it; nothing was changed")
    replaced |= {source.name for source, _ in facts}
    return {"file": path.name, "sha256": digest, "replaces": sorted(replaced - {path.name})}


def _order(part: Any) -> tuple[int, str, int]:
    header = journal.read(part).header
    return header["attempt"], header["writer"], header["number"]


# ---- what is left behind


def sweep(run_path: Path, grace: float) -> int:
    """Unlink what merging replaced at least ``grace`` seconds ago; give how many files.

    Raises:
        Damaged: a file that counts is not as it was sealed; what it replaced stays.
    """
    return sum(files.unlink(path) for path in replaced(run_path, grace))


def replaced(run_path: Path, grace: float) -> list[Path]:
    """What merging replaced at least ``grace`` seconds ago, in the order in which it may go.

    Raises:
        Damaged: a file that counts is not as it was sealed; what it replaced has to stay.
    """
    found = inventory.scan(run_path)
    damaged = {name for name, _ in found.damaged}
    old = [body for name, body in found.seals if _age(run_path / name, body) >= grace]
    replaced = {name for body in old for name in body["replaces"]}
    kept = {file for name, body in found.seals if name not in replaced for file in inventory.named(body)}
    gone = {file for name, body in found.seals if name in replaced for file in inventory.named(body)} - kept
    facts = {name for body in old if body["merged_facts"] for name in body["merged_facts"]["replaces"]} - kept
    records_gone = {name for name, _ in found.seals if name in replaced} | (damaged & replaced)
    doomed = [name for name in sorted(gone | facts) if (run_path / name).exists()]
    doomed += [name for name in _redundant(found, damaged) if _age(run_path / name) >= grace]
    if doomed or records_gone:
        _trust(found)
    return [run_path / name for name in [*doomed, *sorted(records_gone)] if name in found.live]


def _age(path: Path, body: dict[str, Any] | None = None) -> float:
    """Seconds a file has been there, by the less certain of two clocks."""
    said = time.time() - body["created"] / 1e9 if body else float("inf")
    return min(said, files.age(path))


def _trust(found: Inventory) -> None:
    """Check everything that counts before what it stands for goes.

    Raises:
        Damaged: some file is not as it was sealed.
    """
    for kind in schemas.COLUMNS:
        for part in found.segments(kind):
            segment.verify(part.path, part.entry)
    for _, body in found.active:
        merged = body["merged_facts"]
        if merged and hashlib.sha256(found.read(found.path / merged["file"])).hexdigest() != merged["sha256"]:
            raise Damaged(f"{found.path / merged['file']}: does not match its SHA-256; restore it from a copy")


def _redundant(found: Inventory, damaged: set[str]) -> list[str]:
    """Segments that a sealer published before it died, and of which every point is sealed elsewhere."""
    counting = {file for _, body in found.seals for file in inventory.named(body)}
    orphans = [path for path in found.segment_files if path.name not in counting]
    if not orphans or damaged:  # a damaged record may be the one that names it
        return []
    with segments.workshop(found.path) as connection:
        return [path.name for path in orphans if _sealed_elsewhere(connection, path, found)]


def _sealed_elsewhere(connection: DuckDBPyConnection, path: Path, found: Inventory) -> bool:
    query = f"SELECT writer, min(seq), max(seq) FROM {segments.parquet([path])} GROUP BY writer"
    try:
        with refusals():
            held = connection.execute(query).fetchall()
    except QueryError:
        return False  # not whole: what it was to hold is still in the journals, but that is for `check` to say
    return not any(ranges.subtract([(first, last)], found.sealed.get(writer, [])) for writer, first, last in held)
