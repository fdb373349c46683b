"""Logarithmic axes: what they can't show is said, and the first steps are as fine as the last."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.view.page import charts
from tests.view.page.charts import Charted, chart
from tests.view.page.conftest import Visit, asked


@pytest.fixture
def page(visit: Visit, charted: Charted) -> Page:
    return visit(charts.VIEW, charted.ws)


def test_values_without_a_place_are_counted(page: Page, charted: Charted) -> None:
    signed = chart(page, "signed")
    signed.get_by_role("button", name="Logarithmic y axis").click()
    none = sum(value <= 0 for run in "abc" for value in charted.values[f"run {run}"]["signed"].values())
    expect(signed.locator(".rs-notes")).to_contain_text(f"{none} points with y ≤ 0")


def test_a_key_turns_the_axis_and_turns_it_back(page: Page) -> None:
    loss = chart(page, "loss")
    charts.focus(loss)
    page.keyboard.press("l")
    expect(loss.get_by_role("button", name="Logarithmic y axis")).to_have_attribute("aria-pressed", "true")
    assert json.loads(asked(page, "looks")[0]) == {"name": "loss", "logY": True}
    charts.focus(chart(page, "loss"))
    page.keyboard.press("l")
    expect(loss.get_by_role("button", name="Logarithmic y axis")).to_have_attribute("aria-pressed", "false")


def test_the_first_steps_stand_each_by_itself(page: Page, charted: Charted) -> None:
    charts.menu(page, chart(page, "loss"), "Logarithmic x axis")
    loss = chart(page, "loss")
    expect(loss.locator(".rs-notes")).to_contain_text("3 points with x ≤ 0")
    charts.focus(loss)
    for step in (1, 2, 3):
        page.keyboard.press("Home" if step == 1 else "ArrowRight")
        expect(loss.locator(".rs-readout p").first).to_have_text(f"step {step}")
        shown = charts.readout(loss)
        for name, value in shown.items():
            assert value == pytest.approx(charted.values[name]["loss"][step], rel=1e-3)


def test_all_charts_have_their_axes_turned_at_once(page: Page) -> None:
    chart(page, "loss")
    page.get_by_role("button", name="Scales of all charts").click()
    page.get_by_role("checkbox", name="logarithmic y").check()
    page.keyboard.press("Escape")
    for metric in ("loss", "signed"):
        turned = chart(page, metric).get_by_role("button", name="Logarithmic y axis")
        expect(turned).to_have_attribute("aria-pressed", "true")
