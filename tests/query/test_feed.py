"""Rows and bytes arrive in DuckDB as they were given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.disk.capabilities import CAN
from runstore.format import journal, lines
from runstore.query import connect, feed
from tests.disk import build


def test_rows_keep_their_values_types_and_order() -> None:
    connection = connect.connect()
    kinds = {"a": "VARCHAR", "b c": "BIGINT", "d": "DOUBLE", "e": "BOOLEAN", "m": "MAP(VARCHAR, VARCHAR)"}
    rows = [
        {"a": "x\0y", "b c": -(2**63), "d": 5e-324, "e": True, "m": {"k": "v"}},
        {"d": "nan", "m": {}},
        {"a": "", "b c": 2**63 - 1, "d": "-inf", "e": False, "m": {"": None}},
    ]
    feed.rows(connection, "t", kinds, rows)
    relation = connection.sql("SELECT * FROM t")
    assert list(map(str, relation.types)) == list(kinds.values())
    assert str(relation.fetchall()) == str(
        [
            ("x\0y", -(2**63), 5e-324, True, {"k": "v"}),
            (None, None, float("nan"), None, {}),
            ("", 2**63 - 1, float("-inf"), False, {"": None}),
        ]
    )


def test_no_rows_make_an_empty_table() -> None:
    connection = connect.connect()
    feed.rows(connection, "t", {"a": "BIGINT"}, [])
    assert connection.execute("SELECT * FROM t").fetchall() == []


def test_a_row_may_be_longer_than_duckdb_expects() -> None:
    connection = connect.connect()
    feed.rows(connection, "t", {"a": "VARCHAR"}, [{"a": "x" * (20 << 20)}, {"a": "y"}])
    assert connection.execute("SELECT length(a) FROM t").fetchall() == [(20 << 20,), (1,)]


def test_files_read_as_their_chunks_and_go_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    chunks = [b"%d\n" % number for number in range(3000)]
    with feed.files([chunks, [memoryview(b"x")], []]) as paths:
        read = [Path(path).read_bytes() for path in paths]
    assert read == [b"".join(chunks), b"x", b""]
    assert not any(os.path.exists(path) for path in paths if not CAN.memfd)


def test_files_go_away_when_something_fails() -> None:
    before = len(os.listdir("/proc/self/fd")) if CAN.proc else 0
    with pytest.raises(RuntimeError), feed.files([[b"x"]]):
        raise RuntimeError
    assert (len(os.listdir("/proc/self/fd")) if CAN.proc else 0) == before


def test_a_piece_holds_data_lines_only() -> None:
    found = journal.read(build.journal(build.some_points(0, 7), checked=2))
    (piece,) = feed.pieces([found])
    assert b"".join(piece.chunks) == b"".join(build.some_points(0, 7))
    assert (piece.first, piece.header["run"]) == (0, build.RUN)


def test_numbers_that_jump_begin_a_new_piece() -> None:
    data = bytearray(build.journal(build.some_points(0, 9), checked=3))
    data[data.index(b",4,")] ^= 1
    found = journal.read(bytes(data))
    assert [(piece.first, len(piece.chunks)) for piece in feed.pieces([found])] == [(0, 1), (6, 1)]


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("checked", [0, 1, 3])
def test_only_lines_of_the_names_asked_for_are_left(closed: bool, checked: int) -> None:
    names = ["a", "b", 'a"', "a.c", "é", "[null"]
    kept = [lines.point("a", 1, 0, 1), lines.point("é", 1.5, 0, 1), lines.points({"a": 1, "z": 2}, 0, 1)]
    data = [line for name in names for line in (lines.point(name, "a", 0, 1), *kept)]
    found = journal.read(build.journal(data, checked=checked, closed=closed))
    chunks = b"".join(b"".join(piece.chunks) for piece in feed.pieces([found], {"a", "é"}))
    assert chunks == b"".join(line for line in data if line.startswith((b'["a",', '["é",'.encode(), b"[null,")))
