"""What DuckDB decodes from a journal is what was written, numbered as it was written."""

from __future__ import annotations

import datetime
import math
import zlib
from typing import Any

import pytest

from runstore.format import journal, lines, schemas, values
from runstore.format.journal import Journal, Span
from runstore.query import connect, live

TIME = 1_700_000_000_123_456_789
COLUMNS = "run_id, experiment, name, step, time, value, writer, attempt, seq, kind, text, indexed"


def closed(data: list[bytes], first: int = 0, run: str = "r", writer: str = "w", attempt: int = 1) -> Journal:
    """A closed journal of these lines, read back as every reader does."""
    text = lines.header(lines.POINTS, run, "exp", writer, attempt, 0, first) + b"".join(data)
    count = sum(lines.count(line) for line in data if line.startswith(b"["))
    return journal.read(text + lines.checksum(lines.END, 0, len(text), first, count, zlib.crc32(text)))


def point(name: str, value: Any, step: Any = 0) -> bytes:
    return lines.point(name, values.to_json(value), step, TIME)


def loaded(*journals: Journal, view: str = "live_points", columns: str = "*") -> list[tuple[Any, ...]]:
    connection = connect.connect()
    live.load(connection, journals)
    return connection.execute(f"SELECT {columns} FROM {view} ORDER BY run_id, writer, seq").fetchall()


def test_a_point_has_the_columns_of_a_sealed_one() -> None:
    connection = connect.connect()
    live.load(connection, [closed([point("loss", 0.5, 7)])])
    cursor = connection.execute("SELECT * FROM live_points")
    assert ", ".join(column[0] for column in cursor.description or []) == COLUMNS
    assert cursor.fetchall() == [
        (
            "r",
            "exp",
            "loss",
            7,
            datetime.datetime.fromisoformat("2023-11-14T22:13:20.123456"),
            0.5,
            "w",
            1,
            0,
            "float",
            None,
            False,
        )
    ]


@pytest.mark.parametrize(
    ("logged", "kind", "value", "text"),
    [
        (0.1, "float", 0.1, None),
        (5e-324, "float", 5e-324, None),
        (-0.0, "float", -0.0, None),
        (1e300, "float", 1e300, None),
        (math.nan, "float", math.nan, None),
        (-math.inf, "float", -math.inf, None),
        (3, "int", 3.0, None),
        (2**53, "int", float(2**53), None),
        (2**53 + 1, "int", float(2**53 + 1), str(2**53 + 1)),
        (-(2**63), "int", float(-(2**63)), str(-(2**63))),
        (2**64 - 1, "int", float(2**64 - 1), str(2**64 - 1)),
        (10**30 + 1, "int", float(10**30 + 1), str(10**30 + 1)),
        (10**400, "int", math.inf, str(10**400)),
        (True, "bool", 1.0, None),
        (False, "bool", 0.0, None),
        (None, "none", None, None),
        ("1.5", "str", None, "1.5"),
        ("", "str", None, ""),
        ("null", "str", None, "null"),
        ('["\n{"end":[', "str", None, '["\n{"end":['),
        ("a\0b \U0001f600\u2028", "str", None, "a\0b \U0001f600\u2028"),
    ],
)
@pytest.mark.parametrize("shape", ["point", "many", "list"])
def test_every_value_keeps_its_kind_its_double_and_its_text(
    logged: Any, kind: str, value: float | None, text: str | None, shape: str
) -> None:
    said = values.to_json(logged)
    line = {
        "point": lines.point("x", said, 0, TIME),
        "many": lines.points({"x": said}, 0, TIME),
        "list": lines.series("x", {"list": [said]}, 0, TIME),
    }[shape]
    ((got_kind, got_value, got_text),) = loaded(closed([line]), columns="kind, value, text")
    assert (got_kind, got_text) == (kind, text)
    assert str(got_value) == str(value)  # tells nan from None, -0.0 from 0.0


