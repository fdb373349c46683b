"""What a filter may hold, and that nothing else becomes part of a statement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import QueryError
from runstore.query import connect, expression
from tests.query.hostile import HOSTILE

ROW = "SELECT 0.5 AS lr, 3 AS n, 'adam' AS name, [1, 2] AS l, TIMESTAMP '2024-01-02 03:04:05' AS started, true AS b"

HARMLESS = [
    "lr < 0.1 and name = 'x' or not b",
    "name like 'a%' and name not like 'b%' and name ilike 'A%' and name not ilike 'b%'",
    "name ilike 'A\\_%' escape '\\' or name not like 'a#%' escape '#' or name not ilike 'a#%' escape '#'",
    "name similar to 'a.*' and name glob 'a*' and regexp_matches(name, 'a|b') and name ~ 'adam'",
    "lr between 0 and 1 and n in (1, 2, 3) and n not in (7)",
    "started > now() - interval 1 day or started < current_date or started >= date '2024-01-01'",
    "extract(year from started) = 2024 and date_trunc('day', started) = '2024-01-02'",
    "n::bigint = 3 and try_cast(name as double) is null and cast(lr as decimal(10, 2)) = 0.5",
    "case when n > 2 then b else false end and coalesce(lr, 1) = 0.5 and nullif(n, 3) is null",
    "l[1] = 1 and l[1:1] = [1] and list_contains(l, 2)",
    "n % 2 = 1 and n // 2 = 1 and n ** 2 = 9 and -n < +n and n & 1 = 1 and ~n < 0",
    "b is true and b is not false and lr is distinct from 3 and n is not distinct from 3",
    "position('a' in name) > 0 and substring(name from 1 for 2) = 'ad' and trim(name) = 'adam'",
    "name = 'it''s' or name = e'a\\nb' or name = $$a$$ -- a comment",
    '/* a comment */ "lr" = .5',
    "1",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_written_anew_is_as_true_as_what_was_typed(text: str) -> None:
    connection = connect.connect()
    written = expression.render(connection, expression.parse(connection, text))
    both = f"SELECT ({text}\n)::VARCHAR, {written}::VARCHAR FROM ({ROW})"
    ((typed, anew),) = connection.execute(both).fetchall()
    assert typed == anew


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_filter_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(QueryError) as refused:
        expression.parse(connect.connect(), text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("call", ["getenv('HOME')", "read_text('a')", "current_setting('threads')", "sleep_ms(9)"])
def test_a_function_that_sees_more_than_its_arguments_is_refused_by_name(call: str) -> None:
    with pytest.raises(QueryError, match=f"the function '{call.partition('(')[0]}' can't be used in a filter"):
        expression.parse(connect.connect(), f"lr > 1 and {call} = 'a'")


def test_every_function_on_the_list_is_one_of_duckdbs() -> None:
    known = connect.connect().execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()
    parsed_away = {"current_date"}  # a word of its grammar
    assert expression.FUNCTIONS - {name for (name,) in known} - parsed_away <= {"!", "if"}


@given(st.text(max_size=60))
def test_any_text_is_one_expression_that_stays_the_same_or_refused(text: str) -> None:
    connection = connect.connect()
    try:
        node = expression.parse(connection, text)
        written = expression.render(connection, node)
    except QueryError:
        return
    assert expression.render(connection, expression.parse(connection, written)) == written


def test_a_column_is_replaced_wherever_it_stands() -> None:
    connection = connect.connect()
    node = expression.parse(connection, "abs(lr) > 1 and lr in (2, other)")
    other = expression.parse(connection, "params.lr")
    replaced = expression.replace_columns(node, lambda path: other if path == ("lr",) else None)
    assert expression.render(connection, replaced) == "(((abs(params.lr) > 1) AND (params.lr IN (2, other))))"
