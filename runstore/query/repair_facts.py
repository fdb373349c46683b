"""Facts journals: what of a damaged one can be believed becomes journals of its own, closed, each of one stretch.

Item numbers stay. The numbers of the journals don't (``REPAIRED`` and on), so that an undamaged copy of the old
journal is still taken in by a merge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from runstore.disk import files
from runstore.errors import FormatTooNew
from runstore.format import journal, lines, mending, names, ranges
from runstore.format.journal import Journal
from runstore.format.ranges import Range
from runstore.query.repair_work import Work, headed, rebuilt

REPAIRED = 1_000_000  # journals that a repair made are numbered from here on
Lines = dict[int, bytes]  # facts by their numbers


@dataclass(slots=True)
class _Held:
    """What of one writer's facts is held by files that stay or are published now; and what was found damaged."""

    numbers: list[Range] = field(default_factory=list)
    top: int = -1  # the greatest number that is known of

    def hold(self, first: int, last: int) -> None:
        self.numbers = ranges.join([*self.numbers, (first, last)])
        self.top = max(self.top, last)


def repair(work: Work) -> None:
    """Publish what is believable of damaged facts files, and note what goes and what is lost."""
    held: dict[str, _Held] = {}
    bad: list[tuple[Path, list[Journal]]] = []
    for path in sorted(work.path.iterdir()):
        name = names.parse(path.name)
        if name is None or name.kind not in ("facts", "merged"):
            continue
        try:
            parts = _parts(work, path)
        except FormatTooNew as problem:
            work.leave(path.name, str(problem).partition(": ")[2])
            continue
        if path.name in work.damaged and not _sound(work, path):
            bad.append((path, parts))
        else:
            for part in parts:
                _hold(held, part)
    for path, parts in bad:
        mine = [part for part in parts if _ours(work, part) and _vouched(work, path, part)]
        new = [_save(work, path, part, held) for part in mine]
        if mine and not any(new):
            work.save(path.name, "its facts lie in other files too")
        if not parts or (len(mine) < len(parts) and any(not part.header for part in parts)):
            work.lose(path.name, "facts that can't be read any more; whose and how many nothing tells")
        foreign = parts and not mine and all(part.header for part in parts)
        work.aside[path] = "belongs to another run" if foreign else "damaged facts"
    for writer in {str(p.header["writer"]) for _, parts in bad for p in parts if p.header and _ours(work, p)}:
        one = held[writer] if writer in held else _Held()
        gone = ranges.subtract([(0, one.top)], one.numbers)
        if gone:
            shown = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in gone)
            work.lose("", f"facts {shown} of writer {writer}")


def _parts(work: Work, path: Path) -> list[Journal]:
    """The journals in a facts file, their header lines mended where that can be proven."""
    found: list[Journal] = []
    waiting = [files.read(path)]
    if path.name not in work.damaged:
        return journal.read_all(waiting[0], path.name)
    while waiting:
        for part in _mended(journal.read_all(_headed(work, path, waiting.pop()), path.name)):
            after = next((f.offset for f in part.damage if f.what.startswith("bytes after")), None)
            if after is not None:  # the next journal's header line is what is damaged
                waiting.append(part.data[after:])
                part = journal.read(part.data[:after], path.name)
            if part.header or part.damage:
                found.append(part)
    return found


def _mended(parts: list[Journal]) -> Iterator[Journal]:
    for part in parts:
        yield journal.read(mending.journal(part.data)) if part.damage else part


def _headed(work: Work, path: Path, data: bytes) -> bytes:
    name = names.parse(path.name)
    attempts = {a for a in work.origin.attempts.values() if a} | {name.attempt if name and name.attempt else 1}
    writers = {*map(names.owner, work.origin.attempts), name.writer if name else ""} - {""}
    whose = [(writer, attempt) for writer in sorted(writers) for attempt in sorted(attempts)]
    return headed(data, lines.FACTS, work.origin, whose, range(3)) if work.origin.run_id else data


def _sound(work: Work, path: Path) -> bool:
    """Whether nothing is wrong with a file by itself; what it says may still be odd."""
    name, parts = names.parse(path.name), journal.read_all(files.read(path), path.name)
    if name is None or any(part.damage or not part.header or not _ours(work, part) for part in parts):
        return False
    if name.kind == "merged":
        whole = all(part.closed and not part.torn for part in parts)
        return whole and names.merged_facts(files.sha256(path)) == path.name
    return len(parts) == 1 and parts[0].header["attempt"] == name.attempt and not _cut(parts[0])


