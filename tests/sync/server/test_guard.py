"""Nobody passes the guard without a good token, by another name, from another site's page, or too often."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from runstore.sync.server import app, guard
from runstore.sync.server.tokens import Tokens
from tests.sync.server.asking import Asking

Asked = Callable[..., Asking]
EVERYTHING = [(one.method, one.path.replace("{sha256}", "a" * 64)) for one in app.endpoints()]
CLOSED = [one for one in EVERYTHING if one[1] not in guard.OPEN]


@pytest.mark.parametrize(("method", "path"), [*CLOSED, ("GET", "/nothing"), ("DELETE", "/api/v1/info"), ("BREW", "/x")])
def test_without_a_token_there_is_nothing(ask: Asking, method: str, path: str) -> None:
    del ask.headers["authorization"]
    answer = ask(method, path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="runstore"')
    assert [(one["token"], one["outcome"], one["said"]) for one in ask.audit()] == [("", 401, "no token")]


@pytest.mark.parametrize("given", ["Bearer x", "Basic eDp4", "Bearer ", "Bearer rs_00000000_" + "A" * 43, "x"])
def test_with_a_token_that_is_none_there_is_nothing(ask: Asking, given: str) -> None:
    status, said = ask.error("GET", "/api/v1/info", headers={"authorization": given})
    assert (status, "token" in said) == (401, True)
    assert given.rpartition(" ")[2] not in str(ask.audit()) or len(given.rpartition(" ")[2]) < 2


def test_a_token_whose_time_is_over_opens_nothing(ask: Asking) -> None:
    old = ask.served.tokens.create("old", "admin", -1)
    status, said = ask.error("GET", "/api/v1/info", headers={"authorization": f"Bearer {old}"})
    assert (status, said) == (401, "no such token, or its time is over")


def test_a_token_that_was_revoked_opens_nothing_from_then_on(ask: Asking) -> None:
    assert ask("GET", "/api/v1/info").status_code == 200
    Tokens(ask.served.tokens.path).revoke("me")
    assert ask("GET", "/api/v1/info").status_code == 401


@pytest.mark.parametrize(("scope", "may"), [("read", 4), ("write", 8), ("admin", 9)])
def test_a_token_is_good_for_its_scope(ask: Asking, scope: str, may: int) -> None:
    token = ask.served.tokens.create("other", scope, 60)
    answers = [ask(*one, headers={"authorization": f"Bearer {token}"}).status_code for one in EVERYTHING]
    refused = [one for one, status in zip(app.endpoints(), answers, strict=True) if status == 403]
    assert len(EVERYTHING) - len(refused) == may + 1
    assert {one.scope for one in refused} == {"read": {"write", "admin"}, "write": {"admin"}, "admin": set()}[scope]


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "[::1]", "", "evil.example:8642", "127.0.0.2"]
)
def test_by_another_name_nothing_is_there(ask: Asking, host: str) -> None:
    for path in ("/", "/api/v1/info", "/api/v1/openapi.json"):
        assert ask.error("GET", path, headers={"host": host})[0] == 403


def test_a_port_is_no_part_of_the_name(ask: Asking) -> None:
    assert ask("GET", "/", headers={"host": "localhost:1234"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_page_of_another_site_can_do_nothing(ask: Asking, headers: dict[str, str]) -> None:
    assert ask.error("POST", "/api/v1/commits", json={"pieces": []}, headers=headers)[0] == 403


def test_its_own_page_can(ask: Asking) -> None:
    own = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert ask("POST", "/api/v1/commits", json={"pieces": []}, headers=own).status_code == 200


def test_who_expects_another_workspace_is_told_so(ask: Asking) -> None:
    other = "11111111-1111-4111-8111-111111111111"
    status, said = ask.error("GET", "/api/v1/info", headers={"runstore-remote": other})
    assert (status, said.endswith("another workspace")) == (409, True)
    assert ask("GET", "/api/v1/info", headers={"runstore-remote": ask.served.remote.id}).status_code == 200


def test_who_asks_too_often_is_told_when_to_come_again(asked: Asked) -> None:
    ask = asked(rate=0.1, burst=3)
    answers = [ask("GET", "/api/v1/info") for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 11


def test_who_asks_too_often_with_many_tokens_is_told_so_too(asked: Asked) -> None:
    ask = asked(rate=0.1, burst=3)
    tokens = [ask.served.tokens.create(f"t{n}", "read", 60) for n in range(3)]
    headers = [{"authorization": f"Bearer {one}"} for one in tokens for _ in range(3)]
    assert [ask("GET", "/api/v1/info", headers=one).status_code for one in headers] == [200] * 6 + [429] * 3


def test_who_guesses_tokens_is_soon_told_to_stop_and_others_are_not(ask: Asking) -> None:
    wrong = {"authorization": "Bearer x"}
    statuses = [ask("GET", "/api/v1/info", headers=wrong).status_code for _ in range(15)]
    assert statuses[:10] == [401] * 10
    assert statuses[-1] == 429
    assert ask("GET", "/api/v1/info").status_code == 200


def test_a_request_without_a_token_is_no_guess(ask: Asking) -> None:
    del ask.headers["authorization"]
    assert {ask("GET", "/api/v1/info").status_code for _ in range(30)} == {401}


def test_more_headers_than_anybody_needs_are_refused(ask: Asking) -> None:
    assert ask.error("GET", "/", headers={"x": "y" * 20_000})[0] == 431
    assert ask.error("GET", "/", headers={f"x{n}": "y" for n in range(200)})[0] == 431


def test_an_address_longer_than_anybody_needs_is_refused(ask: Asking) -> None:
    assert ask.error("GET", "/" + "x" * 20_000)[0] == 414


def test_a_header_that_counts_may_be_there_once(ask: Asking) -> None:
    twice = [("authorization", f"Bearer {ask.token}"), ("authorization", "Bearer x")]
    del ask.headers["authorization"]
    assert ask.error("GET", "/api/v1/info", headers=twice)[0] == 400


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
def test_every_answer_keeps_a_browser_from_making_anything_of_it(ask: Asking, method: str, path: str) -> None:
    headers = ask(method, path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
    assert not [name for name in headers if name.startswith("access-control-")]


def test_behind_tls_a_browser_is_told_to_stay_there(ask: Asking) -> None:
    assert "strict-transport-security" not in ask("GET", "/").headers
    ask.served.tls = True
    assert "strict-transport-security" in ask("GET", "/").headers


def test_where_there_are_no_tokens_whoever_comes_may_if_it_was_said_so(ask: Asking) -> None:
    ask.served.tokens.revoke("me")
    assert ask("GET", "/api/v1/info").status_code == 401
    ask.served.open = True
    del ask.headers["authorization"]
    assert ask("GET", "/api/v1/info").status_code == 200
    ask.served.tokens.create("first", "read", 60)
    assert ask("GET", "/api/v1/info").status_code == 401


def test_what_nobody_foresaw_is_told_to_who_runs_it_and_to_nobody_else(
    ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(ask.served.remote, "pieces", broken)
    status, said = ask.error("POST", "/api/v1/pieces", json={})
    assert status == 500
    assert re.fullmatch("unexpected error [0-9a-f]{8}", said)
    assert ask.audit()[-1]["said"] == "RuntimeError: secret"


def test_every_request_is_written_down_with_whose_it_was(ask: Asking) -> None:
    ask("GET", "/api/v1/info"), ask("POST", "/api/v1/commits", json={"pieces": []}), ask("GET", "/nothing")
    told = [(one["token"], one["verb"], one["what"], one["outcome"], one["bytes"]) for one in ask.audit()]
    assert told == [
        ("me", "GET", "/api/v1/info", 200, 0), ("me", "POST", "/api/v1/commits", 200, 13),
        ("me", "GET", "/nothing", 404, 0),
    ]  # fmt: skip
