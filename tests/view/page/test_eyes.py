"""Which runs are drawn, which stand out, and which are chosen: by mouse and by keys."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.view.page.conftest import asked
from tests.view.page.stores import RUNS
from tests.view.page.table import eyes, in_table, rows

DRAWN = re.compile(r"^\d+ drawn$")


def test_an_eye_hides_a_run_and_undo_shows_it_again(runs: Page) -> None:
    eyes(runs).nth(2).click()
    expect(eyes(runs).nth(2)).to_have_attribute("aria-pressed", "false")
    expect(runs.get_by_text("9 drawn")).to_be_visible()
    runs.keyboard.press("Control+z")
    expect(eyes(runs).nth(2)).to_have_attribute("aria-pressed", "true")


def test_a_key_hides_a_run_and_draws_another(runs: Page) -> None:
    in_table(runs, "j", "h")
    expect(eyes(runs).nth(1)).to_have_attribute("aria-pressed", "false")
    in_table(runs, "Control+End", "h")
    expect(eyes(runs).last).to_have_attribute("aria-pressed", "true")
    expect(runs.get_by_text("10 drawn")).to_be_visible()


def test_a_run_that_is_pointed_at_stands_out_in_table_charts_and_legend(runs: Page) -> None:
    chart = runs.locator("[data-metric='accuracy']")
    before = chart.screenshot()
    rows(runs).nth(3).hover()
    expect(rows(runs).nth(3)).to_have_class("rs-grid-line rs-hovered")
    assert chart.screenshot() != before
    chart.hover()
    runs.keyboard.press("f")
    legend = runs.locator(".rs-legend li")
    expect(legend).to_have_count(10)
    before = runs.locator(".rs-full-chart canvas").last.screenshot()
    legend.nth(4).hover()
    expect(legend.nth(4)).to_have_class("rs-hovered")
    assert runs.locator(".rs-full-chart canvas").last.screenshot() != before


def test_a_run_that_keys_are_at_stands_out(runs: Page) -> None:
    in_table(runs, "j", "j")
    expect(rows(runs).nth(2)).to_have_class("rs-grid-line rs-hovered")


def test_a_double_click_draws_one_run_alone_and_once_more_all_as_before(runs: Page) -> None:
    eyes(runs).nth(1).dblclick()
    expect(runs.get_by_text("1 drawn", exact=True)).to_be_visible()
    eyes(runs).nth(1).dblclick()
    expect(runs.get_by_text("10 drawn")).to_be_visible()


def test_keys_choose_a_range_hide_and_draw_alone(runs: Page) -> None:
    in_table(runs, "j", "x", "Shift+ArrowDown", "Shift+ArrowDown")
    expect(runs.get_by_text("3 chosen")).to_be_visible()
    runs.keyboard.press("o")
    expect(runs.get_by_text("3 drawn")).to_be_visible()
    runs.keyboard.press("Escape")
    in_table(runs, "s")
    expect(runs.get_by_text("1 drawn", exact=True)).to_be_visible()


def test_a_shift_click_chooses_all_from_the_last_one_on(runs: Page) -> None:
    boxes = runs.locator("[data-run] input[type=checkbox]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(runs.get_by_text("4 chosen")).to_be_visible()


def test_only_the_chosen_are_drawn_until_none_is_chosen(runs: Page) -> None:
    boxes = runs.locator("[data-run] input[type=checkbox]")
    boxes.nth(0).click()
    boxes.nth(12).click()
    only = runs.get_by_role("button", name="Draw only these")
    only.click()
    expect(runs.get_by_text("2 drawn")).to_be_visible()
    expect(eyes(runs).nth(12)).to_have_attribute("aria-pressed", "true")
    only.click()
    expect(runs.get_by_text("10 drawn")).to_be_visible()
    runs.get_by_role("button", name="Choose none").click()
    expect(runs.get_by_text("2 chosen")).to_be_hidden()
    assert asked(runs, "pick") == []


def test_inverted_the_others_are_drawn(runs: Page) -> None:
    runs.keyboard.press("i")
    expect(runs.get_by_text(f"{RUNS - 10} drawn")).to_be_visible()
    runs.get_by_role("button", name=DRAWN).click()
    runs.get_by_role("button", name="As at first").click()
    expect(runs.get_by_text("10 drawn")).to_be_visible()
    runs.get_by_role("button", name="Invert").click()
    runs.get_by_role("button", name="Invert").click()
    expect(runs.get_by_text("10 drawn")).to_be_visible()
    expect(eyes(runs).first).to_have_attribute("aria-pressed", "true")


def test_more_of_the_first_runs_are_drawn(runs: Page) -> None:
    runs.get_by_role("button", name=DRAWN).click()
    runs.get_by_label("The first").select_option("20")
    expect(runs.get_by_text(f"{RUNS} drawn")).to_be_visible()
