"""What a picture leaves out is marked and said: spikes beyond the range, NaN, infinite values."""

from __future__ import annotations

import json
import math

import pytest
from playwright.sync_api import Page, expect

from tests.view.page import charts
from tests.view.page.charts import LONG, SPIKE, SPIKE_AT, Charted, chart
from tests.view.page.conftest import Visit, asked


@pytest.fixture
def long(visit: Visit, charted: Charted) -> Page:
    return visit("#/runs?experiment=long", charted.ws)


def test_one_spike_among_very_many_points_is_seen_and_said(long: Page) -> None:
    spiky = chart(long, "spiky")
    expect(spiky.locator(".rs-notes")).to_contain_text("≥ 1 point above the view")
    across = SPIKE_AT / LONG
    charts.when(long, spiky, lambda ink: sum(ink) > 20, (across - 0.02, across + 0.02, 0, 0.2))
    assert charts.ink(spiky, (0, across - 0.05), (0, 0.2)) == [0, 0]
    assert charts.ink(spiky, (across + 0.05, 1), (0, 0.2)) == [0, 0]


def test_a_click_takes_it_into_view_and_another_leaves_it_out(long: Page) -> None:
    spiky = chart(long, "spiky")
    spiky.get_by_role("button", name="1 point above the view").click()
    spiky.get_by_role("button", name="all points in view").focus()
    assert json.loads(asked(long, "looks")[0]) == {"name": "spiky", "everything": True}
    bottom = (0.0, 1.0, 0.9, 1.0)
    charts.when(long, spiky, lambda ink: ink[1] > 50, bottom)  # all but the spike lies at the bottom now
    long.keyboard.press("Enter")
    expect(spiky.get_by_role("button", name="1 point above the view")).to_be_visible()


def test_the_spike_is_in_the_numbers_of_the_table(long: Page) -> None:
    spiky = chart(long, "spiky")
    spiky.get_by_role("button", name="View as table").click()
    cells = spiky.locator(".rs-twin table").first.locator("tbody tr").first.locator("td")
    told = [charts.number(cell) for cell in cells.all_inner_texts()[:5]]
    assert told == [
        LONG,
        pytest.approx(charts.spiky(100), abs=0.01),
        pytest.approx(charts.spiky(LONG - 1), abs=1e-3),
        0.9,
        SPIKE,
    ]


def test_a_zoom_shows_the_spike_at_its_step(long: Page) -> None:
    chart(long, "spiky")
    long.goto(long.url + f"&zoom={SPIKE_AT - 100}:{SPIKE_AT + 100}:step")
    spiky = chart(long, "spiky")
    charts.focus(spiky)
    long.keyboard.press("Home")
    for _ in range(10):
        long.keyboard.press("Shift+ArrowRight")
    expect(spiky.locator(".rs-readout")).to_contain_text(f"step {SPIKE_AT:,}")
    assert charts.readout(spiky) == {"run d": SPIKE}


def test_what_is_not_finite_is_counted_and_marked_on_the_axis(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    odd = chart(page, "odd")
    logged = [value for run in "abc" for value in charted.values[f"run {run}"]["odd"].values()]
    nan, infinite = sum(map(math.isnan, logged)), sum(map(math.isinf, logged))
    expect(odd.locator(".rs-notes")).to_contain_text(f"{nan:,} NaN")
    expect(odd.locator(".rs-notes")).to_contain_text(f"{infinite} infinite values")
    gap = (1050 / charts.STEPS, 1450 / charts.STEPS)
    charts.when(page, odd, lambda ink: ink[1] > 20, (*gap, 0.93, 1))
    assert charts.ink(odd, gap, (0, 0.9)) == [0, 0]  # no line joins what is not there
