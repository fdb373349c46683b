from __future__ import annotations

import pytest

from tests.disk.faulty import Disk


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)
