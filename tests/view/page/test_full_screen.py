"""One chart fills the page; arrows lead to the next, on the page of the runs and on that of a run."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.view.page import charts
from tests.view.page.charts import Charted, chart
from tests.view.page.conftest import Visit, asked

ORDER = ["coarse", "epoch", "loss", "odd", "signed"]


def shown(page: Page, metric: str) -> None:
    expect(page.locator(".rs-full").get_by_role("heading", name=metric)).to_be_visible()
    assert asked(page, "full") == [metric]


def test_a_button_fills_the_page_and_arrows_go_round(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    chart(page, "signed").get_by_role("button", name="Full screen").click()
    shown(page, "signed")
    box = chart(page, "signed").bounding_box()
    assert box is not None
    assert box["width"] * box["height"] > 0.5 * 1500 * 900
    page.keyboard.press("ArrowRight")
    shown(page, "coarse")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    shown(page, "odd")
    page.get_by_role("button", name="The next chart").click()
    shown(page, "signed")
    page.keyboard.press("Escape")
    expect(page.locator("[data-metric]")).to_have_count(len(ORDER))


def test_the_runs_are_named_beside_their_lines(visit: Visit, charted: Charted) -> None:
    page = visit(f"{charts.VIEW}&full=loss", charted.ws)
    expect(page.locator(".rs-legend li")).to_have_text(["run c", "run b", "run a"])


def test_the_wheel_zooms_at_once_where_nothing_scrolls(visit: Visit, charted: Charted) -> None:
    page = visit(f"{charts.VIEW}&full=loss", charted.ws)
    charts.at(page, chart(page, "loss"), 0.5)
    page.mouse.wheel(0, -200)
    expect(page.get_by_role("button", name="Reset the zoom")).to_be_visible()


def test_a_runs_own_charts_fill_the_page_by_a_key(visit: Visit, charted: Charted) -> None:
    page = visit(f"#/run/{charted.ids['run a']}?my.tab=metrics", charted.ws)
    chart(page, "loss")
    page.locator("[data-metric='loss']").hover()
    page.keyboard.press("f")
    shown(page, "loss")
    page.keyboard.press("ArrowRight")
    shown(page, "odd")
    page.get_by_role("button", name="All charts").click()
    chart(page, "loss")
