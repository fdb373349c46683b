"""The page of a run, part by part, as the Azure studio has it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import runstore
from tests.view.page.conftest import NARROW, Visit, asked
from tests.view.page.scenes import Everything

TABS = ("Overview", "Metrics", "Images", "Child runs", "Files", "Logs", "Snapshot", "System", "Problems")


@pytest.fixture
def whole(visit: Visit, everything: Everything) -> Page:
    page = visit(f"#/run/{everything.ids['whole']}", everything.ws)
    expect(page.get_by_role("heading", name="whole")).to_be_visible()
    return page


def fact(page: Page, name: str) -> str:
    return (
        page.locator(".rp-fact")
        .filter(has=page.get_by_text(name, exact=True))
        .locator("dd")
        .inner_text()
        .splitlines()[0]
    )


def test_the_overview_says_what_the_run_is_and_was_given(whole: Page, everything: Everything) -> None:
    ((started, loss),) = everything.ws.sql(
        "SELECT started, last.loss FROM runs WHERE run_id = ?", [everything.ids["whole"]]
    ).fetchall()
    assert fact(whole, "Status").strip().endswith("Completed")
    assert f"{started:%M:%S}" in fact(whole, "Started")
    assert fact(whole, "optimizer.lr") == "0.05"
    assert fact(whole, "loss") == f"{loss:.6g}"
    assert fact(whole, "verdict") == "passed"
    expect(whole.get_by_role("link", name="https://example.org/paper")).to_be_visible()
    expect(whole.get_by_text("looks good at step 200")).to_be_visible()


def test_keys_walk_through_the_parts_and_the_address_keeps_the_one_that_is_shown(whole: Page) -> None:
    whole.get_by_role("tab", name="Overview").focus()
    for name in TABS[1:]:
        whole.keyboard.press("ArrowRight")
        expect(whole.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    assert asked(whole, "my.tab") == ["problems"]
    whole.keyboard.press("Home")
    expect(whole.get_by_role("tab", name="Overview")).to_be_focused()


def test_every_kind_of_metric_has_its_picture(whole: Page) -> None:
    whole.get_by_role("tab", name="Metrics").click()
    expect(whole.locator(".rp-tile", has_text="verdict")).to_contain_text("passed")
    expect(whole.get_by_role("img", name="loss, 1 run")).to_be_visible()
    expect(whole.get_by_role("img", name="accuracy table: ROC")).to_be_visible()
    whole.get_by_role("button", name="Precision and recall").click()
    expect(whole.get_by_role("img", name="accuracy table: precision and recall")).to_be_visible()
    for name in ("regression: predicted against true", "residuals: 64 bins", "weights: 64 bins"):
        whole.get_by_role("heading", name=name.partition(":")[0], exact=True).scroll_into_view_if_needed()
        expect(whole.get_by_role("img", name=name)).to_be_visible()
    whole.get_by_role("searchbox", name="metrics").fill("val/")
    expect(whole.locator(".rs-chart")).to_have_count(1)


def test_the_machine_is_drawn_over_time(whole: Page) -> None:
    whole.get_by_role("tab", name="System").click()
    for name in ("cpu.percent", "memory.used_bytes"):
        expect(whole.get_by_role("img", name=f"{name}, 1 run")).to_be_visible()


def test_the_code_of_the_run_is_there(whole: Page) -> None:
    whole.get_by_role("tab", name="Snapshot").click()
    whole.get_by_role("treeitem", name="train.py").click()
    expect(whole.locator(".rp-lines")).to_contain_text("LR = 0.05")


def test_warnings_are_listed_and_found(whole: Page) -> None:
    whole.get_by_role("tab", name="Problems").click()
    expect(whole.locator(".rp-problem")).to_contain_text("the learning rate is high")
    whole.get_by_label("Find", exact=True).fill("nothing like it")
    expect(whole.get_by_text("None has that in it.")).to_be_visible()


def test_children_stand_with_what_they_differ_in(visit: Visit, everything: Everything) -> None:
    page = visit(f"#/run/{everything.ids['parent']}?my.tab=children", everything.ws)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="fold 1")).to_contain_text("0.2")
    page.get_by_role("link", name="fold 1").click()
    page.get_by_role("link", name="parent run").click()
    expect(page.get_by_role("heading", name="folds")).to_be_visible()


def test_a_failed_run_says_why_with_its_traceback(visit: Visit, everything: Everything) -> None:
    page = visit(f"#/run/{everything.ids['failed']}", everything.ws)
    why = page.locator(".rp-failure")
    expect(why).to_contain_text("MemoryError: no memory for a batch of 4096")
    expect(why).to_contain_text("in _fit")
    assert fact(page, "loss") == "NaN"


def test_a_run_that_goes_on_shows_what_it_logs_and_that_it_ended(visit: Visit, empty: runstore.Workspace) -> None:
    run = runstore.start_run("live", workspace=empty)
    run.log("loss", 1.0, step=0)
    page = visit(f"#/run/{run.id}", empty)
    expect(page.get_by_text("last sign of life").first).to_be_visible()
    run.log("loss", 0.25, step=1)
    run.flush()
    expect(page.locator(".rp-fact", has_text="loss")).to_contain_text("0.25")
    run.complete()
    expect(page.locator(".rp-title")).to_contain_text("Completed")


@pytest.mark.parametrize("tab", ["overview", "metrics", "images", "files", "logs", "snapshot", "system", "problems"])
def test_no_part_is_wider_than_a_narrow_window(visit: Visit, everything: Everything, tab: str) -> None:
    page = visit(f"#/run/{everything.ids['whole']}?my.tab={tab}", everything.ws, dark=True, size=NARROW)
    expect(page.get_by_role("tab", selected=True)).to_be_visible()
    expect(page.get_by_role("heading", name="whole")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
