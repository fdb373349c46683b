"""Smoothing: what the slider shows is the exponential mean of every point, with the points faint behind it."""

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


def smooth(page: Page, slider: int) -> float:
    """All charts, by the keyboard; the weight that the address then holds."""
    page.get_by_label("Smoothing").first.fill(str(slider))
    expect(page.locator("output").first).not_to_have_text("0.00")
    return float(json.loads(asked(page, "look")[0])["smoothing"])


def test_the_line_ends_where_an_exponential_mean_of_all_points_ends(page: Page, charted: Charted) -> None:
    loss = chart(page, "loss")
    weight = smooth(page, 60)
    charts.focus(loss)
    page.keyboard.press("End")
    expect(loss.locator(".rs-readout")).to_be_visible()
    for name, shown in charts.readout(loss).items():
        truth = charts.exponential(charted.values[name]["loss"].values(), weight)
        assert shown == pytest.approx(truth, abs=0.002), name


def test_a_zoomed_line_is_warm_where_its_picture_begins(visit: Visit, charted: Charted) -> None:
    weight = 0.99
    look = json.dumps({"smoothing": weight})
    page = visit(f"{charts.VIEW}&zoom=1500:1999:step&look={look}", charted.ws)
    loss = chart(page, "loss")
    charts.focus(loss)
    page.keyboard.press("Home")
    shown, start = charts.readout(loss), charts.place(loss)
    assert 1500 <= start < 1510
    for name, value in shown.items():
        logged = charted.values[name]["loss"]
        truth = charts.exponential((logged[step] for step in range(int(start) + 1)), weight)
        assert value == pytest.approx(truth, abs=0.01), name


def test_a_gap_leaves_the_line_where_it_was(page: Page, charted: Charted) -> None:
    odd = chart(page, "odd")
    weight = smooth(page, 50)
    charts.focus(odd)
    page.keyboard.press("End")
    truth = charts.exponential(charted.values["run a"]["odd"].values(), weight)
    assert charts.readout(odd)["run a"] == pytest.approx(truth, abs=0.01)


def test_the_points_show_faintly_behind(page: Page) -> None:
    coarse = chart(page, "coarse")  # a bucket for every point: there is no band
    faint, full = charts.ink(coarse)
    smooth(page, 60)
    charts.when(page, coarse, lambda ink: ink[0] > 2 * faint and ink[1] < full, charts.ALL)


def test_one_chart_is_smoothed_by_itself_and_like_all_again(page: Page) -> None:
    chart(page, "loss")
    page.get_by_role("button", name="How loss is drawn").click()
    own = page.get_by_role("dialog", name="How loss is drawn")
    own.get_by_label("Smoothing").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(own.locator("output")).to_have_text("0.37")
    (look,) = (json.loads(one) for one in asked(page, "looks"))
    assert (look["name"], look["smoothing"]) == ("loss", pytest.approx(1 - 10**-0.2, abs=1e-5))
    expect(page.get_by_label("Smoothing").first).to_have_value("0")
    own.get_by_role("button", name="As all charts").click()
    expect(own.locator("output")).to_have_text("0.00")
    assert asked(page, "looks") == []
