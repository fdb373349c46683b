"""One SELECT is let through without what ends it; whatever else there is, at any depth, is refused in one line."""

from __future__ import annotations

import pytest

from runstore.errors import QueryError
from runstore.query import connect, only_select


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("select 1", "select 1"),
        ("select 1;", "select 1"),
        (" select 1 ; -- c;d", " select 1 "),
        ("select ';' ;", "select ';' "),
        ("select ';'", "select ';'"),
        ("select 1 /* ; */;", "select 1 /* ; */"),
        ("select $$;$$;;", "select $$;$$"),
        ("from runs -- why", "from runs -- why"),
        ("(select 1)", "(select 1)"),
        ("values (1)", "values (1)"),
        ("table runs", "table runs"),
        ("describe runs", "describe runs"),
        ("summarize runs", "summarize runs"),
        ("with a as (select 1) from a", "with a as (select 1) from a"),
        ("with recursive a as (from b union from a) from a", "with recursive a as (from b union from a) from a"),
        ("pivot (from runs) on status in ('Failed')", "pivot (from runs) on status in ('Failed')"),
        ("from curves('loss', 9) c, unnest([1]) u, range(3) r", "from curves('loss', 9) c, unnest([1]) u, range(3) r"),
        ("select 'select; é', \"copy\" from t", "select 'select; é', \"copy\" from t"),
    ],
)  # fmt: skip
def test_what_reads_is_left_without_its_end(query: str, left: str) -> None:
    assert only_select.checked(connect.connect(), query) == left


@pytest.mark.parametrize(
    "query",
    [
        "", "-- nothing", ";", "select 1; select 2", "select 1; drop table a", "copy (select 1) to 'x'", "attach 'x'",
        "detach x", "use x", "pragma version", "set threads = 1", "reset threads", "set variable a = 1",
        "install httpfs", "load httpfs", "call pragma_version()", "create table a (i int)",
        "create temp view a as select 1",
        "create macro a() as 1", "create secret a (type http)", "drop view runs", "insert into runs values (1)",
        "update runs set a = 1", "delete from runs", "truncate runs", "export database 'x'", "import database 'x'",
        "checkpoint", "vacuum", "analyze", "begin", "commit", "explain select 1", "explain analyze select 1",
        "prepare a as select 1", "execute a", "deallocate a", "pivot (from runs) on status", "alter table a add b int",
        "comment on table a is 'b'", "create or replace temp table runs as select 1", "select 1 into a",
        "merge into a using b on true when matched then delete", "copy a from 'x'", "load 'x.duckdb_extension'",
    ],
)  # fmt: skip
def test_another_statement_is_refused(query: str) -> None:
    with pytest.raises(QueryError, match=r"one SELECT at a time|syntax error") as told:
        only_select.checked(connect.connect(), query)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "inner",
    [
        "copy (select 1) to 'x.csv'", "copy (select 1) to 'x.csv' (use_tmp_file false)",
        "insert into a values (1) returning i", "update a set i = 1 returning i", "delete from a returning i",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "query",
    [
        "with x as ({}) from x",
        "with x as materialized ({}) select 1",
        "select * from (with x as ({}) from x)",
        "select (with x as ({}) select count(*) from x)",
        "select 1 union all (with x as ({}) from x)",
        "from (describe (with x as ({}) from x))",
        "from runs where exists (with x as ({}) from x)",
    ],
)
def test_what_writes_is_refused_within_a_select_too(query: str, inner: str) -> None:
    with pytest.raises(QueryError, match=r"which only reads|syntax error"):
        only_select.checked(connect.connect(), query.format(inner))


@pytest.mark.parametrize(
    "call",
    [
        "read_csv('/etc/passwd')", "read_csv_auto('x')", "read_text('/etc/*')", "read_blob('x')", "read_json('x')",
        "read_json_objects('x')", "read_ndjson('x')", "read_parquet('x')", "parquet_scan('x')", "parquet_schema('x')",
        "parquet_metadata('x')", "read_duckdb('x')", "sniff_csv('/etc/passwd')", "glob('/etc/*')", "query('select 1')",
        "query_table('runs')", "json_execute_serialized_sql('x')", "enable_logging('QueryLog')", "duckdb_logs()",
        "enable_profiling()", "checkpoint()", "force_checkpoint()", "duckdb_secrets()", "duckdb_settings()",
        "which_secret('a', 'http')", "add_grammar_extension('x')", "create_external_resource('a')", "pandas_scan(1)",
        "arrow_scan(1, 2, 3)", "python_map_function(1)", "seq_scan()", "main.read_csv('x')", "system.main.glob('x')",
        '"READ_CSV"(\'x\')', "read_xlsx('x')", "st_read('x')", "a_function_of_later('x')", "truncate_duckdb_logs()",
    ],
)  # fmt: skip
@pytest.mark.parametrize("query", ["from {}", "select 1 where exists (from {})", "from runs, lateral (from {})"])
def test_a_table_function_that_is_not_known_to_be_harmless_is_refused(query: str, call: str) -> None:
    with pytest.raises(QueryError, match=r"\(\) is not for use here \(line 1, column \d+\)"):
        only_select.checked(connect.connect(), query.format(call))


@pytest.mark.parametrize(
    "query",
    [
        "select sleep_ms(1)", "select \"pg_sleep\"(1)", "select getenv('HOME')", "select current_setting('threads')",
        "select list_transform([1], lambda x: write_log('x'))", "select nextval('a')", "from runs order by setseed(1)",
        "select * replace (write_log('a') as status) from runs", "from runs limit (select write_log('x'))",
        "select count(*) filter (where getvariable('a') is null)",
    ],
)  # fmt: skip
def test_a_function_that_does_or_tells_more_than_a_value_is_refused(query: str) -> None:
    with pytest.raises(QueryError, match=r"\(\) is not for use here"):
        only_select.checked(connect.connect(), query)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select\n  é,\n  1 1", "line 3, column 5"),
        ("selec 1", "line 1, column 1"),
        ("select é, ?", "line 1, column 11"),
        ("select 1 /* never", "line 1, column 10"),
    ],
)
def test_a_refusal_says_where(query: str, told: str) -> None:
    with pytest.raises(QueryError) as refused:
        only_select.checked(connect.connect(), query)
    assert f"({told})" in str(refused.value)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select " + "(" * 3000 + "1" + ")" * 3000, "nested too deeply"),
        ("select 1" + "+1" * 40_000, "nested too deeply"),
        ("select '" + "x" * only_select.LONGEST + "'", "at most 100,000"),
        ("select '\0'", "NUL"),
        ("select '\ud800'", "surrogate"),
    ],
)
def test_what_would_cost_too_much_to_parse_is_refused(query: str, told: str) -> None:
    with pytest.raises(QueryError, match=told):
        only_select.checked(connect.connect(), query)


def test_a_pivot_over_unknown_values_says_how_it_can_be_asked() -> None:
    with pytest.raises(QueryError, match=r"ON column IN"):
        only_select.checked(connect.connect(), "pivot (from runs) on status")
