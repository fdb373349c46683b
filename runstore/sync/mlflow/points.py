"""The points of a run that are to be sent, in the order of writer and number, and what MLflow can't hold of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from runstore.disk import inventory, segment, tail
from runstore.disk.inventory import Inventory
from runstore.errors import Damaged
from runstore.format import names, ranges
from runstore.query import connect, history
from runstore.query.connect import quoted
from runstore.sync.mlflow import keys
from runstore.sync.piece import Span
from runstore.sync.plan import Covered, cover

WINDOW = 50_000  # numbers asked for at once
LARGEST = 1.7976931348623157e308  # what MLflow's SQL stores keep in the place of infinity
EXACT = 2**53
_ROWS = 10_000
_MILLIS = "epoch_us(time) // 1000"  # epoch_ms would round


class Point(NamedTuple):
    """One value as MLflow has it. ``time``: milliseconds; ``number``: that of its writer."""

    key: str
    value: float
    time: int
    step: int
    writer: str = ""
    number: int = 0

    @property
    def identity(self) -> tuple[str, float | None, int, int]:
        """What MLflow's SQL stores tell points apart by: those that are alike are one there."""
        return alike(self.key, self.value, self.time, self.step)


def alike(key: str, value: float, time: int, step: int) -> tuple[str, float | None, int, int]:
    """The identity of a point that MLflow tells of."""
    kept = None if math.isnan(value) else min(max(value, -LARGEST), LARGEST)
    return key, kept, time, step


# ---- which numbers there are


def held(run_path: Path, trouble: list[str]) -> Covered:
    """The numbers of points, rows, log records and system metrics that are whole here; what is damaged isn't.

    Args:
        run_path: the run's directory.
        trouble: what is damaged is added to it.
    """
    found, have = inventory.scan(run_path), Covered()
    trouble += [why for _, why in found.damaged]
    for _, body in found.active:
        if inventory.named(body) <= found.names and _sound(found, body, trouble):
            cover(have, [(str(writer), int(first), int(last)) for writer, _, first, last in body["ranges"]])
    for path in [*found.points, *found.sides]:
        name = names.parse(path.name)
        one = tail.verified(path)
        trouble += [f"{path.name}: {finding.what}" for finding in one.damage]
        cover(have, [(name.writer if name else "", first, last) for first, last in tail.held(one)])
    return have


def _sound(found: Inventory, body: Mapping[str, object], trouble: list[str]) -> bool:
    for entry in body["segments"]:  # type: ignore[attr-defined]
        one = found.segment(str(body["run"]), entry, {})
        try:
            segment.verify(one.path, one.entry)
        except Damaged as problem:
            trouble.append(str(problem))
            return False
    return True


def lacking(have: Covered, sent: Covered) -> list[Span]:
    """The numbers that are here and not there, in order."""
    left = ((writer, ranges.subtract(pieces, sent.get(writer, []))) for writer, pieces in sorted(have.items()))
    return [(writer, first, last) for writer, pieces in left for first, last in pieces]


def windows(spans: Iterable[Span], size: int = WINDOW) -> Iterator[list[Span]]:
    """The same numbers in order, cut so that each part holds no more than so many."""
    part: list[Span] = []
    room = size
    for writer, first, last in spans:
        while first <= last:
            end = min(last, first + room - 1)
            part.append((writer, first, end))
            room -= end - first + 1
            first = end + 1
            if not room:
                yield part
                part, room = [], size
    if part:
        yield part


def until(spans: Iterable[Span], writer: str, number: int) -> list[Span]:
    """Of such numbers, those up to one of them."""
    before = [span for span in spans if span[:2] <= (writer, number)]
    return [(w, first, min(last, number) if w == writer else last) for w, first, last in before]


def without(spans: Iterable[Span], done: Sequence[Span]) -> list[Span]:
    """The numbers that are left."""
    gone: Covered = {}
    cover(gone, done)
    have: Covered = {}
    cover(have, spans)
    return lacking(have, gone)


def batches(points: Iterable[Point], size: int) -> Iterator[list[Point]]:
    """Points in parts of at most so many, without those that are alike to one before them in the part."""
    part: list[Point] = []
    seen: set[object] = set()
    for point in points:
        if point.identity not in seen:
            seen.add(point.identity)
            part.append(point)
            if len(part) == size:
                yield part
                part, seen = [], set()
    if part:
        yield part


# ---- reading them


def read(workspace: Path, run_id: str, spans: Sequence[Span]) -> list[Point]:
    """The numeric points among these numbers, in order."""
    sides = [span for span in spans if names.owner(span[0]) != span[0]]
    plain = [span for span in spans if names.owner(span[0]) == span[0]]
    found: list[Point] = []
    for view, own, key in (("metrics", plain, keys.metric), ("system_metrics", sides, keys.system_metric)):
        if own:
            query = (
                f"SELECT name, value, greatest({_MILLIS}, 0), step, writer, seq FROM {view} WHERE run_id = "
                f"{quoted(run_id)} AND value IS NOT NULL AND ({_within(own)}) ORDER BY writer, seq"
            )
            known: dict[str, str] = {}
            for name, value, time, step, writer, number in history.ask(workspace, query).fetchall():
                if name not in known:
                    known[name] = key(name)
                whose = names.side(writer) if own is sides else writer
                found.append(Point(known[name], value, time, step, whose, number))
    return sorted(found, key=lambda one: one[4:]) if sides and plain else found


def _within(spans: Sequence[Span]) -> str:
    return " OR ".join(
        f"(writer = {quoted(names.owner(writer))} AND seq BETWEEN {first} AND {last})" for writer, first, last in spans
    )


_COLUMNS = ("name", "step", "time", "value", "kind", "text", "attempt", "writer", "seq")
_ODD = f"""(kind IN ('str', 'none') OR text IS NOT NULL OR isinf(value) OR {_MILLIS} < 0
OR (kind = 'int' AND abs(value) > {EXACT}))"""
_AGAIN = f"row_number() OVER (PARTITION BY name, step, {_MILLIS}, value ORDER BY attempt, writer, seq) > 1"


def odd(workspace: Path, run_id: str, ended: bool) -> Iterator[dict[str, object]]:
    """The points that MLflow can't hold as they are: texts, None, infinities, integers beyond 2^53, times before 1970.

    Once the run has ended, of points that are alike to it all but the first too.
    """
    for view in ("metrics", "system_metrics"):
        where = f"WHERE run_id = {quoted(run_id)}"
        which = f"{where} QUALIFY {_ODD} OR {_AGAIN}" if ended else f"{where} AND {_ODD}"
        columns = ", ".join(_COLUMNS)
        for row in rows(workspace, f"SELECT {columns} FROM {view} {which} ORDER BY attempt, writer, seq"):
            told = dict(zip(_COLUMNS, row, strict=True))
            value = told["value"]
            exact = value if value is None or math.isfinite(value) else str(value)
            yield {"view": view, **told, "value": exact, "time": told["time"].isoformat()}


def rows(workspace: Path, query: str) -> Iterator[tuple[Any, ...]]:
    """What a question answers, a few rows at a time: there may be more than memory should hold.

    Raises:
        QueryError: DuckDB refuses it.
    """
    connection = connect.connect()
    with connect.refusals():
        history.bind(connection, workspace, query)
        answer = connection.execute(query)
        while found := answer.fetchmany(_ROWS):
            yield from found
