"""The address holds the whole view: whoever opens it sees the same; steps are undone and redone."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.view.page import charts
from tests.view.page.charts import Charted, chart
from tests.view.page.conftest import Visit


def changed(page: Page) -> None:
    """A view in which everything about charts is otherwise."""
    loss = chart(page, "loss")
    page.get_by_label("Smoothing").first.fill("60")
    page.get_by_label("Search metrics").fill("loss|odd")
    page.get_by_role("button", name="Pin odd to the top").click()
    charts.drag(page, loss, (0.2, 0.3), (0.6, 0.7))
    charts.focus(chart(page, "loss"))
    page.keyboard.press("l")
    page.locator(".rs-section").first.get_by_role("button", name="View as table").click()
    page.get_by_role("button", name="Metrics").first.focus()


def picture(page: Page) -> list[str]:
    """What a person sees of the charts, as texts."""
    charts.focus(chart(page, "loss"))
    page.keyboard.press("End")
    loss = chart(page, "loss")
    said = [loss.locator(".rs-readout").inner_text(), loss.locator(".rs-notes").inner_text()]
    tables = page.locator(".rs-twin").all_inner_texts()
    metrics = page.locator("[data-metric]").evaluate_all("all => all.map((one) => one.dataset.metric)")
    slider = page.get_by_label("Smoothing").first.input_value()
    return [*said, *tables, *metrics, slider]


def test_who_opens_the_address_sees_the_same(visit: Visit, charted: Charted, browser: Browser) -> None:
    page = visit(charts.VIEW, charted.ws)
    changed(page)
    seen = picture(page)
    other = Visit(browser.new_context(), visit._serve, charted.ws)
    again = other(f"#{page.url.partition('#')[2]}")
    assert picture(again) == seen
    assert again.url.partition("#")[2] == page.url.partition("#")[2]
    other.context.close()


def test_every_step_is_undone_and_done_again(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    changed(page)
    last = page.url
    undo, redo = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Redo")
    steps = 0
    while undo.is_enabled():
        undo.click()
        steps += 1
    assert page.url.partition("#")[2] == charts.VIEW.lstrip("#")
    assert steps >= 5
    expect(page.locator("[data-metric]")).to_have_count(5)
    for _ in range(steps):
        redo.click()
    assert page.url == last


def test_the_browsers_back_leads_to_the_page_before(visit: Visit, charted: Charted) -> None:
    page = visit(f"{charts.VIEW}&zoom=100:200:step", charted.ws)
    chart(page, "loss")
    page.get_by_role("link", name="Workspace").click()
    expect(page.locator(".rs-chart")).to_have_count(0)
    page.go_back()
    expect(chart(page, "loss").get_by_role("button", name="Reset the zoom")).to_be_visible()


def test_an_address_that_was_cut_short_shows_what_it_says(visit: Visit, charted: Charted) -> None:
    page = visit(f'{charts.VIEW}&zoom=9:1:step&looks={{"name":"loss","y":{{"low":3&look={{"smooth', charted.ws)
    chart(page, "loss")
    expect(page.get_by_role("button", name="Reset the zoom")).to_have_count(0)
