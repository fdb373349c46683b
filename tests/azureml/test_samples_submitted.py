"""Section 18: the samples that submit a script or use an environment, with code and data of our own around them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runstore.azureml.core import Environment, Experiment, Run, ScriptRunConfig, Workspace
from runstore.azureml.core.conda_dependencies import CondaDependencies
from runstore.azureml.exceptions import ActivityFailedException, RunConfigurationException
from tests import wheels
from tests.azureml.scenes import WAITING, until
from tests.launch.docker_stand_in import StandIn


@pytest.fixture
def ws(here: Path) -> Workspace:
    """The workspace as every sample opens it."""
    return Workspace.from_config()


def written(here: Path, name: str, text: str) -> None:
    (here / name).parent.mkdir(exist_ok=True)
    (here / name).write_text(text, encoding="utf-8")


# ---- train-on-local

MYLIB = """
import numpy as np

def get_alphas():
    return np.arange(0.0, 1.0, 0.05)
"""
TRAIN = """
import importlib.util
import os
import sys
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split
from azureml.core.run import Run
import joblib
import mylib

os.makedirs('./outputs', exist_ok=True)
x, y = load_diabetes(return_X_y=True)
run = Run.get_context()
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
print('packages of', sys.prefix, 'with polars' if importlib.util.find_spec('polars') else 'without polars')
for alpha in mylib.get_alphas():
    reg = Ridge(alpha=alpha).fit(x_train, y_train)
    mse = mean_squared_error(y_test, reg.predict(x_test))
    run.log('alpha', alpha)
    run.log('mse', mse)
    with open('ridge_{0:.2f}.pkl'.format(alpha), 'wb') as file:
        joblib.dump(value=reg, filename=os.path.join('./outputs/', file.name))
    print('alpha is {0:.2f}, and mse is {1:0.2f}'.format(alpha, mse))
""".replace("azureml", "runstore.azureml")


@pytest.fixture
def exp(ws: Workspace, here: Path) -> Experiment:
    written(here, "scripts/train.py", TRAIN)
    written(here, "scripts/mylib.py", MYLIB)
    return Experiment(workspace=ws, name="train-on-local")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where environments are kept for the whole session, and what they are built from."""
    cache = tmp_path_factory.mktemp("environments")
    return {"RUNSTORE_CACHE": str(cache), **wheels.variables(wheels.pack(cache / "wheels", "scikit-learn"))}


def user_managed() -> Environment:
    user_managed_env = Environment("user-managed-env")
    user_managed_env.python.user_managed_dependencies = True
    return user_managed_env


def checked(run: Run) -> None:
    """What the sample looks at in the end."""
    metrics = run.get_metrics()
    assert {name: len(values) for name, values in metrics.items()} == {"alpha": 20, "mse": 20}
    best_alpha = metrics["alpha"][np.argmin(metrics["mse"])]
    assert best_alpha == pytest.approx(metrics["alpha"][metrics["mse"].index(min(metrics["mse"]))])
    assert [name for name in run.get_file_names() if name.startswith("outputs/")] == [
        f"outputs/ridge_{alpha:.2f}.pkl" for alpha in np.arange(0.0, 1.0, 0.05)
    ]


