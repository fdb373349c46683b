"""Whoever has no mouse, little sight, a small screen or no wish for motion gets at everything too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

import runstore
from tests.view.page.conftest import Visit
from tests.view.page.scenes import Everything
from tests.view.page.views import VIEWS, View, kept, opened, rest

PLACES = [view for view in VIEWS if view.then.__name__ == "<lambda>" and not view.at.startswith("#/nothing")]
SMALLEST = 24  # CSS pixels of what is clicked: WCAG 2.5.8

_SMALL = """(least) => [...document.querySelectorAll("button, select, summary, [role=tab], [role=option], a.rs-button")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < least - 0.5 || box.height < least - 0.5))
  .map(([one, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 120)}`)"""

_WIDER = """() => [document.scrollingElement, ...document.querySelectorAll("main")]
  .map((one) => one.scrollWidth - one.clientWidth)"""

_FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const seen = [one, one.parentElement].map((each) => getComputedStyle(each)) // a field's box may have the ring
    .some((ring) => (ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) > 0) || ring.boxShadow !== "none");
  return [one.outerHTML.slice(0, 140), seen, box.width > 0 && box.bottom > 0 && box.top < innerHeight];
}"""


_WITHIN = """() => document.activeElement === document.body
  || document.activeElement.closest("dialog, [role=dialog]") !== null"""
_ROW = """() => document.activeElement.closest("[role=row]")?.ariaRowIndex
  ?? document.activeElement.getAttribute("aria-activedescendant")"""


def ids(view: View) -> str:
    return view.name


@pytest.mark.parametrize("view", PLACES, ids=ids)
def test_a_page_fits_a_narrow_screen_and_a_finger_what_is_clicked(
    view: View, visit: Visit, everything: Everything, empty: runstore.Workspace
) -> None:
    """As narrow as a zoom of 200 % makes 800 pixels; what is wide, such as a table, scrolls in a box of its own."""
    visit.expects("status of 40")
    page = opened(visit, view, everything, empty)
    assert page.evaluate(_SMALL, SMALLEST) == []
    page.set_viewport_size({"width": 400, "height": 800})
    rest(page)
    assert max(page.evaluate(_WIDER)) <= 0
    kept(page, view, "light narrow")
    page.emulate_media(color_scheme="dark")
    rest(page)
    kept(page, view, "dark narrow")


@pytest.mark.parametrize("at", ["", "#/runs", "#/run/{whole}", "#/models", "#/sweeps/{sweep}", "#/sql"])
def test_every_stop_of_the_tab_key_is_seen(visit: Visit, everything: Everything, at: str) -> None:
    page = visit(at.format_map(everything.ids), everything.ws)
    rest(page)
    stops: list[str] = []
    for _ in range(45):
        page.keyboard.press("Tab")
        told = page.evaluate(_FOCUS)
        if told is None:  # once around
            break
        html, ring, seen = told
        assert (ring, seen) == (True, True), html
        stops.append(html)
    assert len(set(stops)) > 8


def test_a_run_is_found_opened_and_left_by_keys_alone(visit: Visit, everything: Everything) -> None:
    page = visit("", everything.ws)
    rest(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("runs")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    page.goto(page.url.partition("#")[0] + "#/runs?experiment=vision")
    rest(page)
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Overview")).to_be_visible()
    page.get_by_role("tab", name="Overview").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Metrics")).to_be_focused()
    page.go_back()


def test_a_dialog_keeps_the_focus_and_gives_it_back(visit: Visit, everything: Everything) -> None:
    page = visit("#/runs", everything.ws)
    rest(page)
    before = page.get_by_role("button", name="Columns")
    before.focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(_WITHIN)  # else at the browser's own bar
    page.keyboard.press("Escape")
    expect(before).to_be_focused()


def test_the_table_of_runs_is_a_grid_with_one_stop_and_arrows_in_it(visit: Visit, everything: Everything) -> None:
    page = visit("#/runs", everything.ws)
    rest(page)
    grid = page.get_by_role("grid")
    runs = int(grid.get_attribute("aria-rowcount") or 0)
    assert runs == everything.ws.sql("select count(*) from runs").fetchall()[0][0] + 1  # and the headings
    assert grid.locator("[role=row][aria-rowindex]").count() > 2
    assert page.locator("[role=grid] [tabindex='0']").count() <= 1
    page.keyboard.press("g")
    page.keyboard.press("ArrowDown")
    first = page.evaluate(_ROW)
    page.keyboard.press("ArrowDown")
    second = page.evaluate(_ROW)
    assert first != second


def test_nothing_moves_for_who_wants_no_motion(visit: Visit, everything: Everything) -> None:
    page = visit("#/runs?experiment=vision", everything.ws)
    page.emulate_media(reduced_motion="reduce")
    rest(page)
    page.keyboard.press("Control+k")
    longest = page.evaluate(
        "() => Math.max(0, ...document.getAnimations().map((one) => one.effect.getComputedTiming().duration))"
    )
    assert longest < 1


@pytest.mark.parametrize("view", [view for view in VIEWS if view.name in ("runs", "run", "sql", "palette")], ids=ids)
def test_forced_colours_leave_every_control_its_edge(
    view: View, visit: Visit, everything: Everything, empty: runstore.Workspace
) -> None:
    """Backgrounds are gone there: a button must be told from text by its border."""
    page = opened(visit, view, everything, empty)
    page.emulate_media(forced_colors="active")
    rest(page)
    bare = page.evaluate("""() => [...document.querySelectorAll("button.rs-button, select, input")]
      .filter((one) => !["range", "checkbox"].includes(one.type))
      .filter((one) => one.checkVisibility())
      .filter((one) => getComputedStyle(one).borderTopWidth === "0px" && getComputedStyle(one).outlineStyle === "none"
        && getComputedStyle(one.parentElement).borderTopWidth === "0px")
      .map((one) => one.outerHTML.slice(0, 120))""")
    assert bare == []
    ring = _focused(page)
    assert ring


def _focused(page: Page) -> bool:
    page.keyboard.press("Tab")
    told = page.evaluate(_FOCUS)
    return bool(told and told[1])
