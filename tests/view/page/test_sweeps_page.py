"""Sweeps: their trials, the best of them, and how params and the metric go together."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import runstore
from tests.view.page.conftest import Visit
from tests.view.page.scenes import Everything


@pytest.fixture
def sweeps(visit: Visit, everything: Everything) -> Page:
    page = visit("#/sweeps", everything.ws)
    expect(page.get_by_role("heading", name="tune lr")).to_be_visible()
    return page


def losses(everything: Everything) -> list[tuple[str, float]]:
    return everything.ws.sql(
        "SELECT run_id, min FROM metric_summary JOIN runs USING (run_id) WHERE metric_summary.name = 'loss' "
        "AND parent_id = ? ORDER BY min", [everything.ids["sweep"]],
    ).fetchall()  # fmt: skip


def test_trials_are_ranked_by_the_metric_and_the_best_is_named(sweeps: Page, everything: Everything) -> None:
    ranked = losses(everything)
    rows = sweeps.locator(".rp-table tbody tr")
    expect(rows).to_have_count(12)
    numbers = [run.rpartition("_")[2] for run, _ in ranked]
    assert [text.rpartition(" ")[2] for text in rows.get_by_role("rowheader").all_inner_texts()] == numbers
    expect(sweeps.locator(".swp-best dd")).to_have_text(f"{ranked[0][1]:.6g}")
    expect(rows.filter(has_text="stopped early")).to_have_count(1)


def test_a_stretch_of_an_axis_picks_trials_of_the_table(sweeps: Page) -> None:
    axis = sweeps.locator(".swp-grip").first
    axis.scroll_into_view_if_needed()
    box = axis.bounding_box()
    assert box is not None
    sweeps.mouse.move(box["x"] + box["width"] / 2, box["y"])
    sweeps.mouse.down()
    sweeps.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
    sweeps.mouse.up()
    expect(sweeps.get_by_text("trials of 12 picked")).to_be_visible()
    rows = sweeps.locator(".rp-table tbody tr")
    expect(rows).to_have_count(6)
    assert all(float(text) > 0.45 for text in rows.locator("td:nth-child(5)").all_inner_texts())
    sweeps.get_by_role("button", name="Pick all").press("Enter")
    expect(rows).to_have_count(12)


def test_what_goes_with_the_metric_is_told(sweeps: Page) -> None:
    rows = sweeps.locator(".swp-corr tbody tr")
    assert {*rows.get_by_role("rowheader").all_inner_texts()} == {"lr", "width"}
    expect(sweeps.get_by_role("img", name="The best value so far, trial by trial")).to_be_visible()


def test_a_trial_leads_to_its_run(sweeps: Page, everything: Everything) -> None:
    best, _ = losses(everything)[0]
    sweeps.locator(".rp-table tbody tr").first.get_by_role("link").click()
    expect(sweeps.get_by_text(best).first).to_be_visible()


def test_without_sweeps_it_says_how_one_is_begun(visit: Visit, empty: runstore.Workspace) -> None:
    page = visit("#/sweeps", empty)
    expect(page.get_by_text("runstore submit --sweep")).to_be_visible()
