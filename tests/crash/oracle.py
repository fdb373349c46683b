"""What is on disk against what was acknowledged: read twice, by this plain reader of journals and in SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from runstore.disk import inventory, tail
from runstore.format import names, values
from runstore.query import summaries
from runstore.query.check import DAMAGE
from runstore.query.check import check as check_all
from runstore.query.workspace import Workspace
from runstore.runs import state
from tests.crash import calls

Writer = tuple[int, str]  # attempt, id
Points = dict[Writer, list[tuple[int, str, Any, Any]]]  # sequence number, name, step, value with its type


def items(run_path: Path, whole: bool = True) -> dict[Writer, list[tuple[int, list[Any]]]]:
    """The items in the journals of a run with their sequence numbers, by writer: nothing is damaged, no number is there
    twice, and none is missing where the journals are ``whole``.
    """
    found = inventory.scan(run_path)
    assert found.damaged == [] and found.unknown == []
    pieces: dict[Writer, list[tuple[int, int, bytes]]] = defaultdict(list)
    for one in tail.journals(found):
        assert one.damage == [], [str(finding) for finding in one.damage]
        for span in one.spans:
            writer = one.header["attempt"], one.header["writer"]
            pieces[writer].append((span.first, span.count, one.data[span.start : span.end]))
    by_writer: dict[Writer, list[tuple[int, list[Any]]]] = {}
    for writer, own in pieces.items():
        reached, listed = 0, by_writer.setdefault(writer, [])
        for first, count, data in sorted(own):
            assert first == reached or (not whole and first > reached), f"writer {writer}: {first} follows {reached}"
            seq = first
            for item in (orjson.loads(line) for line in data.splitlines() if line.startswith(b"[")):
                listed.append((seq, item))
                seq += len(item[1]) if item[0] is None else 1
            assert seq == first + count
            reached = seq
    return by_writer


def made(run_path: Path) -> dict[Writer, dict[int, int]]:
    """How many calls of each thread each writer made: they are the first so many, in order, exact."""
    found: dict[Writer, dict[int, int]] = {}
    for writer, own in items(run_path).items():
        number: dict[int, int] = defaultdict(int)
        indexes: dict[str, int] = defaultdict(int)
        for _, item in own:
            _index(item, indexes)
            first = item[0] or next(iter(item[1]))
            thread = int(first[1 : first.index(".")])
            assert repr(item[:3]) == calls.said(thread, number[thread])
            number[thread] += 1
        found[writer] = dict(number)
    folded = state.fold(run_path)
    assert folded.damaged == []
    assert folded.points == sum(calls.count(i) for own in found.values() for n in own.values() for i in range(n))
    return found


def check(run_path: Path, acknowledged: dict[int, int]) -> int:
    """One writer's every acknowledged call is there, and at most one more of each thread; how many there are."""
    found = made(run_path)
    assert len(found) <= 1
    there = next(iter(found.values()), {})
    for thread, number in acknowledged.items():
        own = there.get(thread, 0)
        assert number <= own <= number + 1, f"thread {thread}: {number} acknowledged, {own} there"
    assert set(there) <= set(acknowledged)
    return sum(there.values())


def _index(item: list[Any], indexes: dict[str, int]) -> None:
    """Check the indexes of points without a step: each name counts on from 0; then blank them."""
    if not isinstance(item[2], list):
        return
    row = isinstance(item[1], dict) and "row" in item[1]
    named = [f"row {item[0]}"] if row else list(item[1]) if item[0] is None else [item[0]]
    assert item[2] == [indexes[name] for name in named]
    for name in named:
        indexes[name] += 1
    item[2] = None


def decoded(run_path: Path, whole: bool = True) -> Points:
    """Every point (no rows) in the journals of a run, by the plain reader."""
    found: Points = {}
    for writer, own in items(run_path, whole).items():
        points = found[writer] = []
        for seq, (name, value, step, _) in own:
            if isinstance(value, dict) and "row" in value:
                continue
            many = value if name is None else {name: value}
            for place, (one_name, one) in enumerate(many.items()):
                at = step[place] if isinstance(step, list) else step
                points.append((seq + place, one_name, at, repr(values.from_json(one))))
    return found


def asked(workspace: Path, run_ids: Iterable[str]) -> dict[str, Points]:
    """The same in SQL, over sealed and live data."""
    found: dict[str, Points] = {run_id: {} for run_id in run_ids}
    query = (
        "select run_id, attempt, writer, seq, name, step, kind, value, text from metrics where list_contains(?, run_id)"
    )
    rows = Workspace(workspace).sql(f"{query} order by run_id, attempt, writer, seq", [list(found)]).fetchall()
    for run_id, attempt, writer, seq, name, step, kind, value, text in rows:
        points = found[run_id].setdefault((attempt, writer), [])
        points.append((seq, name, step, repr(summaries.exact(kind, value, text))))
    return found


def agree(workspace: Path, run_ids: Iterable[str]) -> dict[str, Points]:
    """SQL answers what the plain reader finds in the journals; give it."""
    expected = {run_id: decoded(workspace / names.run_dir(run_id)) for run_id in run_ids}
    assert asked(workspace, expected) == {
        run_id: {w: p for w, p in points.items() if p} for run_id, points in expected.items()
    }
    return expected


def sound(workspace: Path) -> None:
    """``check`` finds no damage anywhere."""
    assert [finding for finding in check_all(workspace) if finding.severity == DAMAGE] == []
