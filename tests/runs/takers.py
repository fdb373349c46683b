"""A run that only takes notes of what a watched directory gives it: what tests of folders stand on."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runstore.disk.capabilities import CAN
from runstore.runs import folder, growing
from runstore.runs.folder import Folder


class Taker:
    """What a folder needs of a run, and what it was given."""

    def __init__(self, workspace: Path) -> None:
        self.id = "r"
        self.experiment = SimpleNamespace(workspace=SimpleNamespace(path=workspace))
        self.stored: list[tuple[str, bytes]] = []
        self.kinds: set[str] = set()
        self.logs: dict[str, bytearray] = {}
        self.refusal: Exception | None = None
        self.warned: list[str] = []
        self._writer = SimpleNamespace(record=lambda kind, body: self.warned.append(body["text"]), logs=self.logs)
        self._live = lambda: self._writer

    def _store(self, name: str, source: Any, *, kind: str, overwrite: bool) -> None:
        if self.refusal is not None:
            raise self.refusal
        assert overwrite
        self.kinds.add(kind)
        self.stored.append((name, source.read()))


class Log:
    """A log file of the workspace that is a list of lines."""

    def __init__(self, data: bytearray) -> None:
        self.data, self.refusal = data, 0
        self.mark = self.settle = self.advance = lambda: None

    def write(self, piece: bytes) -> None:
        if self.refusal:
            self.refusal -= 1
            raise OSError(28, "No space left on device")
        self.data += piece


@pytest.fixture
def run(tmp_path: Path) -> Taker:
    return Taker(tmp_path / "ws")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outputs").mkdir()
    return tmp_path / "outputs"


def opened(writer: Any, name: str) -> Log:
    return Log(writer.logs.setdefault(name, bytearray()))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files rest at once, and are taken again at once; text logs go to the run's ``logs``."""
    monkeypatch.setattr(folder, "CAN", CAN._replace(unlink_open=True))
    monkeypatch.setattr(growing.logfile, "opened", opened)
    for constant in ("REST", "LOOK", "RARELY", "SHARE", "AGAIN"):
        monkeypatch.setattr(folder, constant, 0.0)
    monkeypatch.setattr(folder, "RATE", 1e12)


def watched(run: Any, root: Path, logs: bool = False) -> Folder:
    return Folder(run, root, "logs" if logs else "outputs", logs)
