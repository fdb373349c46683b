"""The tables of a lake have the columns of the views, of types that Delta has."""

from __future__ import annotations

import re
from pathlib import Path

from runstore.query.views import VIEWS
from runstore.sync.lake import columns


def test_every_column_is_of_a_type_that_delta_has() -> None:
    assert {of for table in columns.EVERY for of in columns.of(table).values()} == {
        "string", "long", "double", "boolean", "timestamp",
    }  # fmt: skip


def test_a_table_of_facts_has_the_columns_of_its_view_but_those_of_structs_and_counts() -> None:
    left_out = {"runs": {"params", "last", "tags", "number"}, "experiments": {"runs", "last_start"}}
    added = {"runs": {"deleted", "revision"}}
    for table in (*columns.OF_RUNS, *columns.OF_ALL):
        expected = {*VIEWS[table]} - left_out.get(table, set()) | added.get(table, {"revision"})
        assert {*columns.of(table)} == expected


def test_runs_is_the_last_table_of_runs_that_is_written() -> None:
    assert columns.OF_RUNS[-1] == "runs"


def test_the_page_about_lakes_names_every_table_and_every_column_that_no_view_has() -> None:
    page = Path(__file__).parents[3].joinpath("docs", "lake.md").read_text(encoding="utf-8")
    named = {*re.findall(r"`(\w+)`", page)}
    assert {*columns.EVERY} <= named
    assert {*columns.of(columns.SEGMENTS)} <= named
    for table in (*columns.OF_KIND.values(), *columns.OF_RUNS, *columns.OF_ALL):
        assert {*columns.of(table)} - {*VIEWS[table]} <= named, table
