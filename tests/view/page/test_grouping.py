"""Runs are grouped by what they have in common, summed up, drawn with a band, and opened to their seeds."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import runstore
from tests.view.page.conftest import Visit, asked
from tests.view.page.table import groups, heading, in_table, menu, rows


@pytest.fixture
def seeds(visit: Visit, rich: runstore.Workspace) -> Page:
    """Twelve runs in three groups."""
    page = visit("#/runs?experiment=seeds&group=params.model&split=60", rich)
    expect(groups(page)).to_have_count(3)
    expect(page.locator(".rs-chart canvas").first).to_be_visible()
    return page


def test_a_click_groups_and_a_group_opens_to_its_seeds(visit: Visit, rich: runstore.Workspace) -> None:
    page = visit("#/runs?experiment=seeds", rich)
    expect(rows(page)).to_have_count(12)
    menu(page, "Group").get_by_text("model", exact=True).click()
    page.keyboard.press("Escape")
    expect(groups(page)).to_have_count(3)
    expect(page.get_by_text("3 drawn")).to_be_visible()
    groups(page).first.get_by_role("button", name="Open").click()
    expect(rows(page)).to_have_count(4)


def test_a_group_says_its_mean_its_spread_and_what_all_have(seeds: Page) -> None:
    first = groups(seeds).first
    expect(first).to_contain_text("cnn")
    expect(first).to_contain_text("0.2243")
    expect(first).to_contain_text("±0.13")
    expect(first).to_contain_text("Completed")
    expect(first.get_by_title("mean 0.22427, standard deviation 0.1291")).to_be_visible()
    menu(seeds, "Group").get_by_label("In the table").select_option("min")
    expect(first).to_contain_text("0.074274")
    assert asked(seeds, "figure") == ["min"]


def test_groups_are_sorted_by_their_figures(seeds: Page) -> None:
    heading(seeds, "loss").locator(".rs-heading-sort").click()
    expect(groups(seeds).first).to_contain_text("transformer")
    heading(seeds, "loss").locator(".rs-heading-sort").click()
    expect(groups(seeds).first).to_contain_text("cnn")


def test_the_band_is_of_the_deviation_of_all_or_of_quartiles(seeds: Page) -> None:
    canvas = seeds.locator("[data-metric='loss'] canvas").last
    seen = {canvas.screenshot()}
    for band in ("minmax", "quantile"):
        with seeds.expect_response(lambda answer: "curves" in answer.url):
            menu(seeds, "Group").get_by_label("Band").select_option(band)
        seeds.keyboard.press("Escape")
        expect(seeds.locator("[data-metric='loss'] .rs-stale")).to_have_count(0)
        assert asked(seeds, "band") == [band]
        seen.add(canvas.screenshot())
    assert len(seen) == 3


def test_runs_are_grouped_by_several_columns(seeds: Page) -> None:
    menu(seeds, "Group").get_by_text("seed", exact=True).click()
    seeds.keyboard.press("Escape")
    groups(seeds).first.get_by_role("button", name="Open").click()
    expect(groups(seeds)).to_have_count(3 + 4)
    expect(seeds.locator(".rs-grid-group[aria-level='2']")).to_have_count(4)
    seeds.locator(".rs-grid-group[aria-level='2']").first.get_by_role("button", name="Open").click()
    expect(rows(seeds)).to_have_count(1)
    expect(rows(seeds).first).to_contain_text("cnn-0")


def test_keys_open_hide_and_draw_a_group_alone(seeds: Page) -> None:
    in_table(seeds, "Enter")
    expect(rows(seeds)).to_have_count(4)
    in_table(seeds, "Control+Home", "h")
    expect(seeds.get_by_text("2 drawn")).to_be_visible()
    in_table(seeds, "Control+End", "s")
    expect(seeds.get_by_text("1 drawn", exact=True)).to_be_visible()


def test_a_filter_leaves_runs_out_of_their_groups(seeds: Page) -> None:
    seeds.get_by_label("Filter runs").fill("params.seed < 2 and params.model != 'mlp'")
    seeds.keyboard.press("Enter")
    expect(groups(seeds)).to_have_count(2)
    expect(groups(seeds).first.locator(".rs-count")).to_have_text("2")
