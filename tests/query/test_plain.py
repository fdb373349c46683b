"""Every value of every type becomes plain JSON and stays what it is; no more is taken than was allowed."""

from __future__ import annotations

from typing import Any

import duckdb
import orjson
import pytest

from runstore.errors import QueryError
from runstore.query import connect, plain


def one(expression: str) -> tuple[str, Any]:
    found = plain.take(connect.connect(), f"select {expression} as x", 10, 1 << 20)
    ((value,),) = map(orjson.loads, found.rows)
    return found.columns[0]["type"], value


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("1", "INTEGER", 1), ("true", "BOOLEAN", True), ("null", "NULL", None), ("null::DOUBLE", "DOUBLE", None),
        ("9007199254740991", "BIGINT", 9007199254740991), ("9007199254740992", "BIGINT", "9007199254740992"),
        ("-9007199254740993", "BIGINT", "-9007199254740993"),
        ("170141183460469231731687303715884105727", "HUGEINT", "170141183460469231731687303715884105727"),
        ("0.1::DOUBLE", "DOUBLE", 0.1), ("'nan'::DOUBLE", "DOUBLE", "NaN"), ("'inf'::FLOAT", "FLOAT", "Infinity"),
        ("'-inf'::DOUBLE", "DOUBLE", "-Infinity"), ("-0.0::DOUBLE", "DOUBLE", -0.0),
        ("1.10", "DECIMAL(3,2)", 1.1), ("12345678901234567890.12", "DECIMAL(22,2)", "12345678901234567890.12"),
        ("'é\n\"'", "VARCHAR", 'é\n"'), ("'NaN'", "VARCHAR", "NaN"), ("'\\x00\\xFF'::BLOB", "BLOB", "\\x00\\xFF"),
        ("timestamp '2026-03-01 12:00:00.000001'", "TIMESTAMP", "2026-03-01T12:00:00.000001Z"),
        ("timestamp_ns '2026-03-01 12:00:00.123456789'", "TIMESTAMP_NS", "2026-03-01T12:00:00.123456789Z"),
        ("timestamp '290000-01-01 00:00:00'", "TIMESTAMP", "290000-01-01 00:00:00"),
        ("'infinity'::TIMESTAMP", "TIMESTAMP", "infinity"), ("date '0044-03-15 (BC)'", "DATE", "0044-03-15 (BC)"),
        ("timestamptz '2026-03-01 12:00:00+01'", "TIMESTAMP WITH TIME ZONE", "2026-03-01T11:00:00Z"),
        ("date '2026-03-01'", "DATE", "2026-03-01"), ("time '01:02:03'", "TIME", "01:02:03"),
        ("interval 1 month", "INTERVAL", "1 month"), ("'101'::BIT", "BIT", "101"), ("'a'::ENUM('a')", "ENUM('a')", "a"),
        ("'{\"a\": NaN}'::VARCHAR", "VARCHAR", '{"a": NaN}'), ("'{\"a\":1}'::JSON", "JSON", '{"a":1}'),
        ("'6a9b2b4e-0000-4000-8000-000000000000'::UUID", "UUID", "6a9b2b4e-0000-4000-8000-000000000000"),
        ("[1, null, 9007199254740993]", "BIGINT[]", [1, None, "9007199254740993"]),
        ("['nan'::DOUBLE, '-inf', 0.5]", "DOUBLE[]", ["NaN", "-Infinity", 0.5]), ("[1]::INT[1]", "INTEGER[1]", [1]),
        ("{'a': {'b': date '2026-03-01'}}", "STRUCT(a STRUCT(b DATE))", {"a": {"b": "2026-03-01"}}),
        ("map {'a': 1}", "MAP(VARCHAR, INTEGER)", {"a": 1}), ("union_value(k := 3)", "UNION(k INTEGER)", {"k": 3}),
        ("1::VARIANT", "VARIANT", 1), ("12::BIGNUM", "BIGNUM", "12"), ("null::INT[]", "INTEGER[]", None),
    ],
)  # fmt: skip
def test_a_value_is_plain_and_exact(expression: str, kind: str, value: Any) -> None:
    assert one(expression) == (kind, value)


def test_every_type_that_duckdb_has_can_be_told() -> None:
    found = plain.take(connect.connect(), "from test_all_types()", 10, 1 << 20)
    assert len(found.rows) == 3
    assert {len(orjson.loads(row)) for row in found.rows} == {len(found.columns)}
    assert set(orjson.loads(found.rows[2])) == {None}


def test_columns_of_one_name_stay_apart_and_rows_keep_their_order() -> None:
    found = plain.take(connect.connect(), "select i as a, -i as a from range(5) t(i) order by i desc", 3, 1 << 20)
    assert [column["name"] for column in found.columns] == ["a", "a_1"]
    assert (found.rows, found.truncated) == ([b"[4,-4]", b"[3,-3]", b"[2,-2]"], "rows")


@pytest.mark.parametrize("rows", [0, 1, 63, 64, 65, 200])
def test_it_is_told_whether_there_are_more_rows(rows: int) -> None:
    for there in {0, rows, rows + 1}:
        found = plain.take(connect.connect(), f"from range({there})", rows, 1 << 20)
        assert (len(found.rows), found.truncated) == (min(there, rows), "rows" if there > rows else None)


def test_no_more_bytes_are_taken_than_allowed() -> None:
    found = plain.take(connect.connect(), "select repeat('x', 100) from range(1000)", 1000, 1050)
    assert (len(found.rows), found.truncated) == (10, "bytes")


def test_a_row_that_is_too_large_alone_is_refused_with_what_to_do() -> None:
    with pytest.raises(QueryError, match="choose fewer columns"):
        plain.take(connect.connect(), "select repeat('x', 600) as a, repeat('x', 600) as b", 10, 1000)


@pytest.mark.parametrize("value", ["repeat('x', 1001)", "[repeat('x', 1001)]", "repeat('x', 1001)::BLOB"])
def test_a_value_that_is_too_large_is_refused_with_what_to_do(value: str) -> None:
    with pytest.raises(duckdb.Error, match="more than 1,000 bytes"):
        plain.take(connect.connect(), f"select {value}", 10, 1000)


def test_a_billion_rows_are_not_waited_for() -> None:
    found = plain.take(connect.connect(), "from range(1000000000)", 5, 1 << 20)
    assert (len(found.rows), found.truncated) == (5, "rows")


def test_a_comment_at_the_end_hides_nothing() -> None:
    assert plain.take(connect.connect(), "select 1 -- x", 5, 1 << 20).rows == [b"[1]"]


def test_json_too_deep_for_python_stays_text() -> None:
    deep = "[" * 900 + "]" * 900
    found = plain.take(connect.connect(), f"select {{'a': '{deep}'::JSON}}", 5, 1 << 20)
    assert len(found.rows) == 1
