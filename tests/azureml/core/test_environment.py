"""Environments as config objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Environment
from runstore.azureml.core.environment import CondaDependencies
from runstore.azureml.exceptions import NotYetException


def test_the_defaults_are_the_sdks() -> None:
    env = Environment("mine")
    assert (env.name, env.version) == ("mine", None)
    assert (env.python.user_managed_dependencies, env.python.interpreter_path) == (False, "python")
    assert isinstance(env.python.conda_dependencies, CondaDependencies)
    assert (env.docker.enabled, env.docker.shared_volumes, env.docker.shm_size) == (False, True, "2g")
    assert len(env.environment_variables) == 1


def test_everything_can_be_changed_in_place() -> None:
    env = Environment("mine")
    env.python.user_managed_dependencies = True
    env.docker.enabled, env.docker.base_image = True, "image"
    env.docker.base_image_registry.address = "example.com"
    env.environment_variables["A"] = "b"
    assert env.docker.base_image_registry.address == "example.com"
    assert Environment("other").environment_variables.get("A") is None


def test_a_clone_is_another_one() -> None:
    env = Environment("mine")
    clone = env.clone("copy")
    clone.environment_variables["A"] = "b"
    assert (clone.name, "A" in env.environment_variables) == ("copy", False)


def test_from_requirements(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("pandas==2.2\n# a comment\n\nnumpy  # another\n", encoding="utf-8")
    env = Environment.from_pip_requirements("mine", str(tmp_path / "r.txt"))
    assert list(env.python.conda_dependencies.pip_packages) == ["pandas==2.2", "numpy"]


def test_from_images() -> None:
    assert Environment.from_docker_image("mine", "image").docker.base_image == "image"
    assert Environment.from_dockerfile("mine", "FROM x").docker.base_dockerfile == "FROM x"


def test_a_password_is_not_shown() -> None:
    env = Environment("mine")
    env.docker.base_image_registry.password = "s3cret"
    assert "s3cret" not in repr(env.docker)


@pytest.mark.parametrize("call", ["register", "build", "build_local", "save_to_directory", "get", "list"])
def test_registering_and_building_come_later(call: str) -> None:
    with pytest.raises(NotYetException, match="scripts"):
        getattr(Environment("mine"), call)("x")
