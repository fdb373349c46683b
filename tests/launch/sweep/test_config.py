"""What a sweep is, in Python and in YAML."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from runstore.errors import LaunchError, UsageError
from runstore.launch.config import Environment, ScriptRunConfig
from runstore.launch.sweep import config
from runstore.launch.sweep.config import Sweep

SCRIPT = ScriptRunConfig("src", "train.py", arguments="--epochs 3")


def sweep(**given: Any) -> Sweep:
    return Sweep(SCRIPT, **{"parameters": {"lr": [0.1, 0.2]}, "metric": "loss", **given})


def test_a_sweep_comes_back_from_json_as_it_was() -> None:
    made = sweep(policy="median", seed=3, parameters={"lr": ("uniform", 0, 1)}, resume_from=["a"], minutes=5)
    body = json.loads(json.dumps(made.as_dict()))
    again = Sweep.from_dict(body)
    assert again.as_dict() == body
    assert (again.config.argv(), again.seed, again.minutes) == (SCRIPT.argv(), 3, 5)


def test_a_seed_that_nobody_gave_is_drawn_once() -> None:
    settled = sweep().settled()
    assert isinstance(settled.seed, int)
    assert settled.settled() is settled
    assert settled.labels()[0]["seed"] == str(settled.seed)


def test_a_child_gets_its_values_after_the_scripts_own_arguments() -> None:
    child = sweep().child({"lr": 0.1, "--depth": 2})
    assert child.argv() == ["python", "train.py", "--epochs", "3", "--lr", "0.1", "--depth", "2"]
    assert SCRIPT.argv() == ["python", "train.py", "--epochs", "3"]


def test_a_grid_has_no_more_runs_than_combinations() -> None:
    assert sweep(sampling="grid", runs=20).total == 2
    assert sweep(sampling="grid", runs=1).total == 1
    assert sweep(runs=20).total == 20


def test_labels_are_called_as_in_the_sdk() -> None:
    properties, tags = sweep(goal="maximize").labels()
    assert json.loads(properties["primary_metric_config"]) == {"name": "loss", "goal": "maximize"}
    assert json.loads(tags["generator_config"])["parameter_space"] == {"lr": ["choice", [[0.1, 0.2]]]}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"goal": "min"}, "goal: give minimize or maximize"),
        ({"sampling": "tpe"}, "sampling: give random or grid or bayesian"),
        ({"metric": ""}, "metric: "),
        ({"runs": 0}, "runs: give a whole number of at least 1"),
        ({"runs": 2.5}, "runs: "),
        ({"concurrent": True}, "concurrent: "),
        ({"minutes": 0}, "minutes: give a number above 0"),
        ({"seed": -1}, "seed: "),
        ({"policy": "best"}, "policy: give none, bandit, median, truncation"),
        ({"parameters": {}}, "parameters: "),
        ({"parameters": {"lr": 3}}, "parameter 'lr': "),
        ({"parameters": {"lr": ("uniform", 0, 1)}, "sampling": "grid"}, "parameter 'lr': a grid is of choices"),
    ],
    ids=repr,
)
def test_what_can_not_be_is_named_with_what_is_allowed(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        sweep(**given).check()
    assert str(caught.value).startswith(says)


def test_a_sweep_is_of_a_script() -> None:
    with pytest.raises(UsageError, match="config: give a ScriptRunConfig, not a str"):
        Sweep("train.py", {"lr": [1]}, "loss").check()  # type: ignore[arg-type]


def test_without_what_searches_nothing_is_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "find_spec", lambda name: None)
    with pytest.raises(LaunchError, match=r"runstore\[sweep\]"):
        sweep().check()


# ---- YAML

WHOLE = """
script: train.py
source_directory: src
arguments: --epochs 3
environment: {packages: [numpy], python_version: "3.11"}
parameters:
  lr: {loguniform: [-5, 0]}
  depth: {choice: [2, 4]}
  name: [adam, sgd]
  batch: {randint: 4}
metric: loss
goal: maximize
runs: 12
concurrent: 3
sampling: bayesian
policy: {bandit: {slack_factor: 0.1, evaluation_interval: 2}}
minutes: 30
seed: 1
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(text: str) -> Path:
        path = tmp_path / "sweep.yaml"
        path.write_text(text)
        return path

    return written


def test_every_field_of_a_file_is_read(write: Any, tmp_path: Path) -> None:
    made = config.from_yaml(write(WHOLE))
    script = ScriptRunConfig(
        str(tmp_path / "src"), "train.py", arguments="--epochs 3",
        environment=Environment(packages=["numpy"], python_version="3.11"),
    )  # fmt: skip
    told = {
        "lr": ["loguniform", [-5, 0]], "depth": ["choice", [[2, 4]]], "name": ["choice", [["adam", "sgd"]]],
        "batch": ["randint", [4]],
    }  # fmt: skip
    assert made.config == script
    assert made.as_dict()["parameters"] == told
    assert (made.metric, made.goal, made.runs, made.concurrent, made.sampling) == (
        "loss",
        "maximize",
        12,
        3,
        "bayesian",
    )
    assert (made.minutes, made.seed) == (30, 1)


def test_a_command_of_the_files_directory_is_enough(write: Any, tmp_path: Path) -> None:
    made = config.from_yaml(write("command: [sh, run.sh]\nparameters: {a: [1]}\nmetric: m\n"))
    assert made.config == ScriptRunConfig(str(tmp_path), command=["sh", "run.sh"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("script: a.py\nmetric: m\n", "field 'parameters' is missing"),
        ("script: a.py\nparameters: {a: [1]}\n", "field 'metric' is missing"),
        ("parameters: {a: [1]}\nmetric: m\n", "give script or command"),
        ("script: a\ncommand: b\nparameters: {a: [1]}\nmetric: m\n", "give script or command"),
        ("script: a.py\nparameters: {a: [1]}\nmetric: m\nrun: 3\n", "unknown field 'run'; the fields are script,"),
        ("script: a.py\nparameters: {a: 1}\nmetric: m\n", "parameter 'a': 1 is no expression"),
        ("script: a.py\nparameters: {a: [1]}\nmetric: m\ngoal: best\n", "goal: give minimize or maximize"),
        ("script: 3\nparameters: {a: [1]}\nmetric: m\n", "script: give a path"),
        ("command: 3\nparameters: {a: [1]}\nmetric: m\n", "command: give a text or a list"),
        ("script: a.py\nprocesses: x\nparameters: {a: [1]}\nmetric: m\n", "processes: "),
        ("script: a.py\nenvironment: {pip: [x]}\nparameters: {a: [1]}\nmetric: m\n", "environment: its fields are"),
        ("- 1\n", "holds no names with values"),
    ],
    ids=repr,
)
def test_an_error_names_the_file_and_the_field(write: Any, text: str, says: str) -> None:
    path = write(text)
    with pytest.raises(LaunchError) as caught:
        config.from_yaml(path)
    assert str(caught.value).startswith(f"{path}: {says}")


def test_the_file_that_the_page_shows_is_one_and_has_every_field(write: Any) -> None:
    page = (Path(__file__).parents[3] / "docs" / "sweeps.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    made = config.from_yaml(write(shown))
    assert made.config.argv() == ["python", "train.py", "--epochs", "3"]
    fields = {line.partition(":")[0] for line in shown.splitlines() if not line.startswith(" ")}
    assert {*config._SCRIPT, *config._SEARCH} - fields == {"command", "processes"}
