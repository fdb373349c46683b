"""The app answers what it says it answers, and nothing else."""

from __future__ import annotations

import pytest

from runstore.sync.server import app
from runstore.sync.server.tokens import SCOPES
from tests.sync.server.asking import Asking


def test_the_page_says_what_this_is(ask: Asking) -> None:
    answer = ask("GET", "/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<script" not in answer.text
    assert "runstore sync" in answer.text


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/v1", "/api/v1/", "/api/v2/info", "/api/v1/info/", "/../x"])
def test_elsewhere_there_is_nothing(ask: Asking, path: str) -> None:
    assert ask.error("GET", path)[0] == 404


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"])
def test_another_method_is_not_understood_and_told_which_are(ask: Asking, method: str) -> None:
    for path in {one.path.replace("{sha256}", "a" * 64) for one in app.endpoints()}:
        answer = ask(method, path)
        own = {one.method for one in app.endpoints() if one.path.replace("{sha256}", "a" * 64) == path}
        assert answer.status_code == 405
        assert {*answer.headers["allow"].split(", ")} == own | ({"HEAD"} if "GET" in own else set())


def test_every_address_but_two_wants_a_scope() -> None:
    without = {one.path for one in app.endpoints() if one.scope not in SCOPES}
    assert without == {"/", "/api/v1/openapi.json"}


def test_the_head_of_what_can_be_got_can_be_got(ask: Asking) -> None:
    answer = ask("HEAD", "/api/v1/info")
    assert (answer.status_code, answer.content) == (200, b"")
