"""A directory that can't be written: starting says so in one line, reading works as ever."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runstore.launch.workspace import start_run
from runstore.runs import seal
from tests.crash.template import Template
from tests.faults import limits
from tests.faults.mounts import Mount


@pytest.fixture
def closed() -> Iterator[Path]:
    """A directory that everybody may look into, and only its owner (not even he, unless root) may write."""
    path = Path(tempfile.mkdtemp(prefix="runstore-closed-"))
    yield path
    for directory, _, _ in os.walk(path):
        os.chmod(directory, 0o755)
    shutil.rmtree(path)


def fill(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace with a bit of everything."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    with start_run("e", run_id="r", params={"lr": 0.1}, tags={"a": "b"}, workspace=path) as run:
        for i in range(100):
            run.log("v", i * 0.1, step=i)
        run.upload_file("a", io.BytesIO(b"bytes"))


def refused(told: dict[str, Any], *places: Path) -> None:
    for act, place in zip(("start", "resume", "new"), places, strict=True):
        name, text = told[act]
        assert (name, str(place) in text, "\n" in text) == ("NotWritable", True, False), (act, text)


def asked(template: Template, path: Path, new: Path, user: int | None) -> dict[str, Any]:
    child = template.start(limits.start_and_read, path=path, user=user, new=new)
    told: dict[str, Any] = child.talk.receive()
    assert child.wait() == 0
    return told


@pytest.mark.parametrize("way", ["mapped", "written"])
def test_on_a_read_only_mount_a_start_is_refused_and_everything_is_read(
    way: str, templates: dict[str, Template], tmpfs: Mount, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, new = tmpfs.path / "ws", tmpfs.path / "new"
    fill(path, monkeypatch)
    tmpfs.remount("ro")
    told = asked(templates[way], path, new, None)
    refused(told, path, path, new)
    assert told["check"] == []
    assert "Completed" in told["read"]


def test_as_another_user_a_start_is_refused_and_everything_is_read(
    templates: dict[str, Template], closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = closed / "ws"
    fill(path, monkeypatch)
    before = {p: p.stat().st_mtime_ns for p in path.rglob("*")}
    for directory, _, _ in os.walk(closed):
        os.chmod(directory, 0o555)
    told = asked(templates["mapped"], path, closed / "new", limits.NOBODY if os.geteuid() == 0 else None)
    refused(told, path, path, closed / "new")
    assert told["check"] == []
    assert "Completed" in told["read"]
    assert {p: p.stat().st_mtime_ns for p in path.rglob("*")} == before
