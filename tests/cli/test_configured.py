"""Options become configurations, and configurations words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click
import pytest

from runstore.cli import configured
from runstore.launch.config import Docker, Environment, ScriptRunConfig

TOLD: dict[str, Any] = {
    "interpreter": None, "requirements": None, "environment": None, "docker": None, "variables": {}, "processes": None,
    "timeout": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current directory: a project with a script in a directory of its own."""
    (tmp_path / "project" / "src").mkdir(parents=True)
    (tmp_path / "project" / "src" / "train.py").touch()
    (tmp_path / "project" / "other.py").touch()
    monkeypatch.chdir(tmp_path / "project")


@pytest.mark.parametrize(
    ("given", "source", "found"),
    [
        ("src/train.py", None, ("src", "train.py")),
        ("train.py", None, (".", "train.py")),
        ("src/train.py", ".", (".", "src/train.py")),
        ("train.py", "src", ("src", "train.py")),
        ("src/train.py", "src", ("src", "train.py")),
        ("nowhere.py", "src", ("src", "nowhere.py")),
    ],
)
def test_a_script_is_run_in_its_own_directory_or_in_the_one_that_is_named(
    given: str, source: str | None, found: tuple[str, str]
) -> None:
    directory, script = configured.located(given, Path(source) if source else None)
    assert (str(directory), script) == found


def test_a_script_beside_the_directory_that_is_named_is_refused() -> None:
    with pytest.raises(click.UsageError, match=r"other\.py does not lie in src"):
        configured.located("other.py", Path("src"))


def test_what_stands_behind_the_dashes_are_the_arguments_or_the_whole_command() -> None:
    made = configured.script("src/train.py", ["--alpha", "0.4"], None, False, TOLD)
    assert made.argv() == ["python", "train.py", "--alpha", "0.4"]
    assert configured.script(None, ["python", "-m", "x y"], None, True, TOLD).argv() == ["python", "-m", "x y"]
    assert configured.script(None, ["python -m x"], None, True, TOLD).argv() == ["python", "-m", "x"]


@pytest.mark.parametrize(("given", "behind", "command"), [(None, [], False), ("a", ["b"], True), (None, [], True)])
def test_where_nothing_is_to_run_it_says_what_to_name(given: str | None, behind: list[str], command: bool) -> None:
    with pytest.raises(click.UsageError, match=r"`--`|--command"):
        configured.script(given, behind, None, command, TOLD)


def test_the_options_say_what_the_script_runs_in() -> None:
    Path("needs.txt").write_text("numpy\n")
    Path("conda.yaml").write_text("dependencies: [pip: [scipy]]\n")
    assert configured.environment(TOLD) is None
    assert configured.environment(TOLD | {"docker": "img"}) == Environment("img", docker=Docker("img"))
    made = configured.environment(TOLD | {"requirements": Path("needs.txt")})
    assert made is not None
    assert (made.name, made.packages) == ("needs", ["numpy"])
    made = configured.environment(TOLD | {"environment": Path("conda.yaml")})
    assert made is not None
    assert made.packages == ["scipy"]


def test_an_interpreter_is_meant_as_seen_from_here() -> None:
    assert configured.environment(TOLD | {"interpreter": "python3.12"}) == Environment(
        "python3.12", interpreter="python3.12"
    )
    made = configured.environment(TOLD | {"interpreter": os.path.join("env", "bin", "python")})
    assert made is not None
    assert made.interpreter == str(Path.cwd() / "env" / "bin" / "python")


def test_two_environments_at_once_are_refused() -> None:
    with pytest.raises(click.UsageError, match="--interpreter and --docker can't be had together"):
        configured.environment(TOLD | {"docker": "img", "interpreter": "python"})


def test_a_sweep_takes_further_arguments_and_what_the_options_say() -> None:
    Path("sweep.yaml").write_text("script: src/train.py\narguments: [--a]\nparameters: {x: [1, 2]}\nmetric: loss\n")
    told = TOLD | {"variables": {"B": "b"}, "timeout": 3.0}
    made = configured.sweep(Path("sweep.yaml"), None, ["--c", "d e"], told)
    assert made.config.argv() == ["python", "src/train.py", "--a", "--c", "d e"]
    assert (made.config.variables, made.config.max_run_duration_seconds) == ({"B": "b"}, 3.0)
    assert configured.name(made) == "train"
    with pytest.raises(click.UsageError, match=r"leave out train\.py"):
        configured.sweep(Path("sweep.yaml"), "train.py", [], TOLD)


def test_a_command_is_called_as_its_directory() -> None:
    assert configured.name(configured.script(None, ["ls"], None, True, TOLD)) == "project"
    assert configured.name(configured.script("src/train.py", [], None, False, TOLD)) == "train"


def test_what_was_submitted_is_told_in_words() -> None:
    config = ScriptRunConfig(".", "train.py", ["--name", "a b"], processes=2, max_run_duration_seconds=60)
    assert configured.shown(config.definition()) == {
        "script": "train.py --name 'a b'", "environment": "python (user-managed)", "processes": "2", "timeout": "60 s",
    }  # fmt: skip
    config = ScriptRunConfig(".", command="ls", environment=Environment("mine", packages=["scipy"]))
    assert configured.shown(config.definition()) == {"script": "ls", "environment": "mine (scipy)"}
    config.environment = Environment(docker=Docker("img"))
    assert configured.shown(config.definition())["environment"] == "a container of img"
    config.environment = Environment("mine", packages=[], conda_packages=["numpy"], python_version="3.12")
    assert configured.shown(config.definition())["environment"] == "mine (python=3.12, numpy)"
