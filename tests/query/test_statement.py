"""What a statement needs is found, and nothing is left out that could matter."""

from __future__ import annotations

import pytest

from runstore.query import connect, statement
from runstore.query.statement import Parameters, Statement

KNOWN = {"runs", "metrics", "params", "rows", "curve_points"}


def parse(query: str, parameters: Parameters = None) -> Statement:
    return statement.parse(connect.connect(), query, KNOWN, parameters)


@pytest.mark.parametrize(
    ("query", "views"),
    [
        ("select * from runs", {"runs"}),
        ("SELECT * FROM Runs r JOIN METRICS USING (run_id)", {"runs", "metrics"}),
        (
            "with a as (select * from metrics) select * from a where run_id in (select run_id from runs)",
            {"runs", "metrics"},
        ),
        ("from rows", {"rows"}),
        ("describe params", {"params"}),
        ("summarize metrics", {"metrics"}),
        ("select 1; select * from runs", {"runs"}),
        ("select * from runs union all by name select * from temp.rows", {"runs", "rows"}),
        ("pivot metrics on name using last(value)", {"metrics"}),
        ("copy (select * from rows) to 'x.csv'", {"rows"}),
        ("explain select * from curve_points", {"curve_points"}),
        ("select 'metrics'", set()),
        ("this is no SQL", set()),
    ],
)
def test_the_views_named_are_found(query: str, views: set[str]) -> None:
    assert parse(query).views == views


@pytest.mark.parametrize(
    ("query", "params", "last"),
    [
        ("select * from runs", [], []),
        ("select params.lr, r.last.\"val/loss\" from runs r where r.params.lr < 1", [("lr",)], [("val/loss",)]),
        ("select params.optimizer.name, params.\"optimizer.name\" from runs",
         [("optimizer", "name"), ("optimizer.name",)], []),
        ("select params['a b']['c'] from runs", [("a b", "c")], []),
        ("select (params).lr, struct_extract(last, 'x') from runs", [("lr",)], [("x",)]),
        ("select count(*) filter (last.a > 1) from runs group by params.b having max(last.c) > 1 order by params.d",
         [("b",), ("d",)], [("a",), ("c",)]),
        ("select PARAMS.Lr from runs", [("Lr",)], []),
        ("copy (select params.\"a\"\"b\".c, last['it''s'] from runs) to 'x'", [('a"b', "c")], [("it's",)]),
    ],
)  # fmt: skip
def test_the_fields_named_are_found(query: str, params: list[tuple[str, ...]], last: list[tuple[str, ...]]) -> None:
    found = parse(query)
    assert sorted(found.params.paths) == params
    assert sorted(found.last.paths) == last
    assert not found.params.whole and not found.last.whole


@pytest.mark.parametrize(
    "query",
    [
        "select params from runs",
        "select params.* from runs",
        "select unnest(runs.params) from runs",
        "select p.lr from (select params as p from runs) q",
    ],
)
def test_the_whole_struct_is_told_from_its_fields(query: str) -> None:
    assert parse(query).params.whole


@pytest.mark.parametrize(
    ("query", "parameters", "run_ids"),
    [
        ("select * from metrics where run_id = 'a'", None, {"a"}),
        ("select * from metrics m where 'a' = m.run_id and value > 1", None, {"a"}),
        ("select * from metrics where run_id in ('a', 'b') and (run_id = 'b' and name = 'c')", None, {"b"}),
        ("select * from metrics where run_id = ?", ["a"], {"a"}),
        ("select * from metrics where value > ? and run_id in (?, ?)", [1, "a", "b"], {"a", "b"}),
        ("select * from metrics where run_id = $who", {"who": "a"}, {"a"}),
    ],
)
def test_conditions_that_every_row_must_meet_narrow_the_runs(
    query: str, parameters: Parameters, run_ids: set[str]
) -> None:
    assert parse(query, parameters).run_ids == run_ids


@pytest.mark.parametrize(
    "query",
    [
        "select * from metrics where run_id = 'a' or value > 1",
        "select * from metrics where not run_id = 'a'",
        "select * from metrics where run_id <> 'a'",
        "select * from metrics where run_id not in ('a')",
        "select * from metrics where run_id in ('a', name)",
        "select * from metrics where run_id = ?",
        "select * from metrics where upper(run_id) = 'A'",
        "select name as run_id from metrics where run_id = 'a'",
        "select * from runs where params.run_id = 'a'",
        "select * from metrics m, metrics n where m.run_id = 'a'",
        "select * from metrics where run_id = 'a' and value > (select avg(value) from metrics)",
        "select * from metrics where run_id = 'a' union all select * from metrics",
        "select * from metrics where run_id = 'a'; select * from metrics",
        "with x as (select * from metrics) select * from x where run_id = 'a'",
        "select * from metrics where run_id is not distinct from 'a' or true",
        "copy (select * from metrics where run_id = 'a') to 'x'",
    ],
)
def test_anything_else_narrows_nothing(query: str) -> None:
    assert parse(query).run_ids is None


def test_experiments_are_narrowed_alike() -> None:
    assert parse("select * from runs where experiment = 'e' and status = 'Failed'").experiments == {"e"}


@pytest.mark.parametrize("query", ["show tables", "select * from information_schema.columns", "from duckdb_views()"])
def test_a_question_about_the_views_is_told(query: str) -> None:
    assert parse(query).catalog


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("select value from metrics where name = 'a' and run_id = 'b'", {"a"}),
        ("select value from metrics where name in ('a', 'b')", {"a", "b"}),
        ("select value from metrics where name like 'a'", None),
        ("select upper(name) as name from metrics where name = 'a'", None),
    ],
)
def test_names_are_narrowed_alike(query: str, names: set[str] | None) -> None:
    assert parse(query).names == names


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("select step, value from metrics", False),
        ("select count(*), max(value) from metrics where name = 'a'", False),
        ("select * from metrics", True),
        ("select m.* from metrics m", True),
        ("from metrics", True),
        ("select columns('s.*') from metrics", True),
        ("select m from metrics m", True),
        ("select step from metrics order by seq", True),
        ("select step from metrics where m.seq > 1", True),
        ("copy (select step from metrics) to 'x'", True),
    ],
)
def test_sequence_numbers_are_asked_for_by_name_or_by_star(query: str, numbers: bool) -> None:
    assert parse(query).numbers == numbers
