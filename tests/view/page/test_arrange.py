"""Charts are pinned to the top and arranged there, by the mouse and without it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.view.page import charts
from tests.view.page.charts import Charted, chart
from tests.view.page.conftest import Visit, asked


@pytest.fixture
def page(visit: Visit, charted: Charted) -> Page:
    return visit(charts.VIEW, charted.ws)


def pinned(page: Page) -> list[str]:
    """The metrics of the first section, in order."""
    section = page.locator(".rs-section").first
    expect(section.get_by_role("heading", name="Pinned")).to_be_visible()
    return section.locator("[data-metric]").evaluate_all("all => all.map((one) => one.dataset.metric)")


def test_a_pin_keeps_a_chart_at_the_top_and_lets_it_go(page: Page) -> None:
    chart(page, "odd")
    page.get_by_role("button", name="Pin odd to the top").click()
    assert pinned(page) == ["odd"] == asked(page, "chart")
    page.get_by_role("button", name="Let odd go").first.click()
    expect(page.get_by_role("heading", name="Pinned")).to_have_count(0)


def test_a_chart_is_dragged_before_another(page: Page) -> None:
    chart(page, "odd")
    for metric in ("coarse", "odd", "loss"):
        page.get_by_role("button", name=f"Pin {metric} to the top").first.click()
    assert pinned(page) == ["coarse", "odd", "loss"]
    section = page.locator(".rs-section").first
    handle = section.locator("[data-metric='loss'] [draggable=true]")
    handle.drag_to(section.locator("[data-metric='coarse']"), source_position={"x": 2, "y": 2})
    expect(section.locator("[data-metric]").first).to_have_attribute("data-metric", "loss")
    assert pinned(page) == ["loss", "coarse", "odd"] == asked(page, "chart")
    page.keyboard.press("Control+z")
    assert asked(page, "chart") == ["coarse", "odd", "loss"]
    page.keyboard.press("Control+Shift+z")
    assert asked(page, "chart") == ["loss", "coarse", "odd"]


def test_a_menu_does_the_same_by_keys(page: Page) -> None:
    chart(page, "odd")
    for metric in ("coarse", "odd"):
        page.get_by_role("button", name=f"Pin {metric} to the top").first.click()
    page.locator(".rs-section").first.get_by_role("button", name="More for odd").focus()
    for key in ("Enter", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".rs-section").first.locator("[data-metric]").first).to_have_attribute("data-metric", "odd")
    assert asked(page, "chart") == ["odd", "coarse"]


QUICK = """async button => {
    button.click();
    await new Promise(done => setTimeout(done)); // no frame is painted between two keys of one who types fast
    return document.activeElement.getAttribute("role");
}"""


def test_a_menu_has_the_focus_before_the_next_key(page: Page) -> None:
    chart(page, "odd")
    assert page.get_by_role("button", name="More for odd").first.evaluate(QUICK).startswith("menuitem")
