"""Metrics are searched by words and by patterns, in sections that fold."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

import runstore
from tests.view.page.conftest import Visit, asked


def charts(page: Page) -> Locator:
    return page.locator("[data-metric]")


def test_words_find_metrics(runs: Page) -> None:
    runs.keyboard.press("m")
    runs.keyboard.type("LOSS")
    expect(charts(runs)).to_have_count(2)
    assert asked(runs, "metrics") == ["LOSS"]
    runs.get_by_label("Search metrics").fill("")
    expect(charts(runs)).to_have_count(3)


def test_a_pattern_finds_metrics_and_sections_fold(runs: Page) -> None:
    runs.get_by_label("Search metrics").fill("^val/")
    expect(charts(runs)).to_have_count(1)
    section = runs.get_by_role("button", name="val 1")
    section.click()
    expect(charts(runs)).to_have_count(0)
    section.focus()
    runs.keyboard.press("Enter")
    expect(charts(runs)).to_have_count(1)


def test_a_folded_section_stays_so_in_the_address(runs: Page, visit: Visit) -> None:
    runs.get_by_role("button", name="train 1").click()
    expect(runs.locator("[data-metric='train/loss']")).to_have_count(0)
    again = visit(f"#{runs.url.partition('#')[2]}")
    expect(again.locator("[data-metric='val/loss']")).to_be_visible()
    expect(again.locator("[data-metric='train/loss']")).to_have_count(0)


def test_a_metric_that_no_shown_run_has_is_said_with_the_way_out(runs: Page) -> None:
    runs.get_by_label("Search metrics").fill("perplexity")
    expect(runs.get_by_text("No metric of the drawn runs is called that")).to_be_visible()
    runs.get_by_role("button", name="Show all metrics").click()
    expect(charts(runs)).to_have_count(3)


def test_of_very_many_metrics_some_are_drawn_and_all_are_found(visit: Visit, empty: runstore.Workspace) -> None:
    with empty.experiment("wide").start_logging() as run:
        run.log({f"layer{number % 50:02}/weight{number:05}": number for number in range(10_000)}, step=0)
        run.log({f"layer{number % 50:02}/weight{number:05}": number for number in range(10_000)}, step=1)
    page = visit("#/runs", empty)
    expect(charts(page).first).to_be_visible()
    assert charts(page).count() <= 1000
    page.get_by_label("Search metrics").fill("weight09987")
    expect(charts(page)).to_have_count(1)
    page.get_by_label("Search metrics").fill("layer4[12]/weight0999.$")
    expect(charts(page)).to_have_count(2)
