"""The page of a real ``runstore serve``: for whoever has a token, to read or to edit as that allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

import runstore
from runstore.format import names
from runstore.sync.server.tokens import Tokens
from tests.sync.server.conftest import Running, start
from tests.view.page.stores import log


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A server of two runs, with a token that may write."""
    ws = runstore.Workspace(tmp_path / "there")
    for number in range(2):
        log(ws, number)
    running = start(ws.path)
    yield running
    assert running.stop() == 0


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1500, "height": 900})
    expect.set_options(timeout=20_000)
    wrong: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def reader(server: Running) -> str:
    return Tokens(server.workspace / names.SERVER_TOKENS).create("reader", "read", 3600)


def test_runs_and_curves_are_shown_and_new_ones_come_by_themselves(server: Running, page: Page) -> None:
    page.goto(f"{server.url}/?token={server.token}#/runs")
    expect(page.locator("[data-run]")).to_have_count(2)
    expect(page.locator(".rs-chart canvas").first).to_be_visible()
    log(runstore.Workspace(server.workspace), 7)
    expect(page.locator("[data-run]")).to_have_count(3)
    assert "token" not in page.url


def test_without_a_token_it_asks_for_one_and_shows_nothing(server: Running, page: Page) -> None:
    page.goto(f"{server.url}/#/runs")
    expect(page.get_by_text("This workspace wants a token")).to_be_visible()
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("The server knows no such token")).to_be_visible()
    page.get_by_label("Token").fill(reader(server))
    page.get_by_role("button", name="Open").click()
    expect(page.locator("[data-run]")).to_have_count(2)


def test_who_may_write_edits_and_who_may_read_can_not(server: Running) -> None:
    ws = runstore.Workspace(server.workspace)
    run_id = ws.runs(columns=["run_id"], limit=1).fetchall()[0][0]
    edit = {"run_id": run_id, "change": "tag", "key": "seen", "value": "yes"}

    def told(token: str, origin: str = server.url) -> tuple[bool, int]:
        headers = {"authorization": f"Bearer {token}", "origin": origin}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            editable = client.get("/api/workspace").json()["editable"]
            return editable, client.post("/api/edits", json=edit).status_code

    assert told(reader(server)) == (False, 403)
    assert "seen" not in ws.get_run(run_id).tags
    assert told(server.token) == (True, 200)
    assert ws.get_run(run_id).tags["seen"] == "yes"


def test_its_answers_keep_the_pages_policy(server: Running) -> None:
    answer = httpx.get(server.url)
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert httpx.get(f"{server.url}/api/runs").status_code == 401
