"""Logged tables: sorted, left out from, and joined across runs by a key."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.view.page.conftest import Visit, asked
from tests.view.page.scenes import SAMPLES, Everything


@pytest.fixture
def table(visit: Visit, everything: Everything) -> Locator:
    """The card of one table of a run."""
    found = card(visit(f"#/run/{everything.ids['whole']}?my.tab=metrics", everything.ws), "predictions")
    expect(found.get_by_text(f"{SAMPLES} rows")).to_be_visible()
    return found


@pytest.fixture
def joined(visit: Visit, everything: Everything) -> Page:
    ids = everything.ids
    page = visit(f"#/compare/{ids['slow']},{ids['quick']},{ids['wild']}?my.tab=tables", everything.ws)
    expect(page.get_by_text("30 rows")).to_be_visible()
    return page


def card(page: Page, name: str) -> Locator:
    """What is shown of a metric, once it is in sight."""
    found = page.locator(".rp-card", has=page.get_by_role("heading", name=name, exact=True))
    found.scroll_into_view_if_needed()
    return found


def column(table: Locator | Page, number: int) -> list[str]:
    return table.locator(f"tbody tr > :nth-child({number})").all_inner_texts()


def test_a_head_sorts_all_rows_not_only_those_that_are_shown(table: Locator, everything: Everything) -> None:
    table.get_by_role("button", name="score").click()
    expect(table.locator("th[aria-sort=descending]")).to_be_visible()
    best = everything.ws.sql(
        "SELECT data->>'$.id' FROM rows WHERE name = 'predictions' AND run_id = ? "
        "ORDER BY (data->>'$.score')::DOUBLE DESC, row LIMIT 100",
        [everything.ids["whole"]],
    ).fetchall()
    expect(table.locator("tbody tr")).to_have_count(100)
    expect(table.locator("tbody tr > :nth-child(1)")).to_have_text([one for (one,) in best])


def test_what_is_typed_below_a_head_leaves_rows_out(table: Locator, everything: Everything) -> None:
    table.get_by_label("Only score").fill("> 0.9")
    table.get_by_label("Only true").fill("= cat")
    ((many,),) = everything.ws.sql(
        "SELECT count(*) FROM rows WHERE name = 'predictions' AND run_id = ? AND (data->>'$.score')::DOUBLE > 0.9 "
        "AND data->>'$.true' = 'cat'",
        [everything.ids["whole"]],
    ).fetchall()
    expect(table.get_by_text(f"{many} rows")).to_be_visible()
    assert {*column(table, 3)} == {"cat"} and len(column(table, 1)) == many
    assert "> 0.9" in asked(table.page, "my.rows predictions")[0]
    table.get_by_label("Only true").press("Escape")
    table.get_by_label("Only score").press("Escape")
    expect(table.get_by_text(f"{SAMPLES} rows")).to_be_visible()


def test_a_text_is_found_in_any_cell_and_the_address_keeps_it(
    table: Locator, visit: Visit, everything: Everything
) -> None:
    table.get_by_label("Find in all cells").fill("S01")
    table.page.keyboard.press("Enter")
    expect(table.locator("tbody tr")).to_have_count(10)
    again = visit("#" + table.page.url.partition("#")[2], everything.ws)
    expect(card(again, "predictions").get_by_text("10 rows")).to_be_visible()


def test_more_rows_come_when_they_are_asked_for(table: Locator) -> None:
    table.get_by_role("button", name="more rows").click()
    expect(table.locator("tbody tr")).to_have_count(SAMPLES)


def test_a_table_that_is_a_curve_is_drawn(visit: Visit, everything: Everything) -> None:
    page = visit(f"#/run/{everything.ids['whole']}?my.tab=metrics", everything.ws)
    roc = card(page, "roc")
    expect(roc.get_by_role("img", name="roc: tpr by fpr")).to_be_visible()
    roc.get_by_role("button", name="Table").click()
    expect(roc.get_by_text("4 rows")).to_be_visible()
    assert column(roc, 2) == ["0", "0.6", "0.9", "1"]


def test_tables_of_runs_are_joined_by_their_key(joined: Page) -> None:
    expect(joined.get_by_label("joined by")).to_have_value("id")
    first = joined.locator("tbody tr").first
    expect(first.get_by_role("rowheader")).to_have_text("s000")
    expect(first.locator("td").nth(6)).to_have_text("0.001")
    expect(first.locator("td").nth(7)).to_have_text("0.1+0.099")
    expect(joined.locator("tbody tr").nth(1).get_by_text("no row")).to_have_count(3)  # of the run with every third


def test_joined_rows_are_sorted_by_one_run_and_left_out(joined: Page) -> None:
    joined.get_by_title("Sort by score of wild").click()
    expect(joined.locator("tbody tr").first.get_by_role("rowheader")).to_have_text("s027")
    joined.get_by_label("Only predicted").fill("= dog")
    joined.get_by_label("Only true").fill("= cat")
    expect(joined.get_by_text("2 rows")).to_be_visible()
    assert sorted(column(joined, 1)) == ["s007", "s028"]


def test_joined_rows_that_are_the_same_are_left_out(visit: Visit, everything: Everything) -> None:
    ids = everything.ids
    page = visit(f"#/compare/{ids['slow']},{ids['quick']}?my.tab=tables&my.key=predicted", everything.ws)
    expect(page.get_by_text("of rows that share it the first counts")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_role("button", name="What differs").nth(0).press("Enter")
    expect(page.locator("tbody tr")).to_have_count(3)  # their scores are others