def _cut(part: Journal) -> bool:
    """Whether an edit, which was published whole, is not."""
    kind, _, body = next(part.items(), ("", 0, {}))
    return kind == "start" and "edit" in body and not part.closed


def _ours(work: Work, part: Journal) -> bool:
    header = part.header
    return bool(header) and header["journal"] == lines.FACTS and header["run"] == work.origin.run_id


def _vouched(work: Work, path: Path, part: Journal) -> bool:
    """Whether what a header says is so, by its checksum or by other signs."""
    name, header = names.parse(path.name), part.header
    if part.believable or name is None or header["experiment"] != work.origin.experiment:
        return part.believable
    return bool(header["attempt"] == work.origin.attempts.get(header["writer"], name.attempt))


def _hold(held: dict[str, _Held], part: Journal) -> None:
    for span in part.spans:
        if span.count:
            held.setdefault(str(part.header["writer"]), _Held()).hold(span.first, span.first + span.count - 1)


def _save(work: Work, path: Path, part: Journal, held: dict[str, _Held]) -> int:
    """Publish what nothing else holds of one journal: as it is where nothing is wrong with it, else by stretches.

    Gives how many facts that were.
    """
    writer, attempt = str(part.header["writer"]), _attempt(work, path, part)
    one = held.setdefault(writer, _Held())
    found = _believable(part)
    new = {number: line for number, line in found.items() if not ranges.overlap([(number, number)], one.numbers)}
    if new and part.closed and not part.damage and len(new) == len(found) and attempt == part.header["attempt"]:
        number = int(part.header["number"])
        _publish(work, writer, attempt, number, part.data[: len(part.data) - part.torn])
    elif new:
        number = REPAIRED * (1 + int(part.header["number"]))
        for first, last in ranges.join((at, at) for at in new):
            stretch = [new[at] for at in range(first, last + 1)]
            data = rebuilt(work.origin, writer, attempt, number + first, first, stretch)
            _publish(work, writer, attempt, number + first, data)
    for number in new:
        one.hold(number, number)
    spans = [span.first + span.count - 1 for span in part.spans]
    one.top = max([one.top, *spans, _claimed(part)])
    if new:
        work.save(path.name, f"{len(new)} fact{'s' * (len(new) > 1)} of writer {writer}")
    return len(new)


def _attempt(work: Work, path: Path, part: Journal) -> int:
    """The attempt that a journal is of: the header says it where a checksum vouches for that."""
    name = names.parse(path.name)
    if part.believable or name is None or not name.attempt:
        return int(part.header["attempt"])
    return work.origin.attempts.get(str(part.header["writer"])) or name.attempt


def _claimed(part: Journal) -> int:
    """The last number that a closing line speaks of which does not match."""
    at = part.data.rfind(b"\n" + lines.END) + 1
    try:
        _, stop, first, count, _ = orjson.loads(part.data[at:])["end"]
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError):
        return -1
    told = [span.first + span.count for span in part.spans]
    return int(first + count - 1) if stop == at and 0 <= count - max(told, default=0) <= len(part.data) else -1


def _believable(part: Journal) -> Lines:
    """The lines that readers would take, by their numbers."""
    found: Lines = {}
    for span in part.spans:
        rows = [row for row in part.data[span.start : span.end].split(b"\n") if row.startswith(b"[")]
        found.update((span.first + place, row + b"\n") for place, row in enumerate(rows))
    return found


def _publish(work: Work, writer: str, attempt: int, number: int, data: bytes) -> None:
    """Give a journal the first name that is free: the header says whose it is, not the name."""
    for name in _called(writer, attempt, number):
        path = work.path / name
        if name in work.reserved:
            continue
        if not path.exists():
            files.publish(work.path, name, data)
            return
        if files.read(path) == data:
            return


def _called(writer: str, attempt: int, number: int) -> Iterator[str]:
    if not number:
        yield names.facts(attempt, writer)
    text = f"{writer} {number}"
    while True:
        text = hashlib.sha256(text.encode()).hexdigest()
        yield names.facts(attempt, text[:16])
