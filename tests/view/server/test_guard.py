"""Who is let in, as a browser or a program of somebody else would try it."""

from __future__ import annotations

import http.client
from collections.abc import Callable

import pytest

import runstore
from runstore.view.server.guard import PAGE_POLICY
from tests.view.server.conftest import TOKEN, Served

ASKED = "/api/tickets"
URLS = {"urls": ["/api/workspace"]}


@pytest.fixture
def served(standing: Served) -> Served:
    return standing


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN])
@pytest.mark.parametrize("path", ["/api/workspace", "/api/runs", "/api/events", "/api/nothing"])
def test_nothing_is_said_of_the_workspace_without_the_token(served: Served, path: str, given: str | None) -> None:
    told = served.stranger.get(path, headers={} if given is None else {"authorization": given})
    assert (told.status_code, sorted(told.json())) == (401, ["error", "hint"])


@pytest.mark.parametrize("path", ["/api/edits", "/api/sql", "/api/curves", "/api/compare", "/api/tickets"])
def test_nothing_is_taken_without_the_token(served: Served, path: str) -> None:
    assert served.stranger.post(path, json={}, headers={"origin": served.origin}).status_code == 401


def test_the_token_in_an_address_is_none(served: Served) -> None:
    """It would be in the history, and known to what is framed."""
    assert served.stranger.get(f"/api/runs?token={TOKEN}").status_code == 401


def test_odd_bytes_are_no_token(served: Served) -> None:
    told = served.stranger.get("/api/runs", headers=[(b"authorization", b"Bearer \xff\xfe")])
    assert told.status_code == 401


def test_the_page_itself_is_for_everybody(served: Served) -> None:
    assert served.stranger.get("/").status_code == 200
    assert served.stranger.get("/page.js").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.", "[::2]", ""]
)
@pytest.mark.parametrize("path", ["/", "/page.js", "/api/workspace"])
def test_a_name_that_was_made_to_mean_this_machine_gets_nothing(served: Served, host: str, path: str) -> None:
    told = served.client.get(path, headers={"host": host})
    assert (told.status_code, "not called" in told.text) == (403, True)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:99", "127.0.0.1", "[::1]:8643"])
def test_it_answers_to_its_own_names_at_any_port(served: Served, host: str) -> None:
    """At another one where somebody has a tunnel."""
    assert served.client.get("/", headers={"host": host}).status_code == 200


def test_an_address_of_the_machine_is_a_name_only_where_others_can_reach_it(
    ws: runstore.Workspace, serve: Callable[..., Served]
) -> None:
    near, far = serve(ws), serve(ws, addresses=True)
    assert near.client.get("/", headers={"host": "192.0.2.7:80"}).status_code == 403
    assert far.client.get("/", headers={"host": "192.0.2.7:80"}).status_code == 200
    assert far.client.get("/", headers={"host": "[2001:db8::1]"}).status_code == 200
    assert far.client.get("/", headers={"host": "evil.example"}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_a_page_of_another_origin_gets_nothing(served: Served, origin: str) -> None:
    assert served.client.get("/api/workspace", headers={"origin": origin}).status_code == 403
    assert served.client.post(ASKED, json=URLS, headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_gets_nothing(served: Served, site: str) -> None:
    headers = {"sec-fetch-site": site}
    assert served.client.get("/api/workspace", headers=headers).status_code == 403
    assert served.client.post(ASKED, json=URLS, headers=headers).status_code == 403
    assert served.client.get("/", headers=headers).status_code == 200  # a link to the page is one


def test_the_page_itself_may_ask(served: Served) -> None:
    headers = {"origin": served.origin, "sec-fetch-site": "same-origin"}
    assert served.client.post(ASKED, json=URLS, headers=headers).status_code == 200


def test_who_changes_something_says_where_from(served: Served) -> None:
    told = served.client.post("/api/edits", json={"run_id": "x", "change": "archive"})
    assert (told.status_code, "Origin" in told.json()["error"]) == (403, True)


def test_nobody_is_told_that_they_may_ask_from_elsewhere(served: Served) -> None:
    told = served.client.options("/api/edits", headers={"origin": "http://evil.example"})
    assert told.status_code == 405
    assert not [name for name in told.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_none(served: Served, method: str) -> None:
    told = served.client.request(method, "/api/runs")
    assert (told.status_code, told.headers["allow"]) == (405, "GET, HEAD, POST")


def test_a_header_that_counts_is_there_once(served: Served) -> None:
    port = served.client.base_url.port
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    asked.putrequest("GET", "/api/workspace")
    asked.putheader("Authorization", "Bearer wrong")
    asked.putheader("Authorization", f"Bearer {TOKEN}")
    asked.endheaders()
    assert asked.getresponse().status == 400
    asked.close()


def test_an_address_has_its_limit(served: Served) -> None:
    assert served.client.get("/api/runs?where=" + "x" * 40_000).status_code == 414


def test_the_page_runs_what_comes_from_it_and_nothing_else(served: Served) -> None:
    told = served.stranger.get("/").headers
    assert told["content-security-policy"] == PAGE_POLICY
    assert "unsafe" not in PAGE_POLICY
    assert "script-src 'self';" in PAGE_POLICY
    assert "frame-ancestors 'none'" in PAGE_POLICY


@pytest.mark.parametrize("path", ["/", "/page.js", "/nothing.js", "/api/nothing", "/api/workspace"])
@pytest.mark.parametrize("known", [True, False])
def test_every_answer_says_what_it_is_and_tells_nobody_where_one_was(served: Served, path: str, known: bool) -> None:
    told = (served.client if known else served.stranger).get(path).headers
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "no-referrer"
    assert told["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in told["content-security-policy"]
    assert "server" not in told


def test_what_is_said_of_the_workspace_is_kept_nowhere(served: Served) -> None:
    assert served.stranger.get("/api/workspace").headers["cache-control"] == "no-store"
    assert served.client.post(ASKED, json=URLS).headers["cache-control"] == "no-store"
