"""Points, rows, system metrics, log records: whatever can be believed of them gets into a segment that a record names.

First what is sealed (``repair_segments``), then the journals.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from runstore.disk import files, inventory, tail
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged
from runstore.format import documents, journal, lines, mending, names, ranges
from runstore.format.journal import Journal
from runstore.format.ranges import Range
from runstore.query import repair_segments, sealing, segments
from runstore.query.repair_aside import Quarantine
from runstore.query.repair_segments import sound
from runstore.query.repair_work import Work, headed


def repair(work: Work, quarantine: Quarantine) -> None:
    """Publish what is believable, and note what goes."""
    found = inventory.scan(work.path)
    for name, _ in found.damaged:
        if (work.path / name).exists() and _broken(work.path / name):
            work.aside[work.path / name] = "a damaged seal record"
    view, broken = sound(found)
    for name, body in broken.items():
        work.aside[work.path / name] = "a seal record whose files are damaged or missing, or that is of another run"
        if names.run_dir(str(body["run"]))[-16:] == work.path.name:
            for writer, pieces in inventory.covered(body).items():
                work.claim(writer, pieces[-1][1] + 1)
    if work.aside or any(path.name in work.damaged for path in found.segment_files):
        repair_segments.repair(work, found, view, broken, held(work), quarantine)
    if {path.name for path in found.points + found.sides} & work.damaged:
        _journals(work)


def held(work: Work) -> dict[str, list[Range]]:
    """The numbers of each writer and side that readers find when what is damaged has gone."""
    view, _ = sound(inventory.scan(work.path))
    numbers = {writer: list(pieces) for writer, pieces in view.sealed.items()}
    for path, one in believable(work, view):
        if one.header and path not in work.aside:
            numbers.setdefault(str(one.header["writer"]), []).extend(tail.held(one))
    return {writer: ranges.join(pieces) for writer, pieces in numbers.items()}


def _broken(path: Path) -> bool:
    """Whether a seal record is damaged; one that can't be read, or is newer, isn't.

    Raises:
        OSError: it can't be read.
    """
    try:
        documents.parse(files.read(path), path.name)
    except Damaged:
        return names.parse(path.name) is not None and path.name.startswith("seal-")
    return False


# ---- journals


def believable(work: Work, view: Inventory) -> Iterator[tuple[Path, Journal]]:
    """The run's journals of points and sides, each number in one of them only and in no sealed file."""
    paths = sorted((path for path in view.points + view.sides if path.exists()), key=tail.order)
    for writer, group in itertools.groupby(paths, key=lambda path: tail.order(path)[0]):
        found = [(path, _judged(work, path)) for path in group]
        taken = view.sealed.get(writer, [])
        for _, one in reversed(found):  # a later journal repeats what its forerunner could not make durable
            own = tail.held(one)
            tail.trim(one, taken)
            taken = ranges.join([*taken, *own])
        yield from found


def _judged(work: Work, path: Path) -> Journal:
    """One journal, its header line mended where it can be; without spans where it is not certain whose they are."""
    writer, number = tail.order(path)
    told, data = work.origin, files.read(path)
    attempt = told.attempts.get(writer) or told.attempts.get(names.owner(writer), 0)
    if path.name in work.damaged and told.run_id and attempt:
        data = mending.journal(data)
        data = headed(data, lines.POINTS, told, [(writer, attempt)], [number])
    one = tail.judged(path, data)
    if one.header and not one.believable:
        header = one.header
        said = header["run"], header["experiment"], header["attempt"]
        if said != (told.run_id, told.experiment, attempt):
            one.spans = []
    return one


def _journals(work: Work) -> None:
    """Seal all there is, so that rows keep their order; then the journals can go."""
    view, _ = sound(inventory.scan(work.path))
    waiting = list(believable(work, view))
    while waiting:
        batch: list[Journal] = []
        while waiting and sum(len(one.data) for one in batch) < sealing.BATCH:
            path, one = waiting.pop(0)
            batch += [one] if one.spans else []
            _noted(work, path, one)
        if batch:
            view, _ = sound(inventory.scan(work.path))
            with segments.workshop() as connection:
                sealing.publish(connection, view, batch)


def _noted(work: Work, path: Path, one: Journal) -> None:
    if path.name not in work.damaged:
        work.spent.append(path)
        return
    work.aside[path] = "a damaged journal"
    count = sum(span.count for span in one.spans)
    if count:
        side = names.owner(str(one.header["writer"])) != one.header["writer"]
        what = "record" if side else "point"
        work.save(path.name, f"{count:,} {what}{'s' * (count != 1)} in undamaged lines")
    if _open_ended(one):
        work.lose(path.name, f"{_open_ended(one):,} bytes at its end; how many points nothing tells")


def _open_ended(one: Journal) -> int:
    """The bytes of lines after the last believable one that no checking line counts."""
    if one.closed or not one.damage:
        return 0
    end = max((span.end for span in one.spans), default=0)
    rest = one.data[end:].rstrip(b"\0")
    return len(rest) if journal.read(one.data).torn < len(rest) else 0
