"""The page of the runs as a whole: one chart alone, the view in the address, views by name."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.view.page.conftest import Visit
from tests.view.page.stores import RUNS
from tests.view.page.table import in_table


def test_a_chart_fills_the_page_and_arrows_lead_to_the_next(runs: Page) -> None:
    runs.locator("[data-metric='accuracy']").hover()
    runs.keyboard.press("f")
    expect(runs.get_by_text("1 of 3")).to_be_visible()
    runs.keyboard.press("ArrowRight")
    expect(runs.get_by_role("heading", name="train/loss")).to_be_visible()
    runs.keyboard.press("Escape")
    expect(runs.locator("[data-metric]")).to_have_count(3)


def test_the_address_holds_the_whole_view(runs: Page, visit: Visit) -> None:
    in_table(runs, "h", "j", "x")
    runs.get_by_label("Smoothing").fill("70")
    again = visit(runs.url.partition("/")[2].partition("#")[1] + runs.url.partition("#")[2])
    expect(again.get_by_text("1 chosen")).to_be_visible()
    expect(again.get_by_text("9 drawn")).to_be_visible()
    expect(again.get_by_label("Smoothing")).to_have_value("70")


def test_a_view_is_kept_under_a_name(runs: Page) -> None:
    runs.keyboard.press("i")
    runs.get_by_role("button", name="Views, and these runs elsewhere").click()
    runs.get_by_label("A name for this view").fill("others")
    runs.keyboard.press("Enter")
    runs.keyboard.press("Escape")
    runs.keyboard.press("Escape")
    expect(runs.get_by_text("10 drawn")).to_be_visible()
    runs.get_by_role("button", name="Views, and these runs elsewhere").click()
    runs.get_by_role("button", name="others", exact=True).click()
    expect(runs.get_by_text(f"{RUNS - 10} drawn")).to_be_visible()
