"""Runs beside each other: what was changed between them, and what came of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.view.page.conftest import Visit, asked
from tests.view.page.scenes import PARTS_AT, Everything


@pytest.fixture
def compared(visit: Visit, everything: Everything) -> Page:
    """Three runs that differ in their params, code and curves."""
    ids = everything.ids
    page = visit(f"#/compare/{ids['slow']},{ids['quick']},{ids['wild']}", everything.ws)
    expect(page.get_by_role("tab", name="Params")).to_be_visible()
    return page


def lines(page: Page) -> list[str]:
    return page.locator("tbody tr th").all_inner_texts()


def row(page: Page, name: str) -> Locator:
    return page.locator("tbody tr").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def test_changed_params_come_first_below_what_they_share(compared: Page) -> None:
    expect(compared.locator("tbody tr")).to_have_count(5)
    assert lines(compared) == ["data", "augment", "seed", "optimizer", "lr"]
    expect(row(compared, "lr").locator("td")).to_have_text(["0.001", "0.1", "0.5"])
    expect(row(compared, "lr").locator(".cmp-other")).to_have_count(2)
    expect(row(compared, "seed").locator(".cmp-other")).to_have_count(1)
    compared.get_by_role("button", name="All (6)").click()
    assert lines(compared) == ["data", "augment", "seed", "optimizer", "lr", "batch", "optimizer", "betas", "name"]


def test_metrics_are_told_as_differences_to_a_baseline_that_one_chooses(compared: Page, everything: Everything) -> None:
    ws, ids = everything.ws, everything.ids
    last = dict(ws.sql("SELECT run_id, last FROM metric_summary WHERE name = 'train/loss'").fetchall())
    compared.get_by_role("tab", name="Metrics").click()
    away = last[ids["quick"]] - last[ids["slow"]]
    expect(row(compared, "train/loss").locator(".cmp-delta").first).to_have_text(f"−{abs(away):.4g}")
    compared.get_by_role("group", name="Baseline").get_by_role("button", name="quick").click()
    expect(row(compared, "train/loss").locator(".cmp-delta").first).to_have_text(f"+{abs(away):.4g}")
    assert asked(compared, "my.baseline") == [ids["quick"]]
    compared.get_by_role("button", name="In percent").click()
    percent = -100 * away / last[ids["quick"]]
    expect(row(compared, "train/loss").locator(".cmp-delta").first).to_contain_text(f"{percent:.3g} %")


def test_the_step_from_which_curves_part_is_named(compared: Page) -> None:
    expect(compared.get_by_text(f"train/loss at {PARTS_AT}").first).to_be_visible()
    compared.get_by_role("tab", name="First divergence").press("Enter")
    first = row(compared, "train/loss").first.locator("td")
    expect(first.first).to_have_text(str(PARTS_AT))
    expect(first.last).to_have_text(f"{40 - PARTS_AT} of 40")


def test_code_is_compared_line_by_line(compared: Page) -> None:
    compared.get_by_role("tab", name="Params").focus()
    compared.keyboard.press("ArrowRight")
    compared.keyboard.press("ArrowRight")
    expect(compared.get_by_role("tab", name="Code")).to_have_attribute("aria-selected", "true")
    expect(compared.locator(".cmp-removed").first).to_contain_text("LR = 0.001")
    expect(compared.locator(".cmp-added").first).to_contain_text("LR = 0.1")
    expect(compared.locator(".cmp-file")).to_have_count(2)


def test_where_runs_came_from_is_compared(compared: Page) -> None:
    compared.get_by_role("tab", name="Environment").click()
    compared.get_by_role("button", name="All (").click()
    expect(row(compared, "host").locator("td")).to_have_count(3)


def test_a_run_is_added_by_its_name_and_left_out_again(compared: Page, everything: Everything) -> None:
    compared.get_by_label("Add a run by name").fill("whol")
    compared.keyboard.press("Enter")
    expect(compared.get_by_role("columnheader", name="whole")).to_be_visible()
    assert everything.ids["whole"] in compared.url
    compared.get_by_role("button", name=f"Leave out {everything.ids['wild']}").click()
    expect(compared.get_by_role("columnheader", name="wild")).to_have_count(0)


def test_two_runs_are_needed(visit: Visit, everything: Everything) -> None:
    page = visit(f"#/compare/{everything.ids['slow']}", everything.ws)
    expect(page.get_by_text("One more run to compare it with")).to_be_visible()
