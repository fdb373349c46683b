"""An MLflow server in memory, and how to send there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runstore.sync.mlflow import pushing, server
from runstore.sync.push import Pushed
from runstore.sync.retry import Patience
from tests.sync.mlflow import logged
from tests.sync.mlflow.fake import AT_ONCE, Fake, Store

Send = Callable[..., Pushed]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def send(store: Store, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Send:
    def sent(place: Path = workspace, fault: Any = None, patience: Patience = AT_ONCE, **more: Any) -> Pushed:
        made = Fake(store, fault or (lambda what, done: None), patience)
        monkeypatch.setattr(server, "Server", lambda *_: made)
        return pushing.push(place, logged.URL, logged.ID, **more)

    return sent
