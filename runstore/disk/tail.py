"""What is not sealed yet: a run's points journals, or its side journals, read, verified, each number once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.disk.inventory import Inventory
from runstore.errors import FormatTooNew
from runstore.format import journal, lines, names, ranges
from runstore.format.journal import Finding, Journal, Span
from runstore.format.ranges import Range


def journals(inventory: Inventory) -> list[Journal]:
    """The live points journals of a run; their spans hold only what no sealed file and no later journal holds.

    Raises:
        FileNotFoundError: a journal was sealed since the inventory was made; list again.
    """
    return [found for _, found in read(inventory)]


def read(inventory: Inventory) -> list[tuple[Path, Journal]]:
    """As ``journals``, each with its path, in the order of (writer, number); without those that give nothing.

    Raises:
        FileNotFoundError: a journal was sealed since the inventory was made; list again.
    """
    with opened(inventory) as found:
        return list(found)


@contextmanager
def opened(inventory: Inventory, sides: bool = False) -> Iterator[Iterator[tuple[Path, Journal]]]:
    """As ``read``, but only one writer's journals are in memory at once.

    All are opened before the first is read, so that it doesn't matter which of them is sealed meanwhile.

    Args:
        inventory: the run's files.
        sides: read the side journals, not those of points.

    Raises:
        FileNotFoundError: a journal was sealed since the inventory was made; list again.
    """
    paths = sorted(inventory.sides if sides else inventory.points, key=order)
    with ExitStack() as stack:
        sources = [(path, _source(path, stack, len(paths))) for path in paths]
        yield _read(inventory, sources)


def _source(path: Path, stack: ExitStack, count: int) -> Callable[[], bytes]:
    """What gives a file's bytes later, open already; where there are very many, read already."""
    if count > _OPEN:
        data = [files.read(path)]
        return lambda: data.pop() if data else files.read(path)
    file = stack.enter_context(files.opened(path))

    def content() -> bytes:
        file.seek(0)
        return file.readall()

    return content


_OPEN = 200
_TRIES = 5
_Sources = Sequence[tuple[Path, Callable[[], bytes]]]


def _read(inventory: Inventory, sources: _Sources) -> Iterator[tuple[Path, Journal]]:
    for writer, group in itertools.groupby(sources, key=lambda source: order(source[0])[0]):
        found = [(path, _steady(path, content)) for path, content in group]
        for path, one in found:
            if not one.believable and not _confirmed(inventory, path, one):
                one.spans = []
        taken = inventory.sealed.get(writer, [])
        for _, one in reversed(found):  # a later journal repeats what its forerunner could not make durable
            own = held(one)
            trim(one, taken)
            taken = ranges.join([*taken, *own])
        yield from ((path, one) for path, one in found if one.spans or one.damage or one.torn)


def _steady(path: Path, content: Callable[[], bytes]) -> Journal:
    """Judge a journal. What seems damaged is read again, until it stays the same.

    Its writer goes on while it is read, page by page: a checking line may be there before the bytes that it covers.
    """
    data = content()
    found = judged(path, data)
    for _ in range(_TRIES):
        again = content() if found.damage else data
        if again == data:
            break
        data, found = again, judged(path, again)
    return found


def verified(path: Path) -> Journal:
    """Read one points journal and verify it, its header against its name included.

    Raises:
        FileNotFoundError: it is gone.
    """
    return judged(path, files.read(path))


def judged(path: Path, data: bytes) -> Journal:
    """Verify the bytes of one points journal, its header against its name included."""
    try:
        found = journal.read(data, path.name)
    except FormatTooNew as problem:
        return Journal({}, b"", damage=[Finding(0, str(problem))])
    if found.header and not belongs(found, path):
        return Journal({}, b"", damage=[Finding(0, "belongs to another run or has another name")])
    return found


def belongs(found: Journal, path: Path) -> bool:
    """Whether a points journal's header says what its name and directory say."""
    header = found.header
    name = names.parse(path.name)
    return (
        name is not None
        and header.get("journal") == lines.POINTS
        and (header.get("writer"), header.get("number")) == (name.writer, name.number)
        and Path(names.run_dir(str(header.get("run")))).parts[1:] == path.parts[-3:-1]
    )


def _confirmed(inventory: Inventory, path: Path, found: Journal) -> bool:
    """Whether another file says the same of this writer as a header that its own checksums don't vouch for.

    The facts that speak for a side are its writer's.

    Raises:
        FileNotFoundError: the other file has gone meanwhile; list again.
    """
    wanted = _whose(found)
    for other in [*inventory.facts, *inventory.points, *inventory.sides]:
        if other != path:
            try:
                parts = journal.read_all(files.read(other), other.name)
            except FormatTooNew:
                continue
            if any(part.believable and _whose(part) == wanted for part in parts):
                return True
    return False


def _whose(found: Journal) -> list[Any]:
    header = found.header
    return [names.owner(str(header.get("writer"))), *(header.get(name) for name in ("attempt", "run", "experiment"))]


def held(found: Journal) -> list[Range]:
    """The sequence numbers a journal's spans hold."""
    return ranges.join((span.first, span.first + span.count - 1) for span in found.spans)


def trim(found: Journal, without: list[Range]) -> None:
    """Take the numbers ``without`` out of a journal's spans, by whole lines."""
    if not without or not ranges.overlap(held(found), without):
        return
    kept: list[Span] = []
    for span in found.spans:
        whole = [(span.first, span.first + span.count - 1)]
        left = ranges.subtract(whole, without)
        kept.extend([span] if left == whole else _cut(found.data, span, left))
    found.spans = kept


def _cut(data: bytes, span: Span, left: list[Range]) -> list[Span]:
    """The parts of a span whose lines hold the numbers ``left``."""
    parts: list[Span] = []
    at, number = span.start, span.first
    wanted = iter(left)
    first, last = next(wanted, (0, -1))
    for line in data[span.start : span.end].splitlines(keepends=True):
        size = lines.count(line) if line.startswith(b"[") else 0
        while first <= last < number:
            first, last = next(wanted, (0, -1))
        if size and first <= number <= last:
            if parts and parts[-1].end == at:
                parts[-1].end += len(line)
                parts[-1].count += size
            else:
                parts.append(Span(at, at + len(line), number, size, span.verified))
        at += len(line)
        number += size
    return parts


def order(path: Path) -> tuple[str, int]:
    """Writer and number of a points journal: the order in which they were written."""
    name = names.parse(path.name)
    return (name.writer, name.number) if name else ("", 0)
