"""Charts for those who don't see them, don't use a mouse, want less motion or their own colours, or a larger page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

import runstore
from tests.view.page import charts
from tests.view.page.charts import Charted, chart
from tests.view.page.conftest import Visit

MANY = 130


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> runstore.Workspace:
    """More runs than a chart draws at first."""
    ws = runstore.Workspace(tmp_path_factory.mktemp("many") / "many")
    for number in range(MANY):
        with ws.experiment("many").start_logging(f"run {number:03}") as run:
            for step in range(3):
                run.log("loss", float(number + step), step=step)
    return ws


def test_a_chart_says_in_one_sentence_what_it_shows(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    plot = chart(page, "signed").locator(".rs-plot")
    expect(plot).to_have_attribute("role", "img")
    told = plot.get_attribute("aria-label") or ""
    assert re.fullmatch(r"signed, 3 runs, lowest −50 by run [abc] at step 0, highest 945", told)
    assert plot.get_attribute("tabindex") == "0"


def test_its_table_says_what_was_logged(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    one = chart(page, "odd")
    one.get_by_role("button", name="View as table").focus()
    page.keyboard.press("Enter")
    rows = one.locator(".rs-twin table").first.locator("tbody tr")
    expect(rows).to_have_count(3)
    heads = one.locator(".rs-twin table").first.locator("thead th").all_inner_texts()
    told = dict(zip(heads, rows.first.locator("th, td").all_inner_texts(), strict=True))
    assert (told["points"], told["not finite"], told["at the end"]) == ("3,000", "503", "step 2,997")
    assert charts.number(told["last"]) == pytest.approx(charts.odd(charts.STEPS - 1), abs=1e-3)
    assert charts.number(told["highest"]) == pytest.approx(1, abs=1e-3)
    page.keyboard.press("Enter")
    expect(one.locator(".rs-twin")).to_have_count(0)


def test_lines_beyond_ten_are_dashed(visit: Visit, many: runstore.Workspace) -> None:
    page = visit("#/runs?experiment=many&drawn=20&full=loss", many)
    lines = page.locator(".rs-legend line")
    expect(lines).to_have_count(20)
    looks = lines.evaluate_all(
        "all => all.map((one) => `${one.getAttribute('stroke')} ${one.getAttribute('stroke-dasharray')}`)"
    )
    assert len({*looks}) == 20


def test_more_lines_than_a_hundred_are_drawn_when_asked_for(visit: Visit, many: runstore.Workspace) -> None:
    page = visit("#/runs?experiment=many&drawn=200&full=loss", many)
    expect(page.locator(".rs-legend li")).to_have_count(100)
    page.get_by_role("button", name="30 more runs: show more").click()
    expect(page.locator(".rs-legend li")).to_have_count(MANY)
    expect(page.get_by_role("button", name="show more")).to_have_count(0)


def test_nothing_moves_where_less_motion_is_asked_for(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    page.emulate_media(reduced_motion="reduce")
    chart(page, "loss")
    longest = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll(".rs *")].flatMap((one) => {
          const { animationDuration, transitionDuration } = getComputedStyle(one);
          return [...animationDuration.split(","), ...transitionDuration.split(",")].map(parseFloat);
        }))"""
    )
    assert longest < 0.001


def test_lines_stay_visible_in_the_readers_own_colours(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    page.emulate_media(forced_colors="active")
    one = chart(page, "loss")
    charts.when(page, one, lambda ink: ink[1] > 500, charts.ALL)
    charts.focus(one)
    page.keyboard.press("End")
    strokes = one.locator(".rs-readout .rs-swatch line").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).stroke)"
    )
    assert len({*strokes}) == 3


def test_a_page_twice_as_large_is_used_as_ever(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws, size=(750, 450))
    one = chart(page, "loss")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    for button in one.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
        assert box["x"] + box["width"] <= 750
    charts.drag(page, one, (0.2, 0.5), (0.6, 0.5))
    expect(one.get_by_role("button", name="Reset the zoom")).to_be_visible()
