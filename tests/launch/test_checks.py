"""What can't be started is refused before anything is queued, in one line that says what to give instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runstore.errors import LaunchError, SnapshotError
from runstore.launch import checks
from runstore.launch.config import Docker, Environment, ScriptRunConfig


@pytest.fixture
def source(tmp_path: Path) -> Path:
    directory = tmp_path / "source"
    (directory / "deep").mkdir(parents=True)
    for name in ("train.py", "deep/other.py", "left_out.py"):
        (directory / name).write_text("pass")
    (directory / ".amlignore").write_text("left_out.py\n/.amlignore\n")
    return directory


def checked(source: Path, **given: Any) -> ScriptRunConfig:
    given.setdefault("script", None if "command" in given else "train.py")
    return checks.script(ScriptRunConfig(str(source), **given), source / "ws")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"script": "none.py"}, "no such script"),
        ({"script": "deep"}, "no such script"),
        ({"script": "../elsewhere.py"}, "outside of source_directory"),
        ({"script": "left_out.py"}, r"left out of the snapshot.*\.amlignore"),
        ({"script": None}, "neither a script nor a command"),
        ({"script": "train.py", "command": "make"}, "both a script and a command"),
        ({"command": []}, "the command is empty"),
        ({"arguments": ["a\0b"]}, "NUL"),
        ({"processes": 0}, "processes: give a whole number"),
        ({"processes": True}, "processes: give a whole number"),
        ({"processes": 1.5}, "processes: give a whole number"),
        ({"max_run_duration_seconds": 0}, "max_run_duration_seconds: give a number above 0"),
        ({"max_run_duration_seconds": float("nan")}, "max_run_duration_seconds: give a number above 0"),
        ({"variables": {"A=B": "x"}}, "'A=B'"),
        ({"variables": {"A": 1}}, "environment variable A: give its value as text, not int"),
        ({"variables": {"A": "\udcff"}}, "environment variable A"),
        ({"arguments": ["\udcff"]}, "is not UTF-8"),
        ({"arguments": "a 'b"}, "close the quotes"),
        ({"environment": Environment(variables={"": "x"})}, "environment variable ''"),
        ({"environment": Environment(interpreter="no-such-python")}, "no-such-python"),
        ({"environment": Environment(docker=Docker(image="python:3"))}, "docker"),
    ],
)
def test_what_cant_be_started_is_refused(
    source: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], text: str
) -> None:
    monkeypatch.setenv("PATH", str(source))
    with pytest.raises(LaunchError, match=text) as raised:
        checked(source, **given)
    assert "\n" not in str(raised.value)


def test_a_source_that_is_no_directory_is_refused(source: Path) -> None:
    with pytest.raises(LaunchError, match="no such directory"):
        checked(source / "train.py")


@pytest.mark.parametrize("script", ["deep/other.py", "./deep/other.py", "deep/../deep/other.py"])
def test_a_script_is_named_by_its_path_from_the_source(source: Path, script: str) -> None:
    assert checked(source, script=script).script == str(Path("deep") / "other.py")
    assert checked(source, script=str(source / script)).script == str(Path("deep") / "other.py")


def test_a_link_out_of_the_source_is_no_script_in_it(source: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text("pass")
    (source / "linked.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(LaunchError, match="outside of source_directory"):
        checked(source, script="linked.py")


def test_the_workspace_is_no_part_of_the_source(source: Path) -> None:
    (source / "ws").mkdir()
    (source / "ws" / "train.py").write_text("pass")
    with pytest.raises(LaunchError, match="lies in the workspace"):
        checked(source, script="ws/train.py")


@pytest.mark.parametrize("directory", ["outputs", "logs"])
def test_results_of_earlier_runs_are_no_part_of_the_source(source: Path, directory: str) -> None:
    (source / directory).mkdir()
    (source / directory / "train.py").write_text("pass")
    with pytest.raises(LaunchError, match="among the results of runs"):
        checked(source, script=f"{directory}/train.py")


def test_a_source_that_is_too_big_is_refused(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runstore.runs.snapshot.MOST_FILES", 2)
    checked(source)
    (source / "one_more.txt").touch()
    with pytest.raises(SnapshotError, match="more than 2 files"):
        checked(source)


def test_what_is_queued_needs_neither_the_current_directory_nor_the_callers_object(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source)
    config = ScriptRunConfig(".", "train.py")
    found = checks.script(config, source / "ws")
    assert found.source_directory == str(source)
    assert found.environment is not None and Path(found.environment.interpreter).is_absolute()
    assert config == ScriptRunConfig(".", "train.py")
