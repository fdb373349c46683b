"""A report made and written: whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore import __version__
from runstore.errors import StoreError, UsageError
from runstore.query import exporting
from runstore.view.feed import curves as feed
from runstore.view.feed import kinds
from runstore.view.report import curves, document, files, gathered, plotly, tables

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

RUNS, BUCKETS, POINTS, ROOM = 20, 500, 2_000_000, 20 << 20
"""Where nobody says otherwise: the newest runs, buckets of a curve, points as Parquet, bytes of images and the like."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is put into a report.

    ``buckets``: into how many a curve is cut; ``points``: the runs' rows are put in as Parquet if they have no more
    points than this; ``room``: bytes of images and the like; ``plotly``: draw figures of Plotly; ``title``: what it is
    called.
    """

    buckets: int = BUCKETS
    points: int = POINTS
    room: int = ROOM
    plotly: bool = False
    title: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.buckets <= feed.POINTS:
            raise UsageError(f"buckets: from 1 to {feed.POINTS}, not {self.buckets}")
        if self.points < 0 or self.room < 0:
            raise UsageError("points and the room for images are at least 0")


@dataclass(frozen=True, slots=True)
class Report:
    """What was written. ``curves``: how many, along one axis; ``points``: of the runs, ``parquet``: whether they are in
    it; ``notes``: what was left out, and why.
    """

    path: Path
    runs: int
    curves: int
    points: int
    parquet: bool
    bytes: int
    notes: list[str] = field(default_factory=list)


def write(
    ws: Workspace, out: str | os.PathLike[str], run_ids: Sequence[str], wanted: Wanted | None = None, *,
    overwrite: bool = False, left_off: int = 0, progress: Progress | None = None,
) -> Report:  # fmt: skip
    """Write a report of some runs.

    Args:
        ws: the workspace.
        out: the file; nothing is seen there before all is written.
        run_ids: whole ids of runs that are there (``chosen``).
        wanted: what is put into it.
        overwrite: put it in the place of a report that lies there.
        left_off: how many runs are meant beyond these; the report says it.
        progress: called with (parts of a hundred done, 100).

    Raises:
        StoreError: something lies there, or the page is not built.
        NotWritable: it can't be written.
    """
    target = Path(out).absolute()
    _check(target, overwrite)
    text, done = made(ws, run_ids, wanted or Wanted(), left_off, progress or _silent)
    data = text.encode()
    with exporting.whole(target, overwrite) as temporary:
        temporary.write_bytes(data)
    return Report(target, len(run_ids), *done[:3], len(data), done[3])


def made(
    ws: Workspace, run_ids: Sequence[str], wanted: Wanted, left_off: int, progress: Progress
) -> tuple[str, tuple[int, int, bool, list[str]]]:
    """A report's text, and of it how many curves, points, whether Parquet, and notes, as ``Report`` has them."""
    drawing = plotly.drawing() if wanted.plotly else None
    all_of_it = gathered.gather(ws, run_ids, _part(progress, 0, 40))
    names, rare = curves.wanted(all_of_it.metrics, run_ids)
    asked = curves.requests(all_of_it.metrics, run_ids, names, all_of_it.machine, wanted.buckets)
    frames = [*curves.frames(ws, asked, _part(progress, 40, 90))]
    pictures = files.taken(ws, all_of_it.media, wanted.room, wanted.plotly)
    points = _points(all_of_it.metrics.values())
    rows = tables.made(ws, run_ids) if points <= wanted.points else {}
    notes = _notes(left_off, rare, pictures.left_out, None if rows else points, wanted)
    drawn = sum(one["key"] != "system" for one in asked) // len(curves.AXES)
    about = _about(ws, all_of_it.answers, wanted, notes) | {"curves": drawn, "points": points}
    text = document.document(document.Data(about, all_of_it.answers, frames, pictures.files, rows, drawing))
    progress(100, 100)
    return text, (drawn, points, bool(rows), notes)


def _about(ws: Workspace, answers: dict[str, Any], wanted: Wanted, notes: list[str]) -> dict[str, Any]:
    """What a report says about itself."""
    told, table = answers["workspace"], answers["table"]
    experiments = [one["experiment"] for one in answers["experiments"]]
    runs = f"{len(table['rows'])} run{'s' if len(table['rows']) != 1 else ''}"
    of = experiments[0] if len(experiments) == 1 else told["name"]
    return {
        "title": wanted.title or f"{of}: {runs}",
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "workspace": told["name"],
        "runs": len(table["rows"]),
        "buckets": wanted.buckets,
        "notes": notes,
    }


def _notes(left_off: int, rare: int, pictures: int, points: int | None, wanted: Wanted) -> list[str]:
    """What is not in it, in sentences."""
    said = []
    if left_off:
        said.append(f"Runs that are meant beyond these: {left_off:,}; --limit takes more.")
    if rare:
        said.append(f"Curves of {rare:,} metrics are left out: there are more than {curves.MOST:,}.")
    if pictures:
        said.append(f"{pictures:,} images, sounds or texts are left out; --images SIZE makes room.")
    if points is not None and wanted.points:
        said.append(f"The {points:,} points are not in it as Parquet; --points takes more than {wanted.points:,}.")
    return said


def _points(metrics: Iterable[Sequence[dict[str, Any]]]) -> int:
    drawn = (kinds.CURVE, kinds.VALUE)
    return sum(one["points"] or 0 for some in metrics for one in some if one["kind"] in drawn)


def _check(target: Path, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if not overwrite:
        raise StoreError(f"{target}: exists already; name another file, or say that it is to be overwritten")
    if not target.is_file() or target.is_symlink() or not ours(target):
        raise StoreError(f"{target}: is no report, so it is not overwritten; name another file")


def ours(path: Path) -> bool:
    """Whether a file is a report."""
    with path.open("rb") as file:
        return file.read(len(document.MARK)) == document.MARK.encode()


def _part(progress: Progress, begin: int, end: int) -> Progress:
    """Part of the whole, from one hundredth to another."""
    return lambda done, total: progress(begin + (end - begin) * done // max(1, total), 100)


def _silent(done: int, total: int) -> None:
    """Say nothing."""
