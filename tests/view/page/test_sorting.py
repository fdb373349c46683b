"""Runs are sorted by any column, by several too."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.view.page.conftest import asked
from tests.view.page.table import column, heading, in_table


def test_a_heading_sorts_falling_rising_and_not_at_all(runs: Page) -> None:
    seed = heading(runs, "seed")
    for wanted in ("descending", "ascending", "none"):
        seed.locator(".rs-heading-sort").click()
        expect(seed).to_have_attribute("aria-sort", wanted)
    seed.locator(".rs-heading-sort").click()
    expect(runs.locator("[data-run]").first).to_contain_text("13")
    assert column(runs, "seed") == [str(number) for number in range(13, -1, -1)]


def test_headings_sort_by_several_columns(runs: Page) -> None:
    heading(runs, "lr").locator(".rs-heading-sort").click()
    heading(runs, "seed").locator(".rs-heading-sort").click(modifiers=["Shift"])
    expect(runs.locator("[aria-sort=descending]")).to_have_count(2)
    assert asked(runs, "sort") == ["-params.lr", "-params.seed"]
    expect(runs.locator("[data-run]").first).to_contain_text("12")
    assert column(runs, "seed") == [str(number) for number in [*range(12, -1, -2), *range(13, 0, -2)]]


def test_keys_sort_from_a_heading(runs: Page) -> None:
    in_table(runs, "ArrowUp", "ArrowRight", "ArrowRight")
    runs.keyboard.press("Enter")
    expect(heading(runs, "accuracy")).to_have_attribute("aria-sort", "descending")
    runs.keyboard.press("ArrowRight")
    runs.keyboard.press("Shift+Enter")
    expect(heading(runs, "train/loss")).to_have_attribute("aria-sort", "descending")
    assert asked(runs, "sort") == ["-last.accuracy", "-last.train/loss"]


def test_the_menu_of_a_heading_sorts(runs: Page) -> None:
    heading(runs, "seed").hover()
    runs.get_by_role("button", name="More of seed").click()
    runs.get_by_role("menuitem", name="Sort").click()
    expect(heading(runs, "seed")).to_have_attribute("aria-sort", "descending")
