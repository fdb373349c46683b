"""Ctrl+K: every page, run, experiment, metric and command by a few letters."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.view.page.table import names, rows


def palette(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type(text)


def test_the_palette_finds_an_experiment(runs: Page) -> None:
    palette(runs, "othe")
    expect(runs.get_by_role("option", name="other")).to_be_visible()
    runs.keyboard.press("Enter")
    expect(runs.get_by_role("heading", name="other")).to_be_visible()


def test_the_palette_finds_a_run_by_the_beginning_of_its_id(runs: Page) -> None:
    name = names(runs)[4]
    palette(runs, name[:6])
    runs.get_by_role("option", name=name[:6]).first.click()
    expect(runs.get_by_role("heading", name=name)).to_be_visible()


def test_the_palette_does_what_keys_do(runs: Page) -> None:
    palette(runs, "columns that differ")
    runs.keyboard.press("Enter")
    expect(runs.get_by_role("button", name="Differing")).to_have_attribute("aria-pressed", "true")


def test_the_palette_goes_to_pages(runs: Page) -> None:
    palette(runs, "go to sql")
    runs.keyboard.press("Enter")
    expect(runs.get_by_role("heading", name="SQL")).to_be_visible()


def test_the_palette_works_from_within_a_field_and_gives_the_focus_back(runs: Page) -> None:
    field = runs.get_by_label("Filter runs")
    field.focus()
    palette(runs, "zzzz")
    expect(runs.get_by_text("Nothing is called that")).to_be_visible()
    runs.keyboard.press("Escape")
    expect(field).to_be_focused()


def test_the_palette_sorts_and_groups_by_any_column(runs: Page) -> None:
    palette(runs, "sort by seed")
    runs.keyboard.press("Enter")
    expect(rows(runs).first).to_contain_text("13")
    palette(runs, "group by lr")
    runs.keyboard.press("Enter")
    expect(runs.locator(".rs-grid-group")).to_have_count(2)


def test_the_palette_fills_the_page_with_a_chart(runs: Page) -> None:
    palette(runs, "chart val/loss")
    runs.keyboard.press("Enter")
    expect(runs.get_by_text("3 of 3")).to_be_visible()
