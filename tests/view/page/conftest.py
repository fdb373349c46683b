"""The page in a browser, as a person has it. What goes wrong in it, seen or not, fails the test.

With ``RUNSTORE_SHOTS=DIR`` every page is kept as a picture in ``DIR``, as it was when its test ended.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

import runstore
from runstore.sync.server import hosts
from runstore.view.server.app import Page as Served
from runstore.view.server.static import STATIC
from tests.view.page import charts, scenes, stores
from tests.view.server.conftest import serving_page

TOKEN = "a-token-that-only-tests-know"
SHOTS = os.environ.get("RUNSTORE_SHOTS")
WIDE = (1500, 900)
NARROW = (390, 800)


class Visit:
    """``visit("#/runs")``: a page of its own at that view. An error in it fails the test.

    So does a request that failed, one to another host, and whatever the console calls an error.
    """

    def __init__(self, context: BrowserContext, serve: Callable[[runstore.Workspace], str], ws: runstore.Workspace):
        self.context = context
        self._serve, self._ws = serve, ws
        self._wrong: list[str] = []
        self._expected: list[str] = []
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        context.on("console", self._said)
        context.on("weberror", lambda told: self._wrong.append(str(told.error)))

    def __call__(
        self, view: str, ws: runstore.Workspace | None = None, *, dark: bool = False, size: tuple[int, int] = WIDE
    ) -> Page:
        """A page at a view, of the few runs unless another workspace is named."""
        page = self.context.new_page()
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(f"{self._serve(ws or self._ws)}/?token={TOKEN}{view}")
        return page

    def expects(self, *patterns: str) -> None:
        """What the test provokes on purpose is no failure: what fits one of these patterns."""
        self._expected += patterns

    def wrong(self) -> list[str]:
        """What went wrong that nobody expected."""
        return [one for one in self._wrong if not any(re.search(known, one) for known in self._expected)]

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname != "127.0.0.1":
            self._wrong.append(f"asked another host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # answers that nobody waits for any more are stopped
            self._wrong.append(f"{request.failure}: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._wrong.append(f"{message.text} ({message.location.get('url')})")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> runstore.Workspace:
    """Fourteen runs in an experiment, one in another."""
    return stores.few(tmp_path_factory.mktemp("page") / "store")


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> runstore.Workspace:
    """Of everything that can be logged something; see ``stores.rich``."""
    return stores.rich(tmp_path_factory.mktemp("rich") / "rich")


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> scenes.Everything:
    """What the pages of one run, of comparisons, models and sweeps are tried on; see ``scenes``."""
    return scenes.everything(tmp_path_factory.mktemp("everything"))


@pytest.fixture(scope="session")
def charted(tmp_path_factory: pytest.TempPathFactory) -> charts.Charted:
    """Runs whose curves are known point by point; see ``charts``."""
    return charts.made(tmp_path_factory.mktemp("charted") / "charted")


@pytest.fixture
def empty(tmp_path: Path) -> runstore.Workspace:
    """A workspace of the test's own, without runs."""
    return runstore.Workspace(tmp_path / "own")


@pytest.fixture
def running(rich: runstore.Workspace) -> Iterator[str]:
    """The id of a run that is at work in the rich store for as long as the test is."""
    with stores.running(rich) as run_id:
        yield run_id


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[runstore.Workspace], str]]:
    """``serve(ws)``: where its page is, without its token."""
    assert (STATIC / "index.html").is_file(), "the page is not built: `npm --prefix runstore/view/web run build`"
    with ExitStack() as stack:
        known: dict[Path, str] = {}

        def one(ws: runstore.Workspace) -> str:
            if ws.path not in known:
                page = Served(ws, TOKEN, hosts.names_of("127.0.0.1"))
                known[ws.path] = stack.enter_context(serving_page(page))
            return known[ws.path]

        yield one


@pytest.fixture
def visit(
    browser: Browser,
    serve: Callable[[runstore.Workspace], str],
    store: runstore.Workspace,
    request: pytest.FixtureRequest,
) -> Iterator[Visit]:
    """Pages of one person: they share what a browser keeps."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    visit = Visit(context, serve, store)
    yield visit
    if SHOTS:
        for number, page in enumerate(context.pages):
            name = re.sub(r"\W+", "_", f"{request.module.__name__.rpartition('.')[2]}_{request.node.name}_{number}")
            page.screenshot(path=Path(SHOTS) / f"{name[:150]}.png")
    context.close()
    assert visit.wrong() == []


@pytest.fixture
def runs(visit: Visit) -> Page:
    """The runs of one experiment, their table and charts drawn."""
    page = visit("#/runs?experiment=mnist")
    expect(page.locator("[data-run]").first).to_be_visible()
    expect(page.locator(".rs-chart canvas").first).to_be_visible()
    return page


def asked(page: Page, name: str) -> list[str]:
    """What the address says of one part of the view."""
    return parse_qs(page.url.partition("#")[2].partition("?")[2], keep_blank_values=True).get(name, [])
