"""Config objects as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runstore.azureml.core import Environment
from runstore.azureml.core import definitions as forms
from runstore.azureml.core.runconfig import DockerConfiguration
from runstore.azureml.core.submitting import environment
from runstore.azureml.exceptions import RunConfigurationException


def full() -> Environment:
    made = Environment("mine")
    made.version = "3"
    made.python.interpreter_path = "python3"
    made.python.conda_dependencies.add_conda_package("scikit-learn")
    made.python.conda_dependencies.add_pip_package("pandas")
    made.docker.enabled, made.docker.base_image, made.docker.arguments = True, "image", ["--net", "host"]
    made.docker.base_image_registry.address, made.docker.base_image_registry.password = "registry", "hunter2"
    made.environment_variables["A"] = "b"
    return made


def test_an_environment_survives_json_without_its_password() -> None:
    body = json.loads(json.dumps(forms.environment(full())))
    assert "hunter2" not in str(body)
    assert forms.environment(forms.read_environment(body)) == body
    assert forms.read_environment(body).docker.base_image_registry.address == "registry"


def test_what_a_run_says_that_it_ran_in_is_read_as_an_environment() -> None:
    launched = environment(full(), DockerConfiguration(), Path())
    found = forms.read_environment(json.loads(json.dumps(launched.definition())))
    assert forms.environment(found)["python"] == {
        **forms.environment(full())["python"], "condaDependenciesFile": None, "baseCondaEnvironment": None,
    }  # fmt: skip
    assert (found.name, found.version, found.docker.base_image) == ("mine", "3", "image")
    assert (found.docker.enabled, found.environment_variables["A"]) == (True, "b")


@pytest.mark.parametrize("body", [{}, {"python": 3}, {"docker": [1]}, {"python": {"condaDependencies": 1}}])
def test_something_else_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(RunConfigurationException, match="no environment"):
        forms.read_environment({**({"name": "mine"} if body else {}), **body})
