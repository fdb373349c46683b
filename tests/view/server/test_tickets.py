"""A ticket is good for the address it was made for, and for nothing else."""

from __future__ import annotations

import pytest

from runstore.view.server.tickets import GOOD, Tickets
from tests.view.server.conftest import Served


@pytest.fixture
def served(standing: Served) -> Served:
    return standing


def parts(url: str) -> tuple[str, str]:
    path, _, query = url.partition("?")
    return path, query


def test_an_address_is_good_with_its_ticket() -> None:
    tickets = Tickets()
    path, query = parts(tickets.signed("/api/runs/a/file", "path=x%20y.png&download=1"))
    assert tickets.good(path, query)
    assert not tickets.good(path, query.partition("&ticket=")[0])


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/api/runs/b/file", ""),
        ("/api/runs/a/file/", ""),
        ("/api/runs/a/file", "&path=other"),
        ("/api/runs/a/file", "&x="),
    ],
)
def test_another_address_is_not(path: str, change: str) -> None:
    tickets = Tickets()
    _, query = parts(tickets.signed("/api/runs/a/file", "path=x"))
    assert not tickets.good(path, query + change)


def test_a_ticket_of_another_server_is_none() -> None:
    path, query = parts(Tickets().signed("/api/runs/a/file", "path=x"))
    assert not Tickets().good(path, query)


def test_a_ticket_is_good_for_half_a_day_whatever_is_said_of_it() -> None:
    now = [1000.0]
    tickets = Tickets(lambda: now[0])
    path, query = parts(tickets.signed("/api/runs/a/file", "path=x"))
    now[0] += GOOD
    assert tickets.good(path, query)
    now[0] += 1
    assert not tickets.good(path, query)
    until, _, seal = query.partition("ticket=")[2].partition("-")
    assert not tickets.good(path, f"path=x&ticket={int(until, 16) + 1000:x}-{seal}")


@pytest.mark.parametrize("query", ["ticket=", "ticket=-", "ticket=x-y", "ticket=\u20ac", "ticket=a&ticket=b", ""])
def test_nonsense_is_none(query: str) -> None:
    assert not Tickets().good("/api/runs/a/file", query)


def test_an_address_is_asked_for_with_the_token_and_good_without(served: Served) -> None:
    (url,) = served.client.post("/api/tickets", json={"urls": ["/api/nothing?x=1#part"]}).json()["urls"]
    assert served.stranger.get(url).status_code == 404
    assert served.stranger.get("/api/nothing?x=1").status_code == 401


def test_a_ticket_lets_nobody_change_or_send_anything(served: Served) -> None:
    (url,) = served.client.post("/api/tickets", json={"urls": ["/api/edits"]}).json()["urls"]
    assert served.stranger.post(url, json={}, headers={"origin": served.origin}).status_code == 401


@pytest.mark.parametrize(
    "urls", [["http://evil.example/api/"], ["//evil.example"], ["/"], [1], "x", None, ["/api/"] * 501]
)
def test_only_addresses_of_the_workspace_get_one(served: Served, urls: object) -> None:
    assert served.client.post("/api/tickets", json={"urls": urls}).status_code == 400
