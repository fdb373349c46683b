"""Columns are chosen, pinned, moved and made wider; those that differ are picked out."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.view.page.conftest import asked
from tests.view.page.table import heading, in_table, menu


def labels(page: Page) -> list[str]:
    return page.locator(".rs-heading .rs-heading-sort").all_text_contents()


def test_only_what_differs_leaves_out_what_is_the_same(runs: Page) -> None:
    table = runs.get_by_role("grid")
    before = int(table.get_attribute("aria-colcount") or 0)
    menu(runs, "Columns").get_by_role("checkbox", name="epochs").click()
    runs.keyboard.press("Escape")
    expect(table).to_have_attribute("aria-colcount", str(before + 1))
    runs.get_by_role("button", name="Differing").click()
    expect(table).to_have_attribute("aria-colcount", str(before))


def test_columns_are_found_shown_and_hidden(runs: Page) -> None:
    chooser = menu(runs, "Columns")
    runs.keyboard.type("hos")
    chooser.get_by_role("checkbox", name="Host").focus()
    runs.keyboard.press("Space")
    assert "host" in asked(runs, "column")
    chooser.get_by_role("button", name="As usual").click()
    assert asked(runs, "column") == []


def test_the_menu_of_a_heading_hides_and_pins(runs: Page) -> None:
    for act in ("Pin at the left", "Hide"):
        heading(runs, "accuracy").hover()
        runs.get_by_role("button", name="More of accuracy").click()
        runs.get_by_role("menuitem", name=act).click()
        if act != "Hide":
            expect(heading(runs, "accuracy")).to_have_class("rs-cell rs-heading rs-pinned rs-number")
            assert labels(runs)[:2] == ["Name", "accuracy"]
    expect(heading(runs, "accuracy")).to_have_count(0)


def test_a_pinned_column_stays_in_sight(runs: Page) -> None:
    name = heading(runs, "Name")
    before = name.bounding_box()
    runs.get_by_role("grid").evaluate("(grid) => (grid.scrollLeft = 400)")
    expect(heading(runs, "Status")).not_to_be_in_viewport(ratio=0.9)
    assert name.bounding_box() == before


def test_a_heading_is_dragged_to_another_place(runs: Page) -> None:
    assert labels(runs).index("Status") < labels(runs).index("accuracy")
    heading(runs, "accuracy").drag_to(heading(runs, "Status"))
    expect(runs.locator(".rs-heading").nth(1)).to_contain_text("accuracy")


def test_a_column_is_moved_by_buttons(runs: Page) -> None:
    menu(runs, "Columns").get_by_role("button", name="Move Status down").click()
    runs.keyboard.press("Escape")
    expect(runs.locator(".rs-heading").nth(2)).to_contain_text("Status")


def test_an_edge_is_dragged_to_another_width(runs: Page) -> None:
    name = heading(runs, "Name")
    edge = name.locator(".rs-grip").bounding_box()
    assert edge is not None
    runs.mouse.move(edge["x"] + edge["width"] / 2, edge["y"] + 5)
    runs.mouse.down()
    runs.mouse.move(edge["x"] + edge["width"] / 2 + 60, edge["y"] + 5, steps=4)
    runs.mouse.up()
    assert asked(runs, "width") == ["210:name"]


def test_keys_make_a_column_wider_and_narrower(runs: Page) -> None:
    in_table(runs, "ArrowUp", "Alt+ArrowRight", "Alt+ArrowRight", "Alt+ArrowLeft")
    assert asked(runs, "width") == ["166:name"]