def test_in_a_user_managed_environment(exp: Experiment, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    src = ScriptRunConfig(source_directory="./scripts", script="train.py", environment=user_managed())
    run = exp.submit(src)
    assert run.id in run._repr_html_()
    run.wait_for_completion(show_output=True)
    shown = capsys.readouterr().out
    assert shown.count("alpha is ") == 20
    assert "with polars" in shown
    assert "user_logs/std_log.txt" in shown
    checked(run)
    model = run.register_model(model_name="best_ridge_model", model_path="./outputs/ridge_0.40.pkl")
    print(f"Registered model:\n --> Name: {model.name}\n --> Version: {model.version}\n --> URL: {model.url}")
    assert (model.name, model.version) == ("best_ridge_model", 1)
    assert {path.name for path in here.iterdir()} == {".runstore", "scripts"}


@pytest.mark.slow
def test_in_a_system_managed_environment_that_is_really_built_and_then_used_again(
    exp: Experiment, built: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in built.items():
        monkeypatch.setenv(name, value)
    src = ScriptRunConfig(source_directory="./scripts", script="train.py", environment=user_managed())
    system_managed_env = Environment("system-managed-env")
    system_managed_env.python.user_managed_dependencies = False
    system_managed_env.python.conda_dependencies = CondaDependencies.create(conda_packages=["scikit-learn"])
    src.run_config.environment = system_managed_env
    run = exp.submit(src)
    run.wait_for_completion(show_output=True)
    shown = capsys.readouterr().out
    assert "building environment 'system-managed-env'" in shown
    assert "without polars" in shown
    assert f"packages of {built['RUNSTORE_CACHE']}" in shown
    checked(run)
    again = exp.submit(src, show_output=True)
    shown = capsys.readouterr().out
    assert "building environment" not in shown
    assert f"packages of {built['RUNSTORE_CACHE']}" in shown
    checked(again)
    env = run.get_environment()
    assert list(env.python.conda_dependencies.conda_packages) == ["scikit-learn"]


def test_in_a_container_whose_docker_is_a_stand_in(
    exp: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = StandIn(tmp_path / "docker")
    monkeypatch.setenv("PATH", os.pathsep.join([str(docker.bin), os.environ["PATH"]]))
    src = ScriptRunConfig(source_directory="./scripts", script="train.py")
    docker_env = Environment("docker-env")
    docker_env.python.user_managed_dependencies = False
    docker_env.docker.enabled = True
    print("Default Docker base image:", docker_env.docker.base_image)
    docker_env.docker.base_image = "example.org/base:1"
    docker_env.python.conda_dependencies = CondaDependencies.create(conda_packages=["scikit-learn"])
    src.run_config.environment = docker_env
    assert subprocess.run("docker version", shell=True, capture_output=True).returncode == 0
    run = exp.submit(config=src)
    run.wait_for_completion(show_output=True)
    (started,) = docker.calls("run")
    assert any(word.startswith("RUNSTORE_RUN_ID") for word in started["argv"])
    assert "scikit-learn" in str(docker.calls("build"))
    checked(run)
    assert docker.alive() == []
    logs = run.get_details_with_logs()["logFiles"]
    assert logs["system_logs/container/main.txt"] == logs["user_logs/std_log.txt"] != ""


def test_without_docker_the_sample_is_told_before_anything_starts(
    exp: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    src = ScriptRunConfig(source_directory="./scripts", script="train.py")
    src.run_config.environment = Environment("docker-env")
    src.run_config.environment.docker.enabled = True
    with pytest.raises(RunConfigurationException, match="docker"):
        exp.submit(config=src)
    assert list(exp.get_runs()) == []


# ---- manage-runs


def test_a_script_without_an_environment_is_watched_and_asked(ws: Workspace, here: Path) -> None:
    written(here, "hello.py", "print('Hello World!')\n")
    exp = Experiment(workspace=ws, name="explore-runs")
    local_script_run = exp.submit(ScriptRunConfig(source_directory=".", script="hello.py"))
    print(local_script_run.get_status(), local_script_run.get_details()["runId"])
    local_script_run.wait_for_completion(show_output=True)
    assert local_script_run.get_status() == "Completed"
    assert "system_logs/container/main.txt" not in local_script_run.get_details()["logFiles"]
    details = local_script_run.get_details_with_logs()
    assert details["logFiles"]["user_logs/std_log.txt"] == "Hello World!\n"
    local_script_run.add_properties({"author": "azureml-user"})
    local_script_run.tag("quality", "great run")
    found = list(exp.get_runs(properties={"author": "azureml-user"}, tags={"quality": "great run"}))
    assert [run.id for run in found] == [local_script_run.id]


def test_a_script_that_delays_is_canceled_and_another_is_failed(ws: Workspace, here: Path) -> None:
    written(here, "hello_with_delay.py", WAITING)
    exp = Experiment(workspace=ws, name="explore-runs")
    src = ScriptRunConfig(source_directory=".", script="hello_with_delay.py", arguments=[here / "go"])
    local_script_run = exp.submit(src)
    assert local_script_run.get_status() not in ("Completed", "Failed", "Canceled")
    local_script_run.cancel()
    assert local_script_run.get_status() == "Canceled"
    local_script_run = exp.submit(src)
    local_script_run.fail()
    assert local_script_run.get_status() == "Failed"


def test_a_script_makes_its_own_children(ws: Workspace, here: Path) -> None:
    text = (
        "import azureml.core\nfrom azureml.core import Run\nrun = Run.get_context()\n"
        "child_runs = run.create_children(count=5)\n"
        "for c, child in enumerate(child_runs):\n"
        "    child.log(name='Hello from child run ', value=c)\n"
        "    child.complete()\n"
    )
    written(here, "hello_with_children.py", text.replace("azureml", "runstore.azureml"))
    exp = Experiment(workspace=ws, name="explore-runs")
    local_script_run = exp.submit(ScriptRunConfig(source_directory=".", script="hello_with_children.py"))
    local_script_run.wait_for_completion(show_output=True)
    assert local_script_run.get_status() == "Completed"
    children = list(local_script_run.get_children())
    assert [child.get_metrics() for child in children] == [{"Hello from child run ": c} for c in reversed(range(5))]


def test_a_failure_that_is_waited_for_is_caught_as_the_samples_do(ws: Workspace, here: Path) -> None:
    written(here, "train.py", "raise RuntimeError('no data')\n")
    run = Experiment(ws, "train-on-remote-vm").submit(
        config=ScriptRunConfig(".", "train.py", environment=user_managed())
    )
    try:
        run.wait_for_completion(show_output=True)
    except ActivityFailedException as error:
        assert "no data" in error.message
    assert run.get_status() == "Failed"


# ---- using-environments


def test_an_environment_is_used_registered_and_got_again(ws: Workspace, here: Path) -> None:
    written(here, "example.py", "import os; print(os.environ.get('MESSAGE'))\n")
    myenv = Environment(name="myenv")
    myenv.python.user_managed_dependencies = True
    myenv.environment_variables = {"MESSAGE": "Hello from Azure Machine Learning"}
    runconfig = ScriptRunConfig(source_directory=".", script="example.py")
    runconfig.run_config.target = "local"
    runconfig.run_config.environment = myenv
    run = Experiment(workspace=ws, name="environment-example").submit(config=runconfig)
    run.wait_for_completion(show_output=True)
    assert run.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"].startswith("Hello from Azure")
    assert run.get_environment().name == "myenv"
    myenv.register(workspace=ws)
    for name, env in ws.environments.items():
        print(f"Name {name} \t version {env.version}")
    restored_environment = Environment.get(workspace=ws, name="myenv", version="1")
    assert restored_environment.environment_variables == myenv.environment_variables
    restored_environment.python.conda_dependencies.add_conda_package("numpy")
    assert restored_environment.register(workspace=ws).version == "2"


# ---- remote-vm: a run is fetched by its id


def test_a_run_that_was_submitted_is_found_while_it_goes_on(ws: Workspace, here: Path) -> None:
    written(here, "train.py", WAITING)
    exp = Experiment(ws, "train-on-local")
    submitted = exp.submit(ScriptRunConfig(".", "train.py", [here / "go"]))
    fetched: Any = Run(ws.experiments["train-on-local"], submitted.id)
    until(lambda: fetched.get_status() == "Running")
    (here / "go").touch()
    assert fetched.wait_for_completion()["runDefinition"]["arguments"] == [str(here / "go")]
