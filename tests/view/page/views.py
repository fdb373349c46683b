"""Every page that there is, each as a person comes to see it, and when it has come to rest."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page

import runstore
from tests.view.page.scenes import Everything

SHOTS = os.environ.get("RUNSTORE_SHOTS")
_WAITING = "[aria-busy=true], .rs-waiting, .rs-chart-waiting"
_REST = """(waiting) => new Promise((done, fail) => {
  const [quiet, until] = [350, performance.now() + 30000];
  let last = performance.now();
  const seen = new MutationObserver(() => (last = performance.now()));
  seen.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  const ends = (one) => one.playState === "running" && one.effect.getComputedTiming().endTime < 1e5;
  const inSight = ({ top, bottom }) => top < innerHeight && bottom > 0;
  const waits = () => [...document.querySelectorAll(waiting)].find((one) => inSight(one.getBoundingClientRect()));
  const moving = () => document.getAnimations().some(ends);
  const look = () => {
    const main = document.querySelector("main");
    if (!main?.textContent.trim() || waits() || moving()) last = performance.now();
    if (performance.now() > until) return fail(new Error(`not at rest: ${waits()?.outerHTML.slice(0, 300)}`));
    if (performance.now() - last < quiet) return setTimeout(look, 50);
    seen.disconnect();
    done(true);
  };
  look();
})"""


class View(NamedTuple):
    """A page. ``at``: its place, from the names of ``Everything``; ``then``: what is done there to see it."""

    name: str
    at: str
    then: Callable[[Page], object] = lambda page: None
    empty: bool = False  # in a workspace without runs


def _chart(page: Page) -> None:
    page.locator("[data-metric] .u-over").first.hover()
    page.keyboard.press("f")


def _first(page: Page, role: str, name: str) -> None:
    page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def _sql(page: Page) -> None:
    page.get_by_role("textbox").first.fill("select run_id, experiment, last.loss, 'NaN'::double as n from runs")
    page.keyboard.press("Control+Enter")
    page.get_by_role("grid").or_(page.get_by_role("table")).first.wait_for()


TABS = ("metrics", "images", "files", "logs", "snapshot", "system", "problems")
VIEWS = (
    View("workspace", ""),
    View("experiments", "#/experiments"),
    View("runs", "#/runs"),
    View("runs of an experiment", "#/runs?experiment=vision"),
    View("runs grouped", "#/runs?group=experiment"),
    View("runs filtered to none", "#/runs?where=lr+%3C+-1"),
    View("run", "#/run/{whole}"),
    *(View(f"run {tab}", f"#/run/{{whole}}?my.tab={tab}") for tab in TABS),
    View("run children", "#/run/{parent}?my.tab=children"),
    View("run failed", "#/run/{failed}"),
    View("run problems", "#/run/{failed}?my.tab=problems"),
    View("run that is none", "#/run/nobody"),
    View("compare", "#/compare/{slow},{quick},{wild}"),
    View("compare none", "#/compare"),
    View("models", "#/models"),
    View("sweeps", "#/sweeps"),
    View("sweep", "#/sweeps/{sweep}"),
    View("sql", "#/sql"),
    View("sql answered", "#/sql", _sql),
    View("no such page", "#/nothing"),
    View("palette", "#/runs", lambda page: page.keyboard.press("Control+k")),
    View("help", "#/runs", lambda page: page.keyboard.press("?")),
    View("columns", "#/runs", lambda page: _first(page, "button", "Columns")),
    View("facets", "#/runs", lambda page: _first(page, "button", "Facets")),
    View("group", "#/runs", lambda page: _first(page, "button", "Group")),
    View("views", "#/runs", lambda page: _first(page, "button", "Views, and these runs elsewhere")),
    View("one chart", "#/runs?experiment=vision", _chart),
    View("empty workspace", "", empty=True),
    View("empty runs", "#/runs", empty=True),
    View("empty models", "#/models", empty=True),
    View("empty sweeps", "#/sweeps", empty=True),
)


def rest(page: Page) -> None:
    """Wait until nothing on a page changes any more."""
    page.evaluate(_REST, _WAITING)


def opened(
    visit: Callable[..., Page],
    view: View,
    everything: Everything,
    empty: runstore.Workspace,
    *,
    dark: bool = False,
    size: tuple[int, int] = (1500, 900),
) -> Page:
    """A page at a view, at rest."""
    page = visit(view.at.format_map(everything.ids), empty if view.empty else everything.ws, dark=dark, size=size)
    rest(page)
    view.then(page)
    rest(page)
    return page


def kept(page: Page, view: View, how: str) -> None:
    """Leave a picture of a page where ``RUNSTORE_SHOTS`` says; ``how``: light or dark, wide or narrow."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{view.name} {how}.png".replace(" ", "-"))
