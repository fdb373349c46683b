"""The console of a run: followed, searched, in colours, from error to error, and beside the charts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

import runstore
from runstore.runs import logfile
from tests.view.page.conftest import Visit
from tests.view.page.scenes import STD, Everything


@pytest.fixture
def console(visit: Visit, everything: Everything) -> Page:
    page = visit(f"#/run/{everything.ids['whole']}?my.tab=logs", everything.ws)
    expect(screen(page).get_by_text("step 299 of 300")).to_be_visible()
    return page


@pytest.fixture
def live(empty: runstore.Workspace) -> Iterator[tuple[runstore.Run, logfile.LogFile]]:
    """A run that goes on, and what it prints to."""
    run = runstore.start_run("live", workspace=empty)
    file = logfile.opened(run._live(), STD)
    file.write("".join(f"line {number}\n" for number in range(200)).encode())
    yield run, file
    run.complete()


def screen(page: Page) -> Locator:
    return page.get_by_role("log", name="Lines of the log")


def test_what_is_printed_is_followed_until_somebody_scrolls(
    visit: Visit, empty: runstore.Workspace, live: tuple[runstore.Run, logfile.LogFile]
) -> None:
    run, file = live
    page = visit(f"#/run/{run.id}?my.tab=logs", empty)
    expect(screen(page).get_by_text("line 199", exact=True)).to_be_visible()
    file.write(b"printed while one looks\n")
    expect(screen(page).get_by_text("printed while one looks")).to_be_visible()
    screen(page).hover()
    page.mouse.wheel(0, -2000)
    expect(page.get_by_role("button", name="Follow", exact=True)).to_be_visible()
    file.write(b"printed while one reads\n")
    expect(page.get_by_text("202 lines")).to_be_visible()
    expect(screen(page).get_by_text("line 120", exact=True)).to_be_visible()
    page.keyboard.press("Shift+G")
    expect(screen(page).get_by_text("printed while one reads")).to_be_visible()


def test_keys_go_from_error_to_error(console: Page) -> None:
    expect(console.get_by_role("button", name="Next of 1 error")).to_be_enabled()
    console.keyboard.press("e")
    at = console.locator(".rp-line-at")
    expect(at).to_contain_text("Traceback (most recent call last):")
    expect(at).to_contain_text("152")  # its number
    expect(console.get_by_text("ValueError: no such sample")).to_be_visible()
    expect(console.locator(".rp-line-warning")).to_contain_text("the learning rate is high")


def test_a_text_or_a_pattern_is_found(console: Page) -> None:
    console.keyboard.press("Control+f")
    console.keyboard.type("step 17")
    expect(console.get_by_text("11 lines")).to_be_visible()
    console.keyboard.press("Enter")
    expect(console.locator(".rp-line-at")).to_contain_text("step 17 of")
    console.keyboard.press("Enter")
    expect(console.get_by_text("2 of 11 lines")).to_be_visible()
    expect(console.locator(".rp-line-at")).to_contain_text("step 170 of")
    console.get_by_label("Find text or /pattern/").fill("/step 2.5 /")
    expect(console.get_by_text("10 lines")).to_be_visible()


def test_colours_are_drawn_and_escapes_are_not(console: Page) -> None:
    expect(screen(console).locator(".ansi-fg-2", has_text="INFO").first).to_be_visible()
    assert "\x1b" not in screen(console).inner_text()


def test_a_line_puts_the_crosshair_to_its_time_and_the_crosshair_finds_the_line(
    console: Page, everything: Everything
) -> None:
    times = dict(everything.ws.sql(
        "SELECT line, epoch_us(time) FROM logs WHERE run_id = ? AND stream = ?", [everything.ids["whole"], STD]
    ).fetchall())  # fmt: skip
    console.get_by_role("button", name="Times").click()
    shown = screen(console).locator("[data-line='303'] time")
    assert shown.evaluate("(it) => Date.parse(it.dateTime)") == times[303] // 1000
    console.get_by_role("button", name="Chart", exact=True).click()
    console.get_by_label("Metric of the chart").select_option("printed")
    plot = console.locator(".rp-beside .rs-plot")
    plot.focus()
    console.keyboard.press("Home")  # the first point was logged after the first part
    expect(console.locator(".rp-line-at")).to_have_attribute("data-line", "100")
    console.keyboard.press("End")
    expect(console.locator(".rp-line-at")).to_have_attribute("data-line", "303")
    console.keyboard.press("Escape")
    before = console.locator(".rp-beside .rs-dots line")
    screen(console).locator("[data-line='290']").click()
    expect(before).to_have_count(1)
    ((first, last),) = everything.ws.sql(
        "SELECT epoch(min(time)), epoch(max(time)) FROM metrics WHERE run_id = ? AND name = 'printed'",
        [everything.ids["whole"]],
    ).fetchall()
    box = console.locator(".rp-beside .rs-dots").bounding_box()
    assert box is not None
    place = (times[290] / 1e6 - first) / (last - first)
    assert float(before.get_attribute("x1") or -1) / box["width"] == pytest.approx(place, abs=0.1)


def test_logs_are_taken_away(console: Page) -> None:
    with console.expect_download() as told:
        console.get_by_role("button", name="Download", exact=True).click()
    assert told.value.suggested_filename == "std_log.txt"
    text = told.value.path().read_text()
    assert text.count("\n") == 304 and "step 299" in text
