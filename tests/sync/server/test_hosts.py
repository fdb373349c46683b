"""A server answers to its own names, written as names are."""

from __future__ import annotations

import pytest

from runstore.sync.server import hosts

OWN = hosts.names_of("127.0.0.1")


@pytest.mark.parametrize("header", ["localhost", "LOCALHOST:99", "127.0.0.1:8642", "[::1]", "[::1]:8643"])
def test_an_own_name_is_known_at_any_port(header: str) -> None:
    assert hosts.known(header, OWN)


@pytest.mark.parametrize(
    "header",
    [
        "", "[::1].evil.test", "127.0.0.1:1@evil.test", "127.0.0.1:x", "127.0.0.1:", "localhost.",
        "evil.test#localhost",
        "localhost/evil.test", "localhost evil.test", "[::1", "::1", "[::1]]:1", "user@localhost", "localhost:999999",
        "localhost\x00", "localhost\n", "127.0.0.1,evil.test", "[localhost]", "127.0.0.1.evil.test",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_own_name_is_not_known(header: str) -> None:
    assert not hosts.known(header, OWN)
    assert not hosts.known(header, OWN, addresses=True)


@pytest.mark.parametrize("header", ["evil.test", "a.b:80"])
def test_any_well_formed_name_is_known_where_all_are(header: str) -> None:
    assert hosts.known(header, {hosts.ANY})
    assert not hosts.known(f"{header}@localhost", {hosts.ANY})


@pytest.mark.parametrize("origin", ["http://localhost:1", "HTTP://LOCALHOST:1"])
def test_an_origin_of_the_server_is_its_own(origin: str) -> None:
    assert hosts.same_origin(origin, "localhost:1", {"http"})


@pytest.mark.parametrize(
    "origin", ["null", "", "https://localhost:1", "http://localhost:2", "http://evil.test//localhost:1", "x://y//localhost:1"]
)  # fmt: skip
def test_any_other_origin_is_not(origin: str) -> None:
    assert not hosts.same_origin(origin, "localhost:1", {"http"})
