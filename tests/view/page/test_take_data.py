"""What a run logged is taken out: as CSV and Parquet, as Python and SQL that give the same."""

from __future__ import annotations

import csv

import duckdb
import pytest
from playwright.sync_api import Page, expect

from tests.view.page.conftest import Visit
from tests.view.page.scenes import SAMPLES, Everything


@pytest.fixture
def metrics(visit: Visit, everything: Everything) -> Page:
    page = visit(f"#/run/{everything.ids['whole']}?my.tab=metrics", everything.ws)
    expect(page.get_by_role("button", name="Take", exact=True).first).to_be_visible()
    return page


def copied(page: Page, what: str) -> str:
    expect(page.get_by_text(f"{what} copied")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_all_points_are_saved_as_parquet(metrics: Page, everything: Everything) -> None:
    metrics.get_by_role("button", name="Take", exact=True).first.click()
    with metrics.expect_download() as told:
        metrics.get_by_role("button", name="Save as Parquet").click()
    assert told.value.suggested_filename == "whole-metrics.parquet"
    query = "SELECT name, step, value FROM {} ORDER BY ALL"
    there = everything.ws.sql(query.format("metrics WHERE run_id = ?"), [everything.ids["whole"]]).fetchall()
    assert duckdb.sql(query.format(f"read_parquet('{told.value.path()}')")).fetchall() == there


def test_a_table_is_saved_as_csv_by_keys(metrics: Page) -> None:
    card = metrics.locator(".rp-card", has=metrics.get_by_role("heading", name="predictions", exact=True))
    card.get_by_role("button", name="Take").press("Enter")
    with metrics.expect_download() as told:
        metrics.keyboard.press("Enter")  # the first that there is to choose
    with told.value.path().open(newline="") as file:
        rows = [*csv.DictReader(file)]
    assert (len(rows), rows[7]["id"], rows[7]["true"]) == (SAMPLES, "s007", "cat")


def test_python_and_sql_give_the_points(metrics: Page, everything: Everything) -> None:
    metrics.get_by_role("button", name="Take", exact=True).first.click()
    metrics.get_by_role("button", name="Copy as SQL").click()
    found = everything.ws.sql(copied(metrics, "SQL")).fetchall()
    assert len([row for row in found if row[0] == "loss"]) == 400
    metrics.get_by_role("button", name="Take", exact=True).first.click()
    metrics.get_by_role("button", name="Copy as Python").last.click()
    names: dict[str, object] = {}
    exec(copied(metrics, "Python"), names)
    values = names["values"]
    assert isinstance(values, dict) and len(values["loss"]) == 400