def test_a_line_of_many_values_takes_a_number_for_each() -> None:
    data = [
        point("a", 1),
        lines.points({"b": 2, "c": None, "d\0": 4}, 5, TIME),
        point("e", 5),
        lines.row("t", {}, 0, TIME),
    ]
    data += [point("f", 6)]
    found = loaded(closed(data, first=10), columns="seq, name, step")
    assert found == [(10, "a", 0), (11, "b", 5), (12, "c", 5), (13, "d\0", 5), (14, "e", 0), (16, "f", 0)]


def test_a_line_of_a_list_takes_a_number_and_an_index_for_each_value() -> None:
    data = [
        point("a", 1),
        lines.series("s", {"list": [7, None, "x"]}, [5], TIME),
        lines.points({"b": 2}, 5, TIME),
        lines.row("t", {"x": [1, {"list": [1, 2]}]}, 0, TIME),
        lines.series("s", {"list": [8, 9]}, 40, TIME),
    ]
    found = loaded(closed(data, first=10), columns="seq, name, step, indexed, kind")
    assert found == [
        (10, "a", 0, False, "int"), (11, "s", 5, True, "int"), (12, "s", 6, True, "none"), (13, "s", 7, True, "str"),
        (14, "b", 5, False, "int"), (16, "s", 40, False, "int"), (17, "s", 40, False, "int"),
    ]  # fmt: skip


def test_a_list_may_have_steps_and_times_of_its_own() -> None:
    line = lines.series("s", {"list": [1, 2], "steps": [9, 7], "times": [1_999, 5_000]}, 9, 1_999)
    at = datetime.datetime.fromisoformat("1970-01-01T00:00:00.000001"), datetime.timedelta(microseconds=4)
    assert loaded(closed([line]), columns="step, time, indexed") == [(9, at[0], False), (7, sum(at[1:], at[0]), False)]


def test_columns_have_the_types_of_a_sealed_segment() -> None:
    data = [point("a", 1), lines.points({"b": 2}, 5, TIME), lines.row("t", {"x": 1}, 0, TIME)]
    types = {"string": "VARCHAR", "int64": "BIGINT", "timestamp": "TIMESTAMP", "double": "DOUBLE", "bool": "BOOLEAN"}
    for journals in ([], [closed(data)], [closed(data[:1]), closed(data, run="s")]):
        for kind, columns in schemas.COLUMNS.items():
            connection = connect.connect()
            live.load_sides(connection, journals)
            live.load(connection, journals)
            relation = connection.sql(f"SELECT * FROM live_{kind}")
            found = dict(zip(relation.columns, map(str, relation.types), strict=True))
            assert found == {column: types[of] for column, of in columns.items()}


def test_an_index_stands_for_the_step_that_was_not_given() -> None:
    data = [point("a", 1, [3]), lines.points({"a": 2, "b": 3}, [4, 0], TIME), point("a", 1, -3)]
    assert loaded(closed(data), columns="name, step, indexed") == [
        ("a", 3, True),
        ("a", 4, True),
        ("b", 0, True),
        ("a", -3, False),
    ]


def test_rows_come_apart_from_points_and_are_counted_per_name() -> None:
    data = [lines.row("t", {"x": 1}, [0], TIME), point("a", 1), lines.row("u", {"y": [1, "\0"]}, 4, TIME)]
    data += [lines.row("t", {"x": {"f": "nan"}}, [1], TIME)]
    found = loaded(closed(data), view="live_rows", columns="name, row, step, data, seq")
    assert found == [
        ("t", 0, 0, '{"x":1}', 0),
        ("u", 0, 4, '{"y":[1,"\\u0000"]}', 2),
        ("t", 1, 1, '{"x":{"f":"nan"}}', 3),
    ]
    assert [name for (name,) in loaded(closed(data), columns="name")] == ["a"]


