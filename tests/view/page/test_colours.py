"""A run has one colour, wherever it is drawn and however the runs are sorted; it is changed by group and by hand."""

from __future__ import annotations

from playwright.sync_api import Page, expect

import runstore
from tests.view.page.conftest import Visit, asked
from tests.view.page.table import eyes, filtered, groups, heading, in_table, names, rows


def strokes(page: Page) -> dict[str, str]:
    """The colour that each drawn run has in the table."""
    lines = page.locator("[data-run]:has(.rs-eye[aria-pressed=true])")
    told = lines.evaluate_all(
        "(lines) => lines.map((one) => [one.querySelector('a').textContent, "
        "one.querySelector('.rs-swatch line').getAttribute('stroke')])"
    )
    return dict(told)


def test_a_run_keeps_its_colour_sorted_filtered_and_by_itself(runs: Page) -> None:
    before = strokes(runs)
    heading(runs, "seed").locator(".rs-heading-sort").click()
    expect(runs.locator("[aria-sort=descending]")).to_have_count(1)
    filtered(runs, "seed < 9")
    expect(rows(runs)).to_have_count(9)
    after = strokes(runs)
    shared = before.keys() & after.keys()
    assert len(shared) > 3
    assert {name: before[name] for name in shared} == {name: after[name] for name in shared}


def test_the_legend_has_the_colours_of_the_table(runs: Page) -> None:
    in_table_too = strokes(runs)
    runs.locator("[data-metric='accuracy']").hover()
    runs.keyboard.press("f")
    legend = runs.locator(".rs-legend li")
    expect(legend).to_have_count(10)
    told = legend.evaluate_all(
        "(all) => all.map((one) => [one.textContent.trim(), one.querySelector('line').getAttribute('stroke')])"
    )
    assert dict(told) == in_table_too


def test_the_chosen_runs_are_painted_by_hand_and_as_before(runs: Page) -> None:
    before = strokes(runs)
    in_table(runs, "x", "j", "x")
    first, second = names(runs)[:2]
    runs.get_by_role("button", name="Colour").click()
    runs.get_by_role("button", name="purple", exact=True).click()
    after = strokes(runs)
    assert after[first] == after[second] != before[first]
    assert len(asked(runs, "colour")) == 2
    runs.get_by_role("dialog", name="Colour").get_by_role("button", name="As at first").click()
    assert strokes(runs) == before


def test_groups_have_a_colour_each_and_their_seeds_have_theirs(visit: Visit, rich: runstore.Workspace) -> None:
    page = visit("#/runs?experiment=seeds&group=params.model", rich)
    expect(groups(page)).to_have_count(3)
    stroke = "(all) => all.map((one) => one.querySelector('line').getAttribute('stroke'))"
    colours = page.locator(".rs-grid-group .rs-eye").evaluate_all(stroke)
    assert len({*colours}) == 3
    groups(page).first.get_by_role("button", name="Open").click()
    page.locator("[data-metric='loss']").hover()
    page.keyboard.press("f")
    legend = page.locator(".rs-legend li")
    expect(legend).to_have_count(3 + 4)
    of_seeds = legend.filter(has_text="cnn-").evaluate_all(stroke)
    assert {*of_seeds} == {colours[0]}


def test_a_hidden_run_has_no_colour(runs: Page) -> None:
    expect(eyes(runs).last.locator("line")).to_have_count(0)
