"""What is to be run, as data."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import LaunchError
from runstore.launch.config import Docker, Environment, Registry, ScriptRunConfig, words

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
environments = st.builds(
    Environment,
    name=texts,
    packages=st.none() | st.lists(texts, max_size=3),
    conda_packages=st.lists(texts, max_size=3),
    docker=st.none() | st.builds(Docker, image=texts, arguments=st.lists(texts, max_size=2)),
    variables=st.dictionaries(texts, texts, max_size=2),
)
configs = st.builds(
    ScriptRunConfig,
    script=texts,
    arguments=st.none() | texts | st.lists(texts, max_size=3),
    environment=st.none() | environments,
    processes=st.integers(1, 9),
    variables=st.dictionaries(texts, texts, max_size=2),
    max_run_duration_seconds=st.none() | st.floats(1, 1e6),
)


@given(configs)
def test_a_configuration_survives_json(config: ScriptRunConfig) -> None:
    assert ScriptRunConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config


def test_what_as_dict_gives_is_not_the_configuration_itself() -> None:
    config = ScriptRunConfig(script="train.py", environment=Environment(variables={"A": "1"}), variables={"B": "2"})
    body = config.as_dict()
    body["environment"]["variables"]["A"] = body["variables"]["B"] = "changed"
    assert config.environment is not None and config.environment.variables == {"A": "1"}
    assert config.variables == {"B": "2"}


def test_a_script_is_run_by_the_environments_python() -> None:
    assert ScriptRunConfig(script="train.py").argv() == ["python", "train.py"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--alpha", 0.4, "-n", 3], ["--alpha", "0.4", "-n", "3"]),
        (["--alpha", np.float64(0.4), "-n", np.int64(3)], ["--alpha", "0.4", "-n", "3"]),
        ("--name 'two words' -v", ["--name", "two words", "-v"]),
        (("a", "b"), ["a", "b"]),
        ([], []),
        (None, []),
    ],
)
def test_arguments_become_text(arguments: Any, expected: list[str]) -> None:
    assert ScriptRunConfig(script="train.py", arguments=arguments).argv() == ["python", "train.py", *expected]
    assert words(arguments) == expected


def test_a_script_whose_name_begins_like_an_option_is_no_option() -> None:
    assert ScriptRunConfig(script="-train.py").argv() == ["python", "./-train.py"]


def test_a_command_is_taken_word_by_word() -> None:
    assert ScriptRunConfig(command="python train.py --name 'a b'").argv() == ["python", "train.py", "--name", "a b"]
    assert ScriptRunConfig(command=["make", "-j", 2]).argv() == ["make", "-j", "2"]


@pytest.mark.parametrize("command", ["python a.py && python b.py", "python a.py > out.txt", "echo $HOME", "a; b"])
def test_a_command_that_only_a_shell_understands_goes_through_it(command: str) -> None:
    shell = ["cmd", "/c"] if sys.platform == "win32" else ["sh", "-c"]
    assert ScriptRunConfig(command=command).argv() == [*shell, command]


def test_arguments_follow_a_command() -> None:
    assert ScriptRunConfig(command="make all", arguments=["-j", 2]).argv() == ["make", "all", "-j", "2"]
    shell = ScriptRunConfig(command="true && make", arguments=["a b"]).argv()
    assert shell[-1] == "true && make 'a b'"


def test_a_list_never_goes_through_a_shell() -> None:
    assert ScriptRunConfig(command=["echo", "$HOME", "&&"]).argv() == ["echo", "$HOME", "&&"]


def test_a_script_and_a_command_exclude_each_other() -> None:
    with pytest.raises(LaunchError, match="both a script and a command"):
        ScriptRunConfig(script="train.py", command="make").argv()
    with pytest.raises(LaunchError, match="neither"):
        ScriptRunConfig().argv()


def test_only_an_environment_without_packages_is_user_managed() -> None:
    assert Environment().user_managed
    assert not Environment(packages=[]).user_managed


def test_the_packages_are_a_conda_specification() -> None:
    made = Environment(
        packages=["pandas==2.2"],
        conda_packages=["scikit-learn"],
        python_version="3.12",
        index_url="https://pip.example",
    )
    assert made.conda() == {
        "name": "project_environment",
        "channels": [],
        "dependencies": ["python=3.12", "scikit-learn", {"pip": ["--index-url https://pip.example", "pandas==2.2"]}],
    }


def test_the_definition_has_the_keys_of_the_sdk() -> None:
    config = ScriptRunConfig(script="train.py", arguments=["--alpha", 0.4], max_run_duration_seconds=60)
    found = config.definition()
    assert found["script"] == "train.py" and found["arguments"] == ["--alpha", "0.4"] and found["command"] is None
    assert (found["target"], found["framework"], found["communicator"]) == ("local", "Python", "None")
    assert (found["maxRunDurationSeconds"], found["nodeCount"]) == (60, 1)
    assert found["history"]["directoriesToWatch"] == ["logs"]
    assert found["docker"]["useDocker"] is False
    assert found["environment"]["python"]["userManagedDependencies"] is True
    assert found["environment"]["python"]["interpreterPath"] == "python"
    json.dumps(found)


def test_no_password_is_in_the_definition_or_in_the_repr() -> None:
    docker = Docker(image="img", registry=Registry("registry.example", "me", "hunter2"))
    config = ScriptRunConfig(script="train.py", environment=Environment(docker=docker))
    assert "hunter2" not in json.dumps(config.definition()) + repr(config)
    assert "hunter2" in json.dumps(config.as_dict())  # the job needs it