def test_checking_lines_between_data_take_no_number() -> None:
    data = [
        point("a", 1),
        lines.checksum(lines.SUM, 0, 9, 0, 1, 0),
        point("b", 2),
        lines.checksum(lines.SUM, 0, 9, 0, 1, 0),
    ]
    assert loaded(closed(data), columns="name, seq") == [("a", 0), ("b", 1)]


def test_spans_that_leave_numbers_out_keep_the_numbers_of_the_rest() -> None:
    found = closed([point("a", 1), point("b", 2), point("c", 3)])
    (whole,) = found.spans
    second = found.data.index(b'["b"')
    third = found.data.index(b'["c"')
    found.spans = [Span(whole.start, second, 0, 1), Span(third, whole.end, 2, 1)]
    assert loaded(found, columns="name, seq") == [("a", 0), ("c", 2)]


def test_many_journals_of_many_runs_are_told_apart() -> None:
    several = [
        closed(
            [point(f"m{i}", i + k, k) if (i + k) % 5 else lines.points({f"m{i}": i + k}, k, TIME) for k in range(3)],
            first=i,
            run=f"run {i:03d}",
            writer=f"{i:016x}",
            attempt=i,
        )
        for i in range(300)
    ]
    found = loaded(*several, columns="run_id, writer, attempt, name, seq, value, step")
    assert found == [
        (f"run {i:03d}", f"{i:016x}", i, f"m{i}", i + k, float(i + k), k) for i in range(300) for k in range(3)
    ]


def test_of_the_names_asked_for_nothing_is_missing_and_the_order_is_kept() -> None:
    data = [point("a", 1), point("b", 2), lines.points({"a": 3, "b": 4, "c": 5}, 0, TIME), point("c", 6), point("b", 7)]
    connection = connect.connect()
    live.load(connection, [closed(data, first=5)], {"b"})
    found = connection.execute("SELECT value, seq FROM live_points WHERE name = 'b' ORDER BY seq").fetchall()
    assert [value for value, _ in found] == [2, 4, 7]
    assert all(5 <= seq < 12 for _, seq in found)


def test_more_bytes_than_are_held_at_once_are_read_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_BYTES", 1000)
    several = [closed([point("a", k) for k in range(9)], writer=f"{i:03d}") for i in range(20)]
    assert loaded(*several, columns="writer, seq, value") == [(f"{i:03d}", k, k) for i in range(20) for k in range(9)]


def test_nothing_live_gives_empty_views() -> None:
    assert loaded() == []
    assert loaded(view="live_rows") == []
    assert loaded(closed([])) == []


def test_a_side_journal_holds_log_records_marks_and_system_metrics() -> None:
    told = {"logger": "a.b", "level": "INFO", "text": 'two\nlines \0 "and more"', "exception": None}
    data = [
        lines.record("run.log", told, 0, TIME),
        lines.points({"cpu.percent": 2.5, "memory.used_bytes": 7}, [0, 0], TIME),
        lines.record("std.txt", {"mark": 120}, 3, TIME),
        lines.record("run.log", {**told, "logger": None, "level": None, "exception": "Trace"}, 1, TIME),
    ]
    connection = connect.connect()
    live.load_sides(connection, [closed(data, first=10, writer="ws")])
    live.load(connection, [closed([point("loss", 1.0)])])
    logs = connection.execute("SELECT * EXCLUDE (run_id, experiment, time) FROM live_logs ORDER BY seq").fetchall()
    assert logs == [
        ("run.log", 0, "INFO", "a.b", told["text"], None, None, "ws", 1, 10),
        ("std.txt", 3, None, None, None, None, 120, "ws", 1, 13),
        ("run.log", 1, None, None, told["text"], "Trace", None, "ws", 1, 14),
    ]
    system = connection.execute("SELECT name, step, value, seq, kind, indexed FROM live_system ORDER BY seq").fetchall()
    assert system == [("cpu.percent", 0, 2.5, 11, "float", True), ("memory.used_bytes", 0, 7.0, 12, "int", True)]
    assert connection.execute("SELECT name FROM live_points").fetchall() == [("loss",)]
