"""One run of another workspace, taken into this one: what it covers and this one lacks, by (run, writer, numbers).

Facts are read first and written last: what they promise is there before them. What both have is left alone, in
whatever files it lies, after it was compared.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from runstore.disk import inventory, segment, tail, wherever
from runstore.disk.inventory import Inventory, Segment
from runstore.errors import Damaged, StoreError
from runstore.format import documents, journal, names, ranges, schemas
from runstore.format.journal import Journal
from runstore.format.ranges import Range
from runstore.query import live, segments, thawing
from runstore.query.taking import Taker
from runstore.runs import state

_LISTINGS = 20  # how often a run that is being sealed is listed again
_DIFFERS = "says something else for numbers that this workspace has; what is here stays"
Key = tuple[str, int]  # writer, number of the facts journal


@dataclass(frozen=True, slots=True)
class _Facts:
    """One facts journal. ``path``: the file that holds nothing else, None where it lies in a merged one."""

    data: bytes
    attempt: int
    source: Path
    path: Path | None


@dataclass(slots=True)
class _Mine:
    """What this workspace has of the run, as it grows."""

    path: Path
    found: Inventory
    facts: dict[Key, _Facts]
    covered: dict[str, list[Range]]  # by segments and journals
    reserved: set[str] = field(default_factory=set)  # names that are taken, or were by what was merged
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # seal records

    def take(self, name: str, body: dict[str, Any]) -> None:
        self.taken.append((name, body))
        for writer, pieces in inventory.covered(body).items():
            self.covered[writer] = ranges.join([*self.covered.get(writer, []), *pieces])


def packs(taker: Taker, theirs: Path, ours: Path) -> None:
    """Take a run's packs."""
    for name in wherever.listed(theirs):
        parsed = names.parse(name)
        if parsed is not None and parsed.kind == "pack":
            taker.grown(theirs / name, ours / name)


def run(taker: Taker, theirs: Path, ours: Path) -> None:
    """Take the rest of a run; the caller holds the lock of ``ours``.

    Raises:
        OSError: this workspace can't be written.
    """
    refused = len(taker.done.refused)
    for _ in range(_LISTINGS):
        try:
            _run(taker, theirs, ours)
        except FileNotFoundError:  # sealed or replaced since it was listed
            del taker.done.refused[refused:]
            continue
        return
    taker.refuse(theirs, "its files change too fast to be read; merge again")


def _run(taker: Taker, theirs: Path, ours: Path) -> None:
    told = state.fold(theirs)
    facts = _facts(told.inventory, taker)
    found = inventory.scan(theirs)
    seen = inventory.scan(ours)
    mine = _mine(seen)
    for name, why in found.damaged:
        taker.refuse(theirs.parents[2] / name if name == names.BLOCKS else theirs / name, why)
    before = -1
    while before < len(mine.taken):  # what was taken may be thinner in a record that had nothing to thin until then
        before = len(mine.taken)
        for name, body in found.active:
            if not any(name == one for one, _ in mine.taken):
                _record(taker, found, name, body, mine)
    _journals(taker, found, mine)
    _others(taker, told, found, mine)
    for key, part in sorted(facts.items()):
        _part(taker, key, part, mine)


def _mine(seen: Inventory) -> _Mine:
    mine = _Mine(seen.path, seen, _facts(seen), dict(seen.sealed), set(seen.names))
    for path in _live(seen):
        writer = _writer(path)
        mine.covered[writer] = ranges.join([*mine.covered.get(writer, []), *tail.held(tail.verified(path))])
    for _, body in seen.seals:
        mine.reserved.update((body["merged_facts"] or {"replaces": []})["replaces"])
    return mine


# ---- sealed


