"""A view is kept under a name, with everything that makes it."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.view.page import charts
from tests.view.page.charts import Charted, chart
from tests.view.page.conftest import Visit

OPEN = "Views, and these runs elsewhere"
OTHER = '&look={"smoothing":0.9,"x":"epoch"}&looks={"name":"loss","logY":true}&chart=odd&zoom=2:12:epoch&drawn=5'


def state(page: Page) -> str:
    return page.url.partition("#")[2]


def test_a_view_comes_back_whole_another_day_and_can_be_forgotten(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW + OTHER, charted.ws)
    chart(page, "loss")
    page.keyboard.press("i")  # what is drawn changes, so the address is the page's own
    before = state(page)
    page.get_by_role("button", name=OPEN).click()
    page.get_by_label("A name for this view").fill("by epoch")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved as by epoch")).to_be_visible()
    again = visit(charts.VIEW, charted.ws)
    chart(again, "loss")
    again.get_by_role("button", name=OPEN).click()
    again.get_by_role("button", name="by epoch", exact=True).click()
    expect(again.get_by_role("heading", name="Pinned")).to_be_visible()
    assert state(again) == before
    again.keyboard.press("Control+z")
    expect(again.get_by_role("heading", name="Pinned")).to_have_count(0)


def test_a_forgotten_view_can_be_had_back(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    chart(page, "loss")
    page.get_by_role("button", name=OPEN).click()
    page.get_by_label("A name for this view").fill("plain")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Forget plain").click()
    expect(page.get_by_role("button", name="plain", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Undo").last.click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=OPEN).click()
    expect(page.get_by_role("button", name="plain", exact=True)).to_be_visible()


def test_a_view_waits_until_it_is_known_whose_it_is(visit: Visit, charted: Charted) -> None:
    held: list[Route] = []
    visit.context.route("**/api/workspace", lambda route: held.append(route))
    page = visit(charts.VIEW, charted.ws)
    chart(page, "loss")
    page.get_by_role("button", name=OPEN).click()
    name = page.get_by_label("A name for this view")
    expect(name).to_be_disabled()
    visit.context.unroute("**/api/workspace")  # and what was held goes on
    name.fill("late")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="late", exact=True)).to_be_visible()
    again = visit(charts.VIEW, charted.ws)
    again.get_by_role("button", name=OPEN).click()
    expect(again.get_by_role("button", name="late", exact=True)).to_be_visible()
