"""Every page, light and dark, before axe: nothing on it is seriously out of somebody's reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

import runstore
from tests.view.page.conftest import Visit
from tests.view.page.scenes import Everything
from tests.view.page.views import VIEWS, View, kept, opened, rest

AXE = Path(runstore.__file__).parent / "view" / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async ([rules]) => {
  const found = await axe.run(document, { resultTypes: ["violations"], ...(rules ? { runOnly: rules } : {}) });
  return found.violations
    .filter((one) => one.impact === "serious" || one.impact === "critical")
    .map((one) => [one.id, one.nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`)]);
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    """Its source. It is evaluated from outside: the page's policy lets nobody put a script into it."""
    assert AXE.is_file(), "axe-core is not installed: `npm ci --prefix runstore/view/web`"
    return AXE.read_text(encoding="utf-8")


def found(page: Page, rules: list[str] | None = None) -> Any:
    return page.evaluate(_RUN, [rules])


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_no_page_is_seriously_out_of_reach_light_or_dark(
    view: View, visit: Visit, everything: Everything, empty: runstore.Workspace, axe: str
) -> None:
    visit.expects("404", "400")
    page = opened(visit, view, everything, empty)
    kept(page, view, "light wide")
    page.evaluate(axe)
    wrong = {"light": found(page)}
    page.emulate_media(color_scheme="dark")
    rest(page)
    kept(page, view, "dark wide")
    wrong["dark"] = found(page, ["color-contrast"])  # the rest is the same in both
    assert wrong == {"light": [], "dark": []}
