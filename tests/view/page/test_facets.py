"""Facets: the values of columns are clicked instead of typed."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.view.page.conftest import asked
from tests.view.page.stores import RUNS
from tests.view.page.table import filtered, menu, rows


def test_values_are_clicked_with_how_many_runs_have_them(runs: Page) -> None:
    facets = menu(runs, "Facets")
    lr = facets.get_by_role("group", name="lr")
    expect(lr).to_contain_text("0.01")
    expect(lr.get_by_text(str(RUNS // 2), exact=True)).to_have_count(2)
    lr.get_by_text("0.01", exact=True).click()
    expect(rows(runs)).to_have_count(RUNS // 2)
    facets.get_by_role("group", name="Status").get_by_text("Failed").click()
    expect(rows(runs)).to_have_count(1)
    assert asked(runs, "where") == ["params.lr in (0.01) and status in ('Failed')"]


def test_a_value_is_taken_back(runs: Page) -> None:
    facets = menu(runs, "Facets")
    box = facets.get_by_role("checkbox", name="Failed")
    box.click()
    expect(rows(runs)).to_have_count(1)
    box.click()
    expect(rows(runs)).to_have_count(RUNS)
    assert asked(runs, "where") == []


def test_facets_stand_beside_what_was_typed(runs: Page) -> None:
    filtered(runs, "seed < 4")
    facets = menu(runs, "Facets")
    facets.get_by_role("checkbox", name="0.1 2").click()
    expect(rows(runs)).to_have_count(2)
    assert asked(runs, "where") == ["seed < 4 and params.lr in (0.1)"]


def test_any_column_is_found_and_keys_are_enough(runs: Page) -> None:
    button = runs.get_by_role("button", name="Facets")
    button.focus()
    runs.keyboard.press("Enter")
    runs.keyboard.type("epochs")
    expect(runs.get_by_role("group", name="epochs")).to_be_visible()
    runs.get_by_role("group", name="epochs").get_by_role("checkbox").focus()
    runs.keyboard.press("Space")
    expect(runs.get_by_label("Filter runs")).to_have_value("params.epochs in (3)")
    runs.keyboard.press("Escape")
    expect(button).to_be_focused()
