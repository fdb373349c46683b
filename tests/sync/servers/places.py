"""Where remotes may be made in a test: a URL, and the variables with which a client gets there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

OTHERS = ("AWS_", "AZURE_", "AZURITE_", "GOOGLE_", "MLFLOW_")
"""How the variables begin by which such clients are told where to go, and who they are."""


@dataclass(frozen=True)
class Place:
    """A fresh bucket, container, directory or server.

    Attributes:
        url: what ``runstore remote add`` is given.
        environment: the variables that a client needs.
        address: ``http://127.0.0.1:PORT`` of the server; empty for a directory.
    """

    url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    address: str = ""

    def enter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on, until the test ends, this process has these variables, and none for another such place."""
        for name in [name for name in os.environ if name.startswith(OTHERS)]:
            monkeypatch.delenv(name)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    def through(self, address: str) -> Place:
        """The same place, got to at another address: that of a proxy before it."""
        moved = {name: value.replace(self.address, address) for name, value in self.environment.items()}
        return Place(self.url.replace(self.address, address), moved, address)
