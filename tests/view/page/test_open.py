"""The page is opened: what is there without being asked for, and where nothing is, what can be done."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import runstore
from runstore.runs import seal
from tests.view.page.conftest import NARROW, Visit
from tests.view.page.stores import RUNS, log
from tests.view.page.table import rows


def test_the_newest_runs_and_every_curve_are_there_without_being_asked_for(runs: Page) -> None:
    expect(rows(runs)).to_have_count(RUNS)
    for metric in ("accuracy", "train/loss", "val/loss"):
        expect(runs.locator(f"[data-metric='{metric}']")).to_be_visible()
        expect(runs.locator(".rs-heading", has_text=metric)).to_be_visible()
    expect(runs.get_by_text("10 drawn")).to_be_visible()


def test_the_columns_are_first_those_that_the_newest_runs_have(visit: Visit, empty: runstore.Workspace) -> None:
    old = empty.experiment("old").start_logging()
    for number in range(8):
        old.log(f"old-loss-{number}", number)
    old.complete()
    for number in range(10):
        log(empty, number)
    page = visit("#/runs", empty)
    expect(page.locator(".rs-heading", has_text="val/loss")).to_be_visible()
    assert not [one for one in page.locator(".rs-heading").all_text_contents() if one.startswith("old")]


def test_the_first_page_leads_to_an_experiment_and_to_a_run(visit: Visit) -> None:
    page = visit("")
    expect(page.get_by_role("link", name="15 runs")).to_be_visible()
    page.get_by_role("link", name="mnist 14 runs").click()
    expect(page.get_by_role("heading", name="mnist")).to_be_visible()
    expect(rows(page)).to_have_count(RUNS)
    page.go_back()
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("tab", name="Overview")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_a_workspace_without_runs_says_how_one_is_logged(visit: Visit, empty: runstore.Workspace, dark: bool) -> None:
    page = visit("#/runs", empty, dark=dark)
    expect(page.get_by_text("No runs yet")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    code = page.evaluate("navigator.clipboard.readText()")
    assert str(empty.path) in code
    exec(compile(code, "pasted", "exec"), {})  # the lines work as they stand
    expect(rows(page)).to_have_count(1)


def test_an_experiment_without_runs_waits_for_its_first(visit: Visit, store: runstore.Workspace) -> None:
    page = visit("#/runs?experiment=live")
    expect(page.get_by_text("0 runs")).to_be_visible()
    log(store, 1, experiment="live")
    expect(rows(page)).to_have_count(1)


@pytest.mark.filterwarnings("ignore:run ")  # the server says so too
def test_what_can_not_be_read_is_named_and_the_rest_is_shown(
    visit: Visit, empty: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)  # the journal stays what is read
    log(empty, 0)
    journal = log(empty, 1).path / "a1.jsonl"
    journal.write_bytes(b"\xff" * 40 + journal.read_bytes()[40:])
    page = visit("", empty)
    page.get_by_text("2 things could not be read.").click()
    expect(page.get_by_text("a1.jsonl: the header line is damaged")).to_be_visible()
    expect(page.get_by_role("link", name="2 runs", exact=True)).to_be_visible()


def test_a_narrow_page_has_its_table_above_its_charts(visit: Visit) -> None:
    page = visit("#/runs?experiment=mnist", size=NARROW)
    expect(rows(page).first).to_be_visible()
    page.locator("[data-metric='val/loss']").scroll_into_view_if_needed()
    expect(page.locator("[data-metric='val/loss'] canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]


def test_names_are_texts_whatever_is_in_them(visit: Visit, rich: runstore.Workspace) -> None:
    page = visit("#/runs", rich)
    expect(page.get_by_role("link", name="<img src=x onerror")).to_be_visible()
    expect(page.locator("[data-metric]").first).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Search columns").fill("img")
    expect(page.get_by_role("checkbox", name="<img src=x").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("<img")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option", name="<img src=x").first).to_be_visible()
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0