def _record(taker: Taker, found: Inventory, name: str, body: dict[str, Any], mine: _Mine) -> None:
    """Take a seal record with its files, if it covers anything that is lacking."""
    if name in mine.found.names or not inventory.named(body) <= found.names:
        return
    merged = _merged(found, body)
    covers = inventory.covered(body)
    lacking = any(ranges.subtract(pieces, mine.covered.get(writer, [])) for writer, pieces in covers.items())
    thins = _thins(name, body, covers, mine)
    if not lacking and not thins and (covers or all(key in mine.facts for key in merged)):
        if covers and _differ(found, body, mine):
            taker.refuse(found.path / name, _DIFFERS)
        return
    if _differ(found, body, mine):
        taker.refuse(found.path / name, _DIFFERS)
        return
    whole = _stands_for(body, merged, mine)
    try:
        entries = [_segment(taker, found, entry, mine) for entry in body["segments"]]
        merged_name = body["merged_facts"]["file"] if whole and body["merged_facts"] else None
        if merged_name is not None and merged_name not in mine.found.names:
            taker.copy(found.path / merged_name, mine.path / merged_name, body["merged_facts"]["sha256"])
    except Damaged as problem:
        taker.refuse(found.path / name, str(problem))
        return
    data = found.read(found.path / name)
    if not whole or entries != body["segments"]:
        alone: dict[str, Any] = {} if whole else {"replaces": [], "merged_facts": None}
        data = documents.render({**documents.parse(data, name), "segments": entries, **alone})
    own = names.seal(sha256(data).hexdigest())
    if own not in mine.found.names:
        taker.put(mine.path / own, data)
    mine.take(name, body)
    if whole:
        mine.facts.update(merged)
        mine.reserved.update((body["merged_facts"] or {"replaces": []})["replaces"])


def _thins(name: str, body: Mapping[str, Any], covers: Mapping[str, list[Range]], mine: _Mine) -> bool:
    """Whether a record gives fewer points, on purpose, than there are here: these have been thinned away there."""
    if not body.get("thinned") or any(name in own["replaces"] for _, own in mine.found.seals + mine.taken):
        return False
    if any(own.get("thinned") and _files(own) == _files(body) for _, own in mine.found.active + mine.taken):
        return False  # the same points, in a record that was rewritten on its way through another workspace
    for own_name, own in mine.found.active + mine.taken:
        thin = {piece[0] for piece in body["thinned"]}
        shared = [w for w, found in inventory.covered(own).items() if ranges.overlap(covers.get(w, []), found)]
        less = any(inventory.thinness(body, w) < inventory.thinness(own, w) for w in thin & {*shared})
        if less or own_name in body["replaces"]:
            return True
    return any(ranges.subtract(found, mine.found.sealed.get(writer, [])) for writer, found in covers.items())


def _files(body: Mapping[str, Any]) -> list[str]:
    return sorted(entry["file"] for entry in body["segments"])


def _segment(taker: Taker, found: Inventory, entry: dict[str, Any], mine: _Mine) -> dict[str, Any]:
    """Take a segment, out of a block as the file that it was; give what the record has to say about it here."""
    name = entry["file"]
    if name in mine.found.names:
        return entry
    if name in found.live:
        segment.verify(found.path / name, entry)
        taker.copy(found.path / name, mine.path / name, entry["sha256"])
        return entry
    if taker.dry:
        taker.count(entry["size"])
        return entry
    with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
        made = thawing.written(found, name, Path(directory))
        if made["file"] not in mine.found.names:
            taker.copy(Path(directory, made["file"]), mine.path / made["file"], made["sha256"])
    return made


def _merged(found: Inventory, body: Mapping[str, Any]) -> dict[Key, _Facts]:
    merged = body["merged_facts"]
    return _read(found, found.path / merged["file"]) if merged else {}


def _stands_for(body: Mapping[str, Any], merged: Mapping[Key, _Facts], mine: _Mine) -> bool:
    """Whether all that a record takes the place of, by name, is in its merged facts here as well."""
    replaces = set((body["merged_facts"] or {"replaces": []})["replaces"])
    return all(
        key in merged and merged[key].data.startswith(part.data)
        for key, part in mine.facts.items()
        if part.path is not None and part.path.name in replaces
    )


