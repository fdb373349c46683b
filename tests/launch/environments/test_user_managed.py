from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch.config import Environment
from runstore.launch.environments import links, own, user_managed
from tests.launch.environments.conftest import program


def prepared(interpreter: str) -> tuple[str, Path | None]:
    environment = Environment("mine", interpreter=interpreter)
    user_managed.check(environment)
    found = user_managed.realise(environment)
    return found.python, found.link


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another virtual environment, without runstore."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "other")], check=True)
    return tmp_path / "other" / ("Scripts" if os.name == "nt" else "bin") / "python"


def test_python_is_the_running_interpreter_with_the_running_runstore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "installed", lambda: False)
    assert prepared("python") == (sys.executable, links.link())


def test_where_runstore_is_installed_nothing_is_put_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "installed", lambda: True)
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "cache"))
    assert prepared("python") == (sys.executable, None)
    assert not (tmp_path / "cache").exists()


def test_the_running_interpreter_is_started_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runstore.launch.environments.tools.ask", lambda *a, **k: pytest.fail("it was"))
    assert prepared(sys.executable)[0] == sys.executable


def test_another_interpreter_is_used_as_it_is(other: Path) -> None:
    assert prepared(str(other)) == (str(other), links.link())


def test_one_with_a_runstore_of_its_own_keeps_it(other: Path) -> None:
    (site,) = other.parent.parent.glob("lib/python*/site-packages")
    (site / "runstore.py").touch()
    assert prepared(str(other)) == (str(other), None)


def test_a_name_is_looked_for_on_path(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(other.parent))
    assert prepared("python3")[0] == str(other.parent / "python3")


def test_a_path_may_begin_at_home_or_here(other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert prepared("other/bin/python")[0] == str(other)
    assert prepared("~/other/bin/python")[0] == str(other)


@pytest.mark.parametrize("name", ["no-such-python", "/no/such/python", "./python"])
def test_one_that_is_not_there_is_said(name: str) -> None:
    with pytest.raises(LaunchError, match=rf"environment 'mine': there is no interpreter '{name}'"):
        user_managed.check(Environment("mine", interpreter=name))


@pytest.mark.parametrize("text", ["echo broken >&2; exit 3", "echo broken"])
def test_one_that_does_not_run_is_said(tmp_path: Path, text: str) -> None:
    odd = program(tmp_path / "odd", text)
    with pytest.raises(
        LaunchError, match=r"odd does not run as a Python interpreter \(broken\); name another"
    ) as found:
        user_managed.check(Environment("mine", interpreter=str(odd)))
    assert "\n" not in str(found.value)
