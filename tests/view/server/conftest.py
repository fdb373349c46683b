"""A page that is served on loopback, in a thread of the test's process, and a client that has its token."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import runstore
from runstore.runs import seal
from runstore.sync.server import connections, hosts
from runstore.view.server import serving
from runstore.view.server.app import Page

TOKEN = "a-token-that-only-tests-know"


@dataclass
class Served:
    """A page, and who asks it."""

    ws: runstore.Workspace
    page: Page
    client: httpx.Client  # sends the token
    stranger: httpx.Client  # doesn't

    @property
    def origin(self) -> str:
        return str(self.stranger.base_url).rstrip("/")

    def edit(self, **body: Any) -> httpx.Response:
        return self.client.post("/api/edits", json=body, headers={"origin": self.origin})


@contextmanager
def serving_page(page: Page) -> Iterator[str]:
    """Serve a page until the block ends; gives its origin."""
    at = connections.listening("127.0.0.1", 0, otherwise=True)
    ready = threading.Event()
    server = serving.server(page, ready.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([at])), daemon=True)
    thread.start()
    try:
        assert ready.wait(30)
        yield f"http://127.0.0.1:{at.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        at.close()
        assert not thread.is_alive()


@contextmanager
def _served(ws: runstore.Workspace, page: Page) -> Iterator[Served]:
    known = {"authorization": f"Bearer {TOKEN}"}
    with (
        serving_page(page) as origin,
        httpx.Client(base_url=origin, headers=known, timeout=30) as client,
        httpx.Client(base_url=origin, timeout=30) as stranger,
    ):
        yield Served(ws, page, client, stranger)


@pytest.fixture
def ws(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    """A workspace in which nothing is sealed by itself."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(workspace)


def built(below: Path) -> Path:
    """A page that was built."""
    made = below / "static"
    (made / "chunks").mkdir(parents=True)
    (made / "index.html").write_text("<!doctype html><title>runstore</title>")
    (made / "page.js").write_text("export {};")
    (made / "chunks" / "charts.js").write_text("export {};")
    (made / ".secret").write_text("PRIVATE")
    (below / "outside.js").write_text("PRIVATE")
    return made


@pytest.fixture
def static(tmp_path: Path) -> Path:
    return built(tmp_path)


@pytest.fixture
def serve(static: Path) -> Iterator[Callable[..., Served]]:
    """``serve(ws)``: its page, answered for until the test ends."""
    with ExitStack() as stack:

        def one(ws: runstore.Workspace, **options: Any) -> Served:
            options = {"static": static, **options}
            return stack.enter_context(_served(ws, Page(ws, TOKEN, hosts.names_of("127.0.0.1"), **options)))

        yield one


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page of an empty workspace, for tests that change nothing."""
    ws = runstore.Workspace(tmp_path_factory.mktemp("standing") / "ws")
    page = Page(ws, TOKEN, hosts.names_of("127.0.0.1"), static=built(tmp_path_factory.mktemp("built")))
    with _served(ws, page) as one:
        yield one


@pytest.fixture
def served(ws: runstore.Workspace, serve: Callable[..., Served]) -> Served:
    return serve(ws)
