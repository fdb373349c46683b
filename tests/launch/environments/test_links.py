from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import runstore
from runstore.errors import LaunchError
from runstore.launch.environments import links

SOURCE = Path(runstore.__file__).parent


def imported(directory: Path) -> str:
    program = "import runstore; print(runstore.__version__, runstore.__path__[0])"
    environ = {**os.environ, "PYTHONPATH": str(directory)}
    return subprocess.run(
        [sys.executable, "-P", "-c", program], env=environ, capture_output=True, text=True
    ).stdout.strip()


def refuse(*args: object, **kwargs: object) -> None:
    raise OSError("no links here")


def test_the_directory_holds_the_running_runstore_and_nothing_else() -> None:
    found = links.link()
    assert os.listdir(found) == ["runstore"]
    assert os.path.samefile(found / "runstore", SOURCE)
    assert imported(found) == f"{runstore.__version__} {found / 'runstore'}"


def test_it_is_made_once() -> None:
    first = links.link()
    made = os.lstat(first / "runstore").st_ino
    assert links.link() == first
    assert os.lstat(first / "runstore").st_ino == made


def test_a_link_that_leads_nowhere_is_made_anew() -> None:
    found = links.link() / "runstore"
    found.unlink()
    found.symlink_to("nowhere")
    assert os.path.samefile(links.link() / "runstore", SOURCE)


def test_where_links_can_not_be_made_it_is_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "symlink", refuse)
    found = links.link()
    assert not (found / "runstore").is_symlink()
    assert imported(found) == f"{runstore.__version__} {found / 'runstore'}"
    assert links.link() == found
    assert os.listdir(found) == ["runstore"]


def test_a_cache_that_can_not_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(LaunchError, match=r"can't be written .*RUNSTORE_CACHE"):
        links.link()
