"""SQL over the workspace: written, answered, drawn, kept, and stopped."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import Page, expect

from tests.view.page.conftest import Visit, asked
from tests.view.page.scenes import Everything

FOR_EVER = "select count(*) from range(100000000000000) where random() < 2"


@pytest.fixture
def sql(visit: Visit, everything: Everything) -> Page:
    page = visit("#/sql", everything.ws)
    expect(page.get_by_label("Query", exact=True)).to_be_visible()
    return page


def ask(page: Page, query: str) -> None:
    page.get_by_label("Query", exact=True).fill(query)
    page.keyboard.press("Control+Enter")


def test_a_query_is_answered_and_its_heads_sort(sql: Page, everything: Everything) -> None:
    query = "select run_id, name, last.loss as loss from runs where last.loss is not null order by name, run_id"
    ask(sql, query)
    there = everything.ws.sql(query).fetchall()
    expect(sql.locator("tbody tr")).to_have_count(len(there))
    assert sql.locator("tbody td:first-child").all_inner_texts() == [row[0] for row in there]
    sql.get_by_role("columnheader", name="loss").get_by_role("button").click()
    best = sorted((row for row in there if row[2] == row[2]), key=lambda row: -row[2])
    expect(sql.locator("tbody tr").first).to_contain_text(best[0][0])
    assert asked(sql, "my.q") == [query]


def test_an_address_with_a_query_is_answered(visit: Visit, everything: Everything) -> None:
    page = visit("#/sql?my.q=select%2042%20as%20answer", everything.ws)
    expect(page.get_by_role("cell", name="42")).to_be_visible()


def test_what_is_wrong_is_said_with_its_place(sql: Page, visit: Visit) -> None:
    visit.expects("status of 400")
    ask(sql, "select\n  nope from runs")
    expect(sql.get_by_role("alert")).to_contain_text("nope")
    ask(sql, "pivot metrics on name using max(value)")
    expect(sql.get_by_role("alert")).to_contain_text("PIVOT names its values: ON column IN")
    ask(sql, "drop table runs")
    expect(sql.get_by_role("alert")).to_contain_text("one SELECT at a time")


def test_a_query_that_runs_is_stopped_and_the_next_one_is_answered(sql: Page) -> None:
    ask(sql, FOR_EVER)
    sql.get_by_role("button", name="Stop").click()
    expect(sql.get_by_role("button", name="Stop")).to_have_count(0)
    for number in (1, 2, 3):  # no more than two are answered at the same time: those that ran are gone
        ask(sql, FOR_EVER)
        sql.get_by_role("button", name="Stop").press("Enter")
        ask(sql, f"select {number} as n")
        expect(sql.get_by_role("cell", name=str(number), exact=True)).to_be_visible()


def test_an_answer_is_drawn(sql: Page, everything: Everything) -> None:
    run = everything.ids["quick"]
    ask(sql, f"select step, value from metrics where run_id = '{run}' and name = 'accuracy' order by step")
    sql.get_by_role("tab", name="Chart").click()
    expect(sql.get_by_role("img", name="value by step")).to_be_visible()
    sql.get_by_role("button", name="Bars").press("Enter")
    expect(sql.locator(".sql-bars tr")).to_have_count(40)


def test_a_query_is_kept_under_a_name_and_found_again(sql: Page, visit: Visit, everything: Everything) -> None:
    ask(sql, "select 7 as lucky")
    sql.get_by_role("button", name="Save this one").click()
    sql.get_by_label("Name of the query").fill("my favourite")
    sql.keyboard.press("Enter")
    again = visit("#/sql", everything.ws)
    again.get_by_role("button", name="my favourite", exact=True).click()
    expect(again.get_by_role("cell", name="7")).to_be_visible()


def test_names_are_put_where_one_writes_and_the_answer_is_taken(sql: Page, everything: Everything) -> None:
    ask(sql, "select name, status from runs order by name")
    expect(sql.locator("tbody tr").first).to_be_visible()
    with sql.expect_download() as told:
        sql.get_by_role("button", name="Download CSV").click()
    with told.value.path().open(newline="") as file:
        rows = [tuple(row) for row in csv.reader(file)]
    there = everything.ws.sql("select coalesce(name, ''), status from runs order by name").fetchall()
    assert rows == [("name", "status"), *there]
    sql.get_by_role("button", name="Copy as Python").click()
    expect(sql.get_by_text("Python copied")).to_be_visible()
    names: dict[str, object] = {}
    exec(str(sql.evaluate("navigator.clipboard.readText()")), names)
    assert [status for _, status in names["rows"]] == [status for _, status in there]  # type: ignore[attr-defined]
