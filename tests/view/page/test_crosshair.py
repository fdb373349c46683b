"""The crosshair: shared by all charts, with what every run has there; it can be pinned, walked and heard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.view.page import charts
from tests.view.page.charts import Charted, chart
from tests.view.page.conftest import Visit


@pytest.fixture
def page(visit: Visit, charted: Charted) -> Page:
    return visit(charts.VIEW, charted.ws)


def bucket(charted: Charted, name: str, step: float) -> float:
    """The mean of the bucket around a step, as the store tells it."""
    rows = charted.ws.curves("loss", experiment="curves", points=500).project("run_id, x, mean").fetchall()
    near = min((row for row in rows if row[0] == charted.ids[name]), key=lambda row: abs(row[1] - step))
    return float(near[2])


def test_it_says_what_the_store_says_the_greatest_first(page: Page, charted: Charted) -> None:
    loss = chart(page, "loss")
    charts.at(page, loss, 0.4)
    shown = charts.readout(loss)
    assert [*shown] == ["run c", "run b", "run a"]
    assert [*shown.values()] == sorted(shown.values(), reverse=True)
    for name, value in shown.items():
        assert value == pytest.approx(bucket(charted, name, charts.place(loss)), rel=1e-3)


def test_it_stands_at_the_same_place_in_every_chart(page: Page) -> None:
    loss, coarse = chart(page, "loss"), chart(page, "coarse")
    charts.at(page, loss, 0.5)
    lines = [one.locator(".rs-dots > line") for one in (loss, coarse)]
    expect(lines[1]).to_be_attached()
    places = [float(line.get_attribute("x1") or "nan") for line in lines]
    assert places[0] == pytest.approx(places[1], abs=2)
    expect(coarse.locator(".rs-readout")).to_have_count(0)


def test_a_click_pins_it_and_another_lets_it_go(page: Page) -> None:
    loss = chart(page, "loss")
    page.mouse.click(*charts.at(page, loss, 0.4))
    expect(loss.locator(".rs-readout")).to_contain_text("pinned")
    before = charts.place(loss)
    charts.at(page, loss, 0.8)
    page.mouse.move(5, 5)
    assert charts.place(loss) == before
    page.mouse.click(*charts.at(page, loss, 0.8))
    expect(loss.locator(".rs-pin-note")).to_have_count(0)
    charts.at(page, loss, 0.7)
    expect(loss.locator(".rs-readout p").first).to_contain_text("step 2,1")


def test_keys_walk_it_pin_it_and_let_it_go(page: Page) -> None:
    loss = chart(page, "loss")
    charts.focus(loss)
    page.keyboard.press("Home")
    start = charts.place(loss)
    page.keyboard.press("ArrowRight")
    one = charts.place(loss)
    page.keyboard.press("Shift+ArrowRight")
    assert charts.place(loss) - start == pytest.approx(11 * (one - start), abs=6)
    page.keyboard.press("Enter")
    expect(loss.locator(".rs-pin-note")).to_be_visible()
    page.keyboard.press("Escape")
    expect(loss.locator(".rs-readout")).to_have_count(0)


def test_what_it_stands_on_is_read_out(page: Page) -> None:
    loss = chart(page, "loss")
    charts.focus(loss)
    page.keyboard.press("End")
    shown = charts.readout(loss)
    told = ", ".join(f"{name} {value:g}" for name, value in shown.items())
    expect(charts.spoken(loss)).to_have_text(f"step {charts.place(loss):,.0f}: {told}")


def test_the_line_under_the_pointer_stands_out_everywhere(page: Page, charted: Charted) -> None:
    loss = chart(page, "loss")
    charts.at(page, loss, 0.6)
    dots = loss.locator("circle")
    expect(dots).to_have_count(3)
    top = float(dots.nth(0).get_attribute("cy") or "nan")  # the greatest
    box = loss.locator(".u-over").bounding_box()
    assert box is not None
    charts.at(page, loss, 0.6, top / box["height"])
    expect(loss.locator(".rs-readout .rs-hovered")).to_contain_text("run c")
    row = page.locator(f"[data-run='{charted.ids['run c']}']")
    expect(row).to_have_class(re.compile("hovered"))
    page.mouse.move(5, 5)
    expect(row).not_to_have_class(re.compile("hovered"))


def test_its_table_stays_within_what_is_seen(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws, size=(1100, 500))
    loss = chart(page, "loss")
    for across in (0.02, 0.5, 0.98):
        charts.at(page, loss, across)
        charts.readout(loss)
        box = loss.locator(".rs-readout").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1100
        assert box["y"] + box["height"] <= 500
