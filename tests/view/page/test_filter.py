"""Runs are filtered by an expression, which says what may come next and what is wrong with it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.view.page.conftest import Visit, asked
from tests.view.page.stores import RUNS
from tests.view.page.table import filtered, rows


def test_a_filter_is_written_with_what_may_come_next(runs: Page) -> None:
    runs.keyboard.press("/")
    runs.keyboard.type("sta")
    expect(runs.get_by_role("option", name="Status")).to_be_visible()
    runs.keyboard.press("Tab")
    runs.keyboard.type("= ")
    expect(runs.get_by_role("option", name="Failed")).to_be_visible()
    runs.keyboard.type("'Failed'")
    runs.keyboard.press("Enter")
    expect(rows(runs)).to_have_count(1)
    assert asked(runs, "where") == ["status = 'Failed'"]


def test_what_may_come_next_is_taken_by_mouse(runs: Page) -> None:
    field = runs.get_by_label("Filter runs")
    field.click()
    field.press_sequentially("see")
    runs.get_by_role("option", name="seed").click()
    field.press_sequentially(" < 3 an")
    runs.get_by_role("option", name="and").click()
    field.press_sequentially(" params.lr = 0.1")
    field.press("Enter")
    expect(rows(runs)).to_have_count(2)


def test_params_and_metrics_stand_beside_fields(runs: Page) -> None:
    filtered(runs, "lr < 0.05 and status = 'Completed' and last.\"val/loss\" < 1")
    expect(runs.get_by_text("3 runs", exact=True)).to_be_visible()
    expect(rows(runs)).to_have_count(3)


def test_a_filter_that_is_wrong_says_so_and_leaves_the_runs(runs: Page, visit: Visit) -> None:
    visit.expects(r"status of 400")
    filtered(runs, "nonsense < 3")
    expect(runs.get_by_role("alert")).to_contain_text("nonsense")
    expect(rows(runs)).to_have_count(RUNS)
    filtered(runs, "seed < 3")
    expect(runs.get_by_role("alert")).to_be_hidden()
    expect(rows(runs)).to_have_count(3)


def test_a_filter_that_nothing_fits_says_which_clause_takes_most_and_drops_it(runs: Page) -> None:
    filtered(runs, "lr < 0.05 and seed > 100")
    drop = runs.get_by_role("button", name="Drop seed > 100")
    expect(drop).to_contain_text(str(RUNS // 2))
    expect(runs.get_by_role("button", name="Drop lr < 0.05")).to_contain_text("0")
    expect(runs.locator(".rs-drops li").first).to_contain_text("seed > 100")  # the one that helps most comes first
    drop.click()
    expect(rows(runs)).to_have_count(RUNS // 2)
    expect(runs.get_by_label("Filter runs")).to_have_value("lr < 0.05")


def test_a_filter_is_cleared_and_brought_back(runs: Page) -> None:
    filtered(runs, "seed < 3")
    expect(rows(runs)).to_have_count(3)
    runs.get_by_role("button", name="Clear the filter").click()
    expect(rows(runs)).to_have_count(RUNS)
    runs.get_by_role("heading", name="mnist").click()
    runs.keyboard.press("Control+z")
    expect(rows(runs)).to_have_count(3)
