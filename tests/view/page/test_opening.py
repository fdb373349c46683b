"""How the page opens: what it asks for first, and when its first chart is there."""

from __future__ import annotations

from collections import Counter

from playwright.sync_api import expect

from tests.view.page.conftest import Visit

MARK = "runstore: first chart"
ASKED = "() => performance.getEntriesByType('resource').map((one) => one.name).filter((name) => /runs[?]/.test(name))"


def test_the_first_runs_are_asked_for_once_whoever_waits_for_them(visit: Visit) -> None:
    page = visit("#/runs?experiment=mnist&where=params.seed+%3E+3&sort=-params.seed")
    expect(page.locator("[data-run]").first).to_be_visible()
    expect(page.locator(".rs-chart canvas").first).to_be_visible()
    many = Counter(name.partition("?")[2] for name in page.evaluate(ASKED))
    assert set(many.values()) == {1}
    assert "where=params.seed+%3E+3" in next(iter(many))


def test_the_page_marks_once_when_its_first_chart_is_painted(visit: Visit) -> None:
    page = visit("#/runs?experiment=mnist")
    expect(page.locator("canvas.rs-chart-curves")).to_have_count(3)
    page.locator(".rs-plot").first.hover()
    marks = page.evaluate("name => performance.getEntriesByName(name).map(one => one.startTime)", MARK)
    assert len(marks) == 1
    painted = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert marks[0] > painted
