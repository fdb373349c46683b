"""Segments out of the engine hold exactly what was logged; a record never claims what they do not hold."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runstore.disk import inventory, tail
from runstore.errors import Damaged, QueryError
from runstore.format import lines, names, schemas, values
from runstore.query import collecting, live, segments, summaries
from runstore.query.check import check
from runstore.query.connect import DuckDBPyConnection
from runstore.runs.workspace import Workspace
from tests.disk import build

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
VALUE = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXT
STEP = st.integers(-(2**63), 2**63 - 1)


def one_line(data: st.DataObject) -> tuple[bytes, list[tuple[str, Any, int]]]:
    """A line of a journal, and the points in it."""
    step = data.draw(STEP)
    if data.draw(st.booleans()):
        name, value = data.draw(NAME), data.draw(VALUE)
        return lines.point(name, values.to_json(value), step, 10**18), [(name, value, step)]
    many = data.draw(st.dictionaries(NAME, VALUE, min_size=1, max_size=4))
    line = lines.points({name: values.to_json(value) for name, value in many.items()}, step, 10**18)
    return line, [(name, value, step) for name, value in many.items()]


def same(one: Any, other: Any) -> bool:
    """Equal as values of the same type, NaN to NaN, -0.0 not to 0.0."""
    if isinstance(one, float) and isinstance(other, float):
        return str(one) == str(other)
    return type(one) is type(other) and bool(one == other)


@pytest.fixture(scope="module")
def connection() -> Iterator[DuckDBPyConnection]:
    with segments.workshop() as one:
        yield one


def written(connection: DuckDBPyConnection, run_path: Path) -> dict[str, Any]:
    """A run's journals as one segment."""
    live.load(connection, tail.journals(inventory.scan(run_path)))
    entry = segments.write(connection, "live_points", run_path, schemas.POINTS)
    assert entry is not None
    return entry


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_value_is_sealed_exactly_as_it_was_logged(
    connection: DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    run_path = build.run_path(tmp_path_factory.mktemp("w"))
    logged = [one_line(data) for _ in range(data.draw(st.integers(1, 12)))]
    build.put_points(run_path, [line for line, _ in logged])
    entry = written(connection, run_path)
    sealed = pq.read_table(run_path / entry["file"]).sort_by("seq").to_pylist()
    expected = [point for _, points in logged for point in points]
    assert [row["seq"] for row in sealed] == list(range(len(expected)))
    for row, (name, value, step) in zip(sealed, expected, strict=True):
        assert (row["name"], row["step"]) == (name, step)
        assert same(summaries.exact(row["kind"], row["value"], row["text"]), value)


def test_nothing_makes_no_segment(tmp_path: Path) -> None:
    with segments.workshop() as connection:
        assert (
            segments.write(
                connection,
                "(SELECT '' AS name, 1 AS attempt, '' AS writer, 1 AS seq LIMIT 0)",
                tmp_path,
                schemas.POINTS,
            )
            is None
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("claimed", [9, 11])
def test_a_record_claims_exactly_what_the_segments_hold(
    connection: DuckDBPyConnection, tmp_path: Path, claimed: int
) -> None:
    run_path = build.run_path(tmp_path)
    build.put_points(run_path, build.some_points(0, 10))
    entry = written(connection, run_path)
    with pytest.raises(Damaged, match="nothing was changed"):
        segments.publish(run_path, ("r", "e"), [entry], {(build.WRITER, 1): [(0, claimed - 1)]}, {})
    assert inventory.scan(run_path).seals == []


def test_a_published_record_is_read_back_as_it_was_meant(connection: DuckDBPyConnection, tmp_path: Path) -> None:
    run_path = build.run_path(tmp_path)
    build.put_points(run_path, build.some_points(0, 10))
    entry = written(connection, run_path)
    covers = {(build.WRITER, 1): [(0, 9)]}
    name = segments.publish(run_path, (build.RUN, "mnist"), [entry], covers, {"loss": {"last": 1}}, ["seal-old"])
    ((found, body),) = inventory.scan(run_path).seals
    assert found == name
    assert (body["segments"], body["ranges"], body["replaces"]) == ([entry], [[build.WRITER, 1, 0, 9]], ["seal-old"])


def test_the_workshop_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with segments.workshop() as connection:
        connection.execute("CREATE TABLE numbers AS SELECT range AS n FROM range(1000)")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_large_sort_is_made_in_pieces_with_the_same_result(
    connection: DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_path = build.run_path(tmp_path)
    data = [line for i in range(400) for line in (lines.point("a\0'", i, i, 1), lines.point(f"m{i % 9}", i, i, 1))]
    build.put_points(run_path, data)
    build.put_points(run_path, data[:99], writer=build.OTHER)
    build.put_points(run_path, data[:50], writer=build.OTHER, number=1, first=5000, attempt=2)
    whole = written(connection, run_path)
    for size in (1, 7, 100, 500, 5000):
        monkeypatch.setattr(segments, "PIECE", size)
        assert written(connection, run_path) == whole


def test_what_the_engine_refuses_is_an_error_of_ours() -> None:
    with pytest.raises(QueryError), segments.workshop() as connection:
        connection.execute("SELECT nonsense")


def test_what_a_killed_sealer_sorted_lies_in_the_workspace_and_goes_with_gc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "w")
    monkeypatch.setattr(segments, "MEMORY", "64MB")
    run = workspace.experiment("e").start_logging()
    run.log("loss", 0.5)
    run.complete()
    with segments.workshop(run.path) as connection:
        connection.execute("CREATE TEMP TABLE t AS SELECT md5(range::VARCHAR) AS m FROM range(4000000)")
        (scratch,) = workspace.path.glob(".scratch.*.tmp")
        left = workspace.path / names.temporary("scratch", "killed")
        shutil.copytree(scratch, left)
    assert [*workspace.path.glob(".scratch.*.tmp")] == [left]  # of one that is not killed nothing is left
    assert [finding.severity for finding in check(workspace.path) if finding.path == left.name] == ["note"]
    assert left.name not in {part.path for part in collecting.plan(workspace.path).parts}
    os.utime(left, (0, 0))
    size = sum(path.stat().st_size for path in left.rglob("*"))
    parts = [*collecting.plan(workspace.path).parts, *collecting.collect(workspace.path).parts]
    assert [(part.kind, part.bytes) for part in parts if part.path == left.name] == [("temporary", size)] * 2
    assert size > 0
    assert not left.exists()
