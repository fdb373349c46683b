"""Two runs' curves are compared in pieces, none of which is too large, and the answer is of all of them."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.query import connect, parting
from runstore.query.connect import DuckDBPyRelation
from runstore.query.parting import Parting

COLUMNS = "run_id VARCHAR, name VARCHAR, step BIGINT, value DOUBLE, kind VARCHAR, text VARCHAR, attempt BIGINT, "
COLUMNS += "time TIMESTAMP, writer VARCHAR, seq BIGINT"


def logged(**curves: list[tuple[str, int, float]]) -> DuckDBPyRelation:
    """Points of runs: name, step, value."""
    connection = connect.connect()
    connection.execute(f"CREATE OR REPLACE TEMP TABLE logged ({COLUMNS})")
    for run_id, points in curves.items():
        for seq, (name, step, value) in enumerate(points):
            row = [run_id, name, step, value, "float", None, 1, "2026-01-01", "w", seq]
            connection.execute(f"INSERT INTO logged VALUES ({', '.join('?' * len(row))})", row)
    return connection.sql("SELECT * FROM logged")


def curve(name: str, *, steps: int, parts_at: int | None = None) -> list[tuple[str, int, float]]:
    return [(name, step, step / 7 + (parts_at is not None and step >= parts_at)) for step in range(steps)]


def sizes(points: DuckDBPyRelation, counts: dict[str, int]) -> list[int]:
    pieces = parting.pieces(points, counts)
    return [parting.rows(points, f"SELECT count(*) FROM points WHERE {piece}")[0][0] for piece in pieces]


def test_pieces_hold_every_point_once_and_none_holds_many_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parting, "PIECE", 50)
    names = {"a": 10, "b": 10, "long": 100, "with'quote": 20, "z": 5}
    points = logged(**{run: [p for name, steps in names.items() for p in curve(name, steps=steps)] for run in "xy"})
    found = sizes(points, {name: 2 * steps for name, steps in names.items()})
    assert sum(found) == 2 * sum(names.values())
    assert len(found) > 4
    assert max(found) <= 60  # quantiles are close, not exact


def test_a_curve_of_one_step_is_one_piece_however_long_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parting, "PIECE", 5)
    points = logged(x=[("a", 0, value) for value in range(20)])
    assert sum(sizes(points, {"a": 20})) == 20


@pytest.mark.parametrize("piece", [7, 1_000_000])
def test_what_all_pieces_tell_adds_up(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(parting, "PIECE", piece)
    points = logged(
        x=[*curve("late", steps=60), *curve("same", steps=30), *curve("twice", steps=4), *curve("twice", steps=4)],
        y=[
            *curve("late", steps=60, parts_at=41), *curve("same", steps=30), *curve("twice", steps=4),
            *curve("twice", steps=4, parts_at=2),
        ],
    )  # fmt: skip
    found = parting.partings(points, "x", "y", {"late": 120, "same": 60, "twice": 16}, 0.0)
    told: dict[str, tuple[Any, ...]] = {name: (one.common, one.parted, one.step) for name, one in found.items()}
    assert told == {"late": (60, 19, 41), "same": (30, 0, None), "twice": (8, 2, 2)}
    assert (found["late"].here or {})["value"] == 41 / 7
    assert (found["late"].there or {})["value"] == 41 / 7 + 1
    assert found["same"] == Parting(common=30)


def test_two_runs_in_a_workspace_part_where_they_do(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parting, "PIECE", 30)
    for run_id, lag in (("a", 0.0), ("b", 1e-9)):
        with runstore.start_run("e", workspace=ws, run_id=run_id) as run:
            for step in range(100):
                run.log("loss", 1 / (step + 1) + (lag if step >= 77 else 0), step=step)
    (metric,) = ws.diff("a", "b").metrics
    assert (metric.step, metric.common, metric.parted) == (77, 100, 23)