def _differ(found: Inventory, body: Mapping[str, Any], mine: _Mine) -> bool:
    """Whether a record's segments have, for a number that is sealed here or lies in a journal here, something else."""
    new = [one for one in body["segments"] if one["file"] not in mine.found.names]
    shared = set(inventory.covered(dict(body))) & set(mine.covered)
    if not new or not shared:
        return False
    journals = [one for path in _live(mine.found) if _writer(path) in shared and (one := tail.verified(path)).header]
    with segments.workshop() as connection:
        _load(connection, journals)
        for entry in new:
            kind, theirs = entry["kind"], found.segment(body["run"], entry, {})
            own = [_source(part) for part in mine.found.segments(kind)]
            if _unlike(connection, _source(theirs), [*own, f"live_{kind}"], kind):
                return True
    return False


def _source(part: Segment) -> str:
    return f"({segments.rows_of([part])})"


def _load(connection: Any, journals: Sequence[Journal]) -> None:
    live.load_sides(connection, [one for one in journals if one.header["writer"].endswith("s")])
    live.load(connection, [one for one in journals if not one.header["writer"].endswith("s")])  # uses the same tables


def _unlike(connection: Any, theirs: str, ours: Sequence[str], kind: str) -> bool:
    """Whether two sources have different rows of one (writer, number)."""
    columns = ", ".join(name for name in schemas.COLUMNS[kind] if name != "row")  # counted where it is sealed
    both = " UNION ALL ".join(f"SELECT {columns} FROM {source}" for source in ours)
    query = (
        f"WITH ours AS ({both}), theirs AS (SELECT {columns} FROM {theirs} SEMI JOIN ours USING (writer, seq)) "
        "SELECT count(*) FROM (SELECT * FROM theirs EXCEPT SELECT * FROM ours)"
    )
    ((count,),) = connection.execute(query).fetchall()
    return bool(count)


# ---- journals


def _live(found: Inventory) -> list[Path]:
    return found.points + found.sides


def _writer(path: Path) -> str:
    name = names.parse(path.name)
    return name.writer if name else ""


def _journals(taker: Taker, found: Inventory, mine: _Mine) -> None:
    """Take the journals with numbers that nothing here covers, as far as they are written."""
    for path in _live(found):
        one = tail.verified(path)
        if one.damage:
            taker.refuse(path, f"{one.damage[0].what}, at byte {one.damage[0].offset}; what is here stays")
        elif path.name in mine.found.names:
            _grow(taker, path, _whole(one), mine)
        elif ranges.subtract(tail.held(one), mine.covered.get(_writer(path), [])):
            if _at_odds(one, mine):
                taker.refuse(path, _DIFFERS)
            else:
                taker.put(mine.path / path.name, _whole(one))
        elif one.spans and _at_odds(one, mine):
            taker.refuse(path, _DIFFERS)


def _at_odds(one: Journal, mine: _Mine) -> bool:
    """Whether a journal has, for a number that is sealed here, something else than the segment."""
    writer = str(one.header["writer"])
    if not ranges.overlap(tail.held(one), mine.found.sealed.get(writer, [])):
        return False
    with segments.workshop() as connection:
        _load(connection, [one])
        for kind in (schemas.SYSTEM, schemas.LOGS) if writer.endswith("s") else (schemas.POINTS, schemas.ROWS):
            own = [_source(part) for part in mine.found.segments(kind)]
            if own and _unlike(connection, f"live_{kind}", own, kind):
                return True
    return False


def _whole(one: Journal) -> bytes:
    """A journal without what is torn, or only allocated, at its end."""
    data = one.data.rstrip(b"\0")
    return data[: data.rfind(b"\n") + 1]


