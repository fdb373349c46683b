"""The app of a server, asked in this process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from runstore.format import names
from runstore.sync.place import Place
from runstore.sync.server.app import app
from runstore.sync.server.audit import Audit
from runstore.sync.server.served import Limits, Served
from runstore.sync.server.tokens import Tokens

HOSTS = frozenset({"localhost"})


@dataclass(slots=True)
class Asking:
    """An app that is asked with a token that may do everything, and what the app serves."""

    served: Served
    app: ASGIApp
    token: str
    headers: dict[str, str]  # sent with each request

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self.send(method, path, **more))

    async def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=self.headers) as client:
            return await client.request(method, path, **more)

    def close(self) -> None:
        self.served.audit.close()
        self.served.remote.close()

    def error(self, method: str, path: str, **more: Any) -> tuple[int, str]:
        """The status and the words of an answer that is an error."""
        answer = self(method, path, **more)
        told = answer.json()
        assert set(told) == {"error", "do"}
        assert answer.headers["content-type"] == "application/json"
        return answer.status_code, told["error"]

    def audit(self) -> list[dict[str, Any]]:
        """What was written down."""
        return self.served.audit.last(1000)


def asking(workspace: Path, **limits: Any) -> Asking:
    """Serve a workspace within these limits."""
    place = Place(workspace)
    tokens = Tokens(workspace / names.SERVER_TOKENS)
    for one in tokens.every():
        tokens.revoke(one.id)
    token = tokens.create("me", "admin", 3600)
    served = Served(
        place, tokens, Audit(workspace / names.SERVER_AUDIT), place.incoming, HOSTS, "there",
        limits=replace(Limits(), **limits),
    )  # fmt: skip
    return Asking(served, app(served), token, {"authorization": f"Bearer {token}"})
