"""Remotes in memory for the commands that send to them: one for each address."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runstore.errors import Unreachable
from runstore.sync import connecting
from runstore.sync.addresses import Address
from runstore.sync.connecting import Asked
from tests.sync.fakes import Memory


class Afar:
    """What lies at addresses. ``down``: the addresses at which nobody answers."""

    def __init__(self) -> None:
        self.remotes: dict[str, Memory] = {}
        self.down: set[str] = set()

    def at(self, url: str) -> Memory:
        """What lies there."""
        number = len(self.remotes)
        return self.remotes.setdefault(url, Memory(f"11111111-2222-4333-8444-{number:012d}"))

    def ask(self, name: str, address: Address, probe: bool = True) -> Asked:
        """In the place of ``connecting.ask``."""
        found = self.connect(name, address)
        warnings = ("lists are late: sync waits for them",) if probe and "slow" in address.url else ()
        return Asked(found.id, {"creates once": True} if probe else {}, warnings)

    def connect(self, name: str, address: Address) -> Memory:
        """In the place of ``connecting.connect``."""
        if address.url in self.down:
            raise Unreachable(f"{address.url}: nobody answers")
        return self.at(address.url)


@pytest.fixture
def afar(monkeypatch: pytest.MonkeyPatch) -> Afar:
    """Every address leads to a remote in memory."""
    found = Afar()
    monkeypatch.setattr(connecting, "ask", found.ask)
    monkeypatch.setattr(connecting, "connect", found.connect)
    return found


def failing(on: str, problem: Exception) -> Callable[[str], None]:
    """A fault of a remote: raised wherever that is done."""

    def fault(what: str) -> None:
        if what == on:
            raise problem

    return fault
