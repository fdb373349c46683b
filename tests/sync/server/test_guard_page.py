"""A page beside the server: everywhere but below its own addresses, let in by a guard of its own."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from runstore.sync.server.app import app
from tests.sync.server.asking import Asking


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {"content-security-policy": "script-src 'self'"}
    await PlainTextResponse(f"page of {scope['path']}", 200, headers)(scope, receive, send)


@pytest.fixture
def beside(ask: Asking) -> Asking:
    ask.app = app(ask.served, page)
    return ask


@pytest.mark.parametrize("path", ["/", "/page.js", "/api/runs", "/api/v1"])
def test_the_page_answers_with_headers_of_its_own_whoever_asks(beside: Asking, path: str) -> None:
    del beside.headers["authorization"]
    answer = beside("GET", path)
    assert answer.text == f"page of {path}"
    assert answer.headers.get_list("content-security-policy") == ["script-src 'self'"]


def test_below_its_own_addresses_nothing_has_changed(beside: Asking) -> None:
    assert beside("GET", "/api/v1/info").status_code == 200
    del beside.headers["authorization"]
    for path in ("/api/v1/info", "/api/v1/nothing"):
        assert beside("GET", path).status_code == 401


def test_by_another_name_and_from_another_site_there_is_no_page(beside: Asking) -> None:
    assert beside("GET", "/", headers={"host": "evil.example"}).status_code == 403
    assert beside("POST", "/api/edits", headers={"origin": "http://evil.example"}).status_code == 403


def test_who_guesses_tokens_at_the_page_is_soon_told_to_stop(beside: Asking) -> None:
    beside.headers["authorization"] = "Bearer wrong"
    answers = [beside("GET", "/api/runs").status_code for _ in range(12)]
    assert answers[0] == 200  # its own guard says no
    assert answers[-1] == 429


def test_it_is_written_down_who_looked(beside: Asking) -> None:
    beside("GET", "/api/runs")
    del beside.headers["authorization"]
    beside("GET", "/")
    told = [(one["token"], one["what"], one["outcome"]) for one in beside.audit()]
    assert sorted(told) == [("", "/", 200), ("me", "/api/runs", 200)]


def test_behind_tls_the_page_too_tells_a_browser_to_stay_there(beside: Asking) -> None:
    beside.served.tls = True
    assert "max-age" in beside("GET", "/").headers["strict-transport-security"]
