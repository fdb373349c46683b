"""The page of the runs: what a person does with its table and its charts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

import runstore
from tests.view.page.conftest import Visit, asked
from tests.view.page.stores import RUNS, log


@pytest.fixture
def runs(visit: Visit) -> Page:
    """The runs of one experiment, their table and charts drawn."""
    page = visit("#/runs?experiment=mnist")
    expect(rows(page).first).to_be_visible()
    expect(page.locator(".rs-chart canvas").first).to_be_visible()
    return page


def rows(page: Page) -> Locator:
    return page.locator("[data-run]")


def eyes(page: Page) -> Locator:
    return page.locator("[data-run] .rs-eye")


def in_table(page: Page, *keys: str) -> None:
    page.keyboard.press("g")
    for key in keys:
        page.keyboard.press(key)


def test_the_newest_runs_and_every_curve_are_there_without_being_asked_for(runs: Page) -> None:
    expect(rows(runs)).to_have_count(RUNS)
    for metric in ("accuracy", "train/loss", "val/loss"):
        expect(runs.locator(f"[data-metric='{metric}']")).to_be_visible()
    expect(runs.get_by_text("10 drawn")).to_be_visible()


def test_an_eye_hides_a_run_and_undo_shows_it_again(runs: Page) -> None:
    eyes(runs).nth(2).click()
    expect(eyes(runs).nth(2)).to_have_attribute("aria-pressed", "false")
    runs.keyboard.press("Control+z")
    expect(eyes(runs).nth(2)).to_have_attribute("aria-pressed", "true")


def test_a_double_click_draws_one_run_alone_and_once_more_all_as_before(runs: Page) -> None:
    eyes(runs).nth(1).dblclick()
    expect(runs.get_by_text("1 drawn", exact=True)).to_be_visible()
    eyes(runs).nth(1).dblclick()
    expect(runs.get_by_text("10 drawn")).to_be_visible()


def test_keys_choose_a_range_hide_and_draw_alone(runs: Page) -> None:
    in_table(runs, "j", "x", "Shift+ArrowDown", "Shift+ArrowDown")
    expect(runs.get_by_text("3 chosen")).to_be_visible()
    runs.keyboard.press("o")
    expect(runs.get_by_text("3 drawn")).to_be_visible()
    runs.keyboard.press("Escape")
    in_table(runs, "s")
    expect(runs.get_by_text("1 drawn", exact=True)).to_be_visible()


def test_a_shift_click_chooses_all_from_the_last_one_on(runs: Page) -> None:
    boxes = runs.locator("[data-run] input[type=checkbox]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(runs.get_by_text("4 chosen")).to_be_visible()


def test_inverted_the_others_are_drawn(runs: Page) -> None:
    runs.keyboard.press("i")
    expect(runs.get_by_text(f"{RUNS - 10} drawn")).to_be_visible()


def test_a_filter_is_written_with_what_may_come_next(runs: Page) -> None:
    runs.keyboard.press("/")
    runs.keyboard.type("sta")
    expect(runs.get_by_role("option", name="Status")).to_be_visible()
    runs.keyboard.press("Tab")
    runs.keyboard.type("= ")
    expect(runs.get_by_role("option", name="Failed")).to_be_visible()
    runs.keyboard.type("'Failed'")
    runs.keyboard.press("Enter")
    expect(rows(runs)).to_have_count(1)
    assert asked(runs, "where") == ["status = 'Failed'"]


def test_a_filter_that_is_wrong_says_so_and_leaves_the_runs(runs: Page, visit: Visit) -> None:
    visit.expects(r"status of 400")
    runs.get_by_label("Filter runs").fill("nonsense < 3")
    runs.keyboard.press("Enter")
    expect(runs.get_by_role("alert")).to_contain_text("nonsense")
    expect(rows(runs)).to_have_count(RUNS)


def test_a_filter_that_nothing_fits_offers_to_drop_a_clause(runs: Page) -> None:
    runs.get_by_label("Filter runs").fill("lr < 0.05 and seed > 100")
    runs.keyboard.press("Enter")
    runs.get_by_role("button", name="Drop seed > 100").click()
    expect(rows(runs)).to_have_count(RUNS // 2)


def test_facets_are_clicked_instead_of_typed(runs: Page) -> None:
    runs.get_by_role("button", name="Facets").click()
    runs.get_by_role("group", name="lr").get_by_text("0.01", exact=True).click()
    expect(rows(runs)).to_have_count(RUNS // 2)


def test_headings_sort_by_several_columns(runs: Page) -> None:
    heading = runs.get_by_role("columnheader", name="params.lr").or_(runs.get_by_role("columnheader", name="lr"))
    heading.first.locator(".rs-heading-sort").click()
    runs.locator(".rs-heading-sort", has_text="seed").click(modifiers=["Shift"])
    expect(runs.locator("[aria-sort=descending]")).to_have_count(2)
    assert asked(runs, "sort") == ["-params.lr", "-params.seed"]


def test_groups_are_opened_to_their_runs_and_drawn_with_a_band(runs: Page) -> None:
    runs.get_by_role("button", name="Group").click()
    runs.get_by_role("dialog", name="Group").get_by_text("lr", exact=True).click()
    runs.keyboard.press("Escape")
    groups = runs.locator(".rs-grid-group")
    expect(groups).to_have_count(2)
    groups.first.get_by_role("button", name="Open").click()
    expect(rows(runs)).to_have_count(RUNS // 2)
    expect(runs.get_by_text("2 drawn")).to_be_visible()


def test_only_what_differs_leaves_out_what_is_the_same(runs: Page) -> None:
    table = runs.get_by_role("grid")
    before = int(table.get_attribute("aria-colcount") or 0)
    runs.get_by_role("button", name="Columns").click()
    runs.get_by_role("dialog", name="Columns").get_by_role("checkbox", name="epochs").click()
    runs.keyboard.press("Escape")
    expect(table).to_have_attribute("aria-colcount", str(before + 1))
    runs.get_by_role("button", name="Differing").click()
    expect(table).to_have_attribute("aria-colcount", str(before))


def test_metrics_are_searched_by_a_pattern_and_sections_fold(runs: Page) -> None:
    runs.get_by_label("Search metrics").fill("^val/")
    expect(runs.locator("[data-metric]")).to_have_count(1)
    runs.get_by_role("button", name="val 1").click()
    expect(runs.locator("[data-metric]")).to_have_count(0)


def test_a_chart_fills_the_page_and_arrows_lead_to_the_next(runs: Page) -> None:
    runs.locator("[data-metric='accuracy']").hover()
    runs.keyboard.press("f")
    expect(runs.get_by_text("1 of 3")).to_be_visible()
    runs.keyboard.press("ArrowRight")
    expect(runs.get_by_role("heading", name="train/loss")).to_be_visible()
    runs.keyboard.press("Escape")
    expect(runs.locator("[data-metric]")).to_have_count(3)


def test_the_address_holds_the_whole_view(runs: Page, visit: Visit) -> None:
    in_table(runs, "h", "j", "x")
    runs.get_by_label("Smoothing").fill("70")
    again = visit(runs.url.partition("/")[2].partition("#")[1] + runs.url.partition("#")[2])
    expect(again.get_by_text("1 chosen")).to_be_visible()
    expect(again.get_by_text("9 drawn")).to_be_visible()
    expect(again.get_by_label("Smoothing")).to_have_value("70")


def test_the_palette_finds_an_experiment(runs: Page) -> None:
    runs.keyboard.press("Control+k")
    runs.keyboard.type("othe")
    expect(runs.get_by_role("option", name="other")).to_be_visible()
    runs.keyboard.press("Enter")
    expect(runs.get_by_role("heading", name="other")).to_be_visible()


def test_a_view_is_kept_under_a_name(runs: Page) -> None:
    runs.keyboard.press("i")
    runs.get_by_role("button", name="Views, and these runs elsewhere").click()
    runs.get_by_label("A name for this view").fill("others")
    runs.keyboard.press("Enter")
    runs.keyboard.press("Escape")
    runs.keyboard.press("Escape")
    expect(runs.get_by_text("10 drawn")).to_be_visible()
    runs.get_by_role("button", name="Views, and these runs elsewhere").click()
    runs.get_by_role("button", name="others", exact=True).click()
    expect(runs.get_by_text(f"{RUNS - 10} drawn")).to_be_visible()


def test_a_run_that_begins_appears_by_itself(visit: Visit, store: runstore.Workspace) -> None:
    page = visit("#/runs?experiment=live")
    expect(page.get_by_text("0 runs")).to_be_visible()
    log(store, 1, experiment="live")
    expect(rows(page)).to_have_count(1)
