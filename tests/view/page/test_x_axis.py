"""The x axis: steps, time, time since the start, or another metric; each says what the store says."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.view.page import charts
from tests.view.page.charts import Charted, chart
from tests.view.page.conftest import Visit, asked

POINTS = 500


def ends(charted: Charted, x: str) -> dict[str, tuple[float, float]]:
    """Of every run the last bucket's x and mean, as the store tells them."""
    found = charted.ws.curves("loss", experiment="curves", x=x, points=POINTS).project("run_id, x, mean")
    last = {run_id: (place, mean) for run_id, place, mean in found.order("x").fetchall()}
    return {name: last[charted.ids[name]] for name in ("run a", "run b", "run c")}


def choose(page: Page, x: str) -> None:
    page.get_by_label("What x is").first.select_option(x)


@pytest.mark.parametrize("x", ["step", "epoch", "relative"])
def test_the_last_value_stands_where_the_store_has_it(visit: Visit, charted: Charted, x: str) -> None:
    page = visit(charts.VIEW, charted.ws)
    chart(page, "loss")
    choose(page, x)
    truth = ends(charted, x)
    name, (place, mean) = max(truth.items(), key=lambda one: one[1][0])
    loss = chart(page, "loss")
    charts.focus(loss)
    page.keyboard.press("End")
    assert charts.readout(loss)[name] == pytest.approx(mean, rel=1e-3)
    said = loss.locator(".rs-readout p").first.inner_text()
    assert charts.number(said) == pytest.approx(place, rel=0.05, abs=0.6)
    assert said.startswith({"step": "step ", "epoch": "epoch ", "relative": f"{charts.number(said):g}"}[x])


def test_time_is_told_as_a_date(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    chart(page, "loss")
    choose(page, "time")
    loss = chart(page, "loss")
    charts.focus(loss)
    page.keyboard.press("End")
    year = charted.ws.runs().project("max(year(started))").fetchall()[0][0]
    expect(loss.locator(".rs-readout p").first).to_contain_text(f"{year}-")
    assert json.loads(asked(page, "look")[0])["x"] == "time"


def test_one_chart_has_another_axis_than_the_others(visit: Visit, charted: Charted) -> None:
    page = visit(charts.VIEW, charted.ws)
    chart(page, "loss")
    page.get_by_role("button", name="How loss is drawn").click()
    page.get_by_role("dialog", name="How loss is drawn").get_by_label("What x is").select_option("epoch")
    page.keyboard.press("Escape")
    for metric, said in (("loss", "epoch 29.9"), ("coarse", "step 2,990")):
        one = chart(page, metric)
        charts.focus(one)
        page.keyboard.press("End")
        expect(one.locator(".rs-readout p").first).to_contain_text(said)


def test_runs_without_the_other_metric_are_said_to_have_no_points_there(visit: Visit, charted: Charted) -> None:
    look = json.dumps({"name": "loss", "x": "nowhere"})
    page = visit(f"{charts.VIEW}&looks={look}", charted.ws)
    expect(page.get_by_text("No points in the runs shown where they logged nowhere too")).to_be_visible()
