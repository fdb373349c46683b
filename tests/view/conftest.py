"""Tests that ask for ``browser`` are left out on a machine of one's own that has none, and fail in CI."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.view import browsers


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one for each file of tests: Playwright's loop runs in this thread as long as it is there, so that no
    other test could run one."""
    with browsers.started() as one:
        yield one


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    needy = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    if needy and browsers.lacking():
        items[:] = [item for item in items if item not in needy]
        config.hook.pytest_deselected(items=needy)