def _grow(taker: Taker, theirs: Path, data: bytes, mine: _Mine, ours: Path | None = None) -> None:
    """Take the rest of a journal of which the beginning is here."""
    ours = ours or mine.path / theirs.name
    own = journal.read(mine.found.read(ours), ours.name)
    if _whole(own).startswith(data):
        return
    lives = names.lock(names.owner(str(own.header.get("writer")))) in mine.found.names
    if data.startswith(_whole(own)) and not lives:
        taker.put(ours, data, replace=True)
    else:
        taker.refuse(theirs, "its writer logs here" if lives else _DIFFERS)


# ---- the rest


def _others(taker: Taker, told: state.RunState, found: Inventory, mine: _Mine) -> None:
    """Raw logs, spools nobody empties any more, end files, and the last sign of life of those who are dead."""
    at_work = {part.writer for part in told.writers if part.state == state.RUNNING}
    for path in [*found.logs, *(one for one in found.spools if _writer(one) not in at_work)]:
        taker.grown(path, mine.path / path.name)
    for path in found.ends:
        if path.name not in mine.found.names:
            if _begun_twice(told, path, mine):
                taker.refuse(path, "the attempt was begun here by another process; its status here stays")
            else:
                taker.put(mine.path / path.name, found.read(path))
        elif found.read(path) != mine.found.read(mine.path / path.name):
            taker.refuse(path, _DIFFERS)
    for part in told.writers:
        name = names.lock(part.writer)
        if part.error == state.VANISHED and name in found.names - mine.found.names:
            taker.put(mine.path / name, b"", like=found.path / name)


def _begun_twice(told: state.RunState, path: Path, mine: _Mine) -> bool:
    name = names.parse(path.name)
    attempt = name.attempt if name else 0
    theirs, here = (
        {part.writer for part in one.writers if part.opener and part.attempt == attempt}
        for one in (told, state.fold(mine.path, mine.found))
    )
    return bool(here - theirs)


# ---- facts


def _facts(found: Inventory, taker: Taker | None = None) -> dict[Key, _Facts]:
    """Every facts journal by its writer and number; damaged ones are named to ``taker``."""
    parts: dict[Key, _Facts] = {}
    for path in found.facts:
        try:
            read = _read(found, path)
        except StoreError as problem:
            if taker is not None:
                taker.refuse(path, str(problem))
            continue
        for key, part in read.items():
            if key not in parts or len(parts[key].data) < len(part.data):
                parts[key] = part
    return parts


def _read(inventory: Inventory, path: Path) -> dict[Key, _Facts]:
    """The journals in one facts file.

    Raises:
        Damaged, FormatTooNew: it can't be believed.
        FileNotFoundError: it is gone.
    """
    found: dict[Key, _Facts] = {}
    for part in journal.read_all(inventory.read(path), path.name):
        if part.damage:
            raise Damaged(f"{part.damage[0].what}, at byte {part.damage[0].offset}; what is here stays")
        if part.header:
            key = str(part.header["writer"]), int(part.header["number"])
            own = None if path.name.startswith("facts-") else path
            found[key] = _Facts(_whole(part), int(part.header["attempt"]), path, own)
    return found


def _part(taker: Taker, key: Key, part: _Facts, mine: _Mine) -> None:
    """Take one facts journal, or the rest of it."""
    own = mine.facts.get(key)
    if own is None:
        name = next(name for name in _called(key, part) if name not in mine.reserved)
        taker.put(mine.path / name, part.data)
        mine.reserved.add(name)
    elif not own.data.startswith(part.data):
        if own.path is None:
            taker.refuse(part.source, _DIFFERS)
        else:
            _grow(taker, part.source, part.data, mine, own.path)


def _called(key: Key, part: _Facts) -> list[str]:
    """What a facts journal may be called here, the first that is free: the header says whose it is, not the name."""
    writer, number = key
    plain = [] if part.path is None else [part.path.name]
    own = [] if number else [names.facts(part.attempt, writer)]
    return [*plain, *own, names.facts(part.attempt, sha256(f"{writer} {number}".encode()).hexdigest()[:16])]
