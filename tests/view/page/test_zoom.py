"""Zooming: by a box, the wheel, a drag and keys; finer points come, and all charts go along."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.view.page import charts
from tests.view.page.charts import STEPS, Charted, chart
from tests.view.page.conftest import Visit, asked


@pytest.fixture
def page(visit: Visit, charted: Charted) -> Page:
    return visit(charts.VIEW, charted.ws)


def reset(one: Locator) -> Locator:
    return one.get_by_role("button", name="Reset the zoom")


def zoom(page: Page) -> tuple[float, float]:
    """The stretch in the address."""
    low, high, kind = asked(page, "zoom")[0].split(":")
    assert kind == "step"
    return float(low), float(high)


def test_a_box_shows_its_stretch_in_every_chart_point_by_point(page: Page, charted: Charted) -> None:
    loss = chart(page, "loss")
    charts.drag(page, loss, (0.5, 0.5), (0.6, 0.52))
    expect(reset(loss)).to_be_visible()
    low, high = zoom(page)
    assert (low, high) == (pytest.approx(0.5 * STEPS, abs=40), pytest.approx(0.6 * STEPS, abs=40))
    expect(reset(chart(page, "coarse"))).to_be_visible()
    loss = chart(page, "loss")
    charts.focus(loss)
    expect(loss).not_to_have_class("rs-chart rs-stale")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(loss.locator(".rs-readout .rs-faint").first).to_have_text("")  # a bucket of one point has no span
    step = charts.place(loss)
    for name, value in charts.readout(loss).items():
        assert value == pytest.approx(charted.values[name]["loss"][int(step)], rel=1e-3)


def test_a_double_click_shows_everything_again(page: Page) -> None:
    loss = chart(page, "loss")
    charts.drag(page, loss, (0.2, 0.2), (0.4, 0.8))
    expect(reset(loss)).to_be_visible()
    page.mouse.dblclick(*charts.at(page, loss, 0.5))
    expect(reset(loss)).to_have_count(0)
    assert asked(page, "zoom") == []
    assert asked(page, "looks") == []


def test_a_box_that_is_high_enough_zooms_y_too_and_undo_takes_it_back(page: Page) -> None:
    loss = chart(page, "loss")
    charts.drag(page, loss, (0.2, 0.3), (0.6, 0.7))
    expect(reset(loss)).to_be_visible()
    y = json.loads(asked(page, "looks")[0])["y"]
    assert 0 < y["low"] < y["high"] < 2.8
    while asked(page, "zoom") or asked(page, "looks"):
        page.keyboard.press("Control+z")
    expect(reset(loss)).to_have_count(0)


def test_the_wheel_zooms_around_the_pointer_where_a_key_says_so(page: Page) -> None:
    loss = chart(page, "loss")
    charts.at(page, loss, 0.25)
    page.mouse.wheel(0, -200)  # scrolls, as ever
    assert asked(page, "zoom") == []
    loss = chart(page, "loss")
    charts.at(page, loss, 0.25)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    expect(reset(loss)).to_be_visible()
    low, high = zoom(page)
    assert (0.25 * STEPS - low) / (high - low) == pytest.approx(0.25, abs=0.02)
    assert high - low < 0.7 * STEPS


def test_a_drag_with_shift_moves_the_stretch(page: Page) -> None:
    loss = chart(page, "loss")
    charts.drag(page, loss, (0.4, 0.5), (0.6, 0.5))
    expect(reset(loss)).to_be_visible()
    low, high = zoom(page)
    page.keyboard.down("Shift")
    charts.drag(page, loss, (0.5, 0.5), (0.75, 0.5))
    page.keyboard.up("Shift")
    moved, to = zoom(page)
    assert to - moved == pytest.approx(high - low)
    assert moved == pytest.approx(low - 0.25 * (high - low), abs=5)


def test_curves_are_thin_while_they_move_and_as_ever_when_they_rest(page: Page) -> None:
    loss = chart(page, "loss")
    charts.drag(page, loss, (0.4, 0.5), (0.6, 0.5))
    expect(reset(loss)).to_be_visible()
    page.mouse.move(5, 5)  # none stands out
    chart(page, "loss").locator(".rs-plot").focus()
    widths = """async (canvas) => {
        const [context, told] = [canvas.getContext("2d"), []];
        const stroke = context.stroke;
        context.stroke = function () { told.push(context.lineWidth); return stroke.call(context); };
        document.querySelector(".rs-chart:focus-within .u-over").dispatchEvent(
            new WheelEvent("wheel", { deltaY: 40, shiftKey: true, bubbles: true, cancelable: true }));
        for (let frame = 0; frame < 300 && !told.includes(1.5); frame++) await new Promise(requestAnimationFrame);
        delete context.stroke;
        return told;
    }"""
    drawn = chart(page, "loss").locator("canvas.rs-chart-curves").evaluate(widths)
    assert (drawn[0], drawn[-1]) == (1, 1.5)


def test_keys_zoom_around_the_crosshair_and_reset(page: Page) -> None:
    loss = chart(page, "loss")
    charts.focus(loss)
    page.keyboard.press("End")
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(reset(loss)).to_be_visible()
    low, high = zoom(page)
    assert high - low == pytest.approx(STEPS / 4, rel=0.05)
    assert high == pytest.approx(STEPS, rel=0.02)
    page.keyboard.press("-")
    assert zoom(page)[1] - zoom(page)[0] > high - low
    page.keyboard.press("r")
    expect(reset(loss)).to_have_count(0)
