"""How the page opens: what it asks for first, and when its first chart is there."""

from __future__ import annotations

import json
import re
from collections import Counter

from playwright.sync_api import expect

import runstore
from tests.view.page.conftest import Visit

MARK = "runstore: first chart"
ALL = "() => performance.getEntriesByType('resource').map((one) => [one.name, one.startTime])"
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


def test_the_first_curves_are_asked_for_while_the_page_is_loaded_and_asked_for_once(visit: Visit) -> None:
    sent: list[str] = []
    visit.context.on("request", lambda one: sent.append(one.post_data or "") if one.url.endswith("/curves") else None)
    page = visit("#/runs?experiment=mnist&sort=-params.seed")
    expect(page.locator("canvas.rs-chart-curves")).to_have_count(3)
    asked = Counter(metric for body in sent for metric in re.findall('"metric":"([^"]+)"', body))
    assert [one["metric"] for one in json.loads(sent[0])["requests"]] == ["accuracy", "train/loss"]
    assert asked == {"val/loss": 1, "accuracy": 1, "train/loss": 1}
    metrics = [name for name, _ in page.evaluate(ALL) if "/api/metrics" in name]
    assert len(metrics) == 1


def test_what_else_the_page_shows_is_asked_for_after_the_first_chart(visit: Visit) -> None:
    page = visit("#/runs?experiment=mnist")
    expect(page.locator(".rs-heading", has_text="val/loss")).to_be_visible()
    (mark,) = page.evaluate("name => performance.getEntriesByName(name).map(one => one.startTime)", MARK)
    later = {name.partition("?")[0].rpartition("/")[2]: at for name, at in page.evaluate(ALL)}
    first = min(later["workspace"], later["columns"])
    assert first >= min(mark, 1000)  # a chart that takes longer than a second keeps nothing else from being there


def test_without_a_curve_nothing_waits_for_one(visit: Visit, empty: runstore.Workspace) -> None:
    with empty.experiment("e").start_logging(params={"lr": 0.5}):
        pass
    page = visit("#/runs", empty)
    expect(page.locator(".rs-heading", has_text="Started")).to_be_visible()
    expect(page.get_by_text("The drawn runs have logged no curves yet")).to_be_visible()


def test_a_grouped_view_and_a_run_that_is_gone_open_as_well(visit: Visit) -> None:
    page = visit("#/runs?experiment=mnist&group=params.seed")
    expect(page.locator("canvas.rs-chart-curves").first).to_be_visible()
    page = visit("#/runs?experiment=mnist&solo=nobody")
    expect(page.get_by_text("No runs are drawn")).to_be_visible()
