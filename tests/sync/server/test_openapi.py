"""The description says what the app does: every address, every method, every scope, and answers as they come."""

from __future__ import annotations

from pathlib import Path

from runstore.sync.server import app, guard, openapi, problems
from tests.sync.server.asking import Asking

ROOT = Path(__file__).resolve().parents[3]
DESCRIBED = openapi.document()


def operations() -> dict[tuple[str, str], dict[str, object]]:
    return {
        (method.upper(), path): operation
        for path, methods in DESCRIBED["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def test_it_describes_every_endpoint_and_no_other() -> None:
    assert set(operations()) == {(one.method, one.path) for one in app.endpoints()}


def test_it_says_which_need_no_token() -> None:
    assert {path for (_, path), one in operations().items() if one.get("security") == []} == guard.OPEN


def test_every_error_that_it_names_says_what_to_do() -> None:
    named = {int(status) for one in operations().values() for status in one["responses"]}  # type: ignore[attr-defined]
    assert {status for status in named if status >= 400} <= {*problems.DO}


def test_it_is_served(ask: Asking) -> None:
    del ask.headers["authorization"]
    assert ask("GET", "/api/v1/openapi.json").json() == DESCRIBED


def test_the_page_about_it_names_every_endpoint() -> None:
    text = (ROOT / "docs" / "workspace-api.md").read_text(encoding="utf-8")
    assert [f"{method} {path}" for method, path in operations() if f"`{method} {path}`" not in text] == []
