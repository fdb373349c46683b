"""Environments as config objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Environment, Workspace
from runstore.azureml.core.environment import CondaDependencies
from runstore.azureml.exceptions import UserErrorException


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


def test_an_image_is_run_in_and_packages_of_a_file_are_had_besides(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("pandas\n", encoding="utf-8")
    (tmp_path / "env.yml").write_text("dependencies: [numpy]\n", encoding="utf-8")
    plain = Environment.from_docker_image("mine", "image")
    assert (plain.docker.enabled, plain.python.user_managed_dependencies) == (True, True)
    pip = Environment.from_docker_image("mine", "image", pip_requirements=str(tmp_path / "r.txt"))
    conda = Environment.from_dockerfile("mine", "FROM x", conda_specification=str(tmp_path / "env.yml"))
    assert not pip.python.user_managed_dependencies
    assert list(pip.python.conda_dependencies.pip_packages) == ["pandas"]
    assert list(conda.python.conda_dependencies.conda_packages) == ["numpy"]


def test_from_a_specification_of_condas(tmp_path: Path) -> None:
    (tmp_path / "env.yml").write_text("dependencies: [python=3.12, numpy]\n", encoding="utf-8")
    env = Environment.from_conda_specification("mine", str(tmp_path / "env.yml"))
    assert (env.name, env.python.conda_dependencies.python_version) == ("mine", "3.12")
    with pytest.raises(UserErrorException, match=r"none\.yml"):
        Environment.from_conda_specification("mine", str(tmp_path / "none.yml"))
    with pytest.raises(UserErrorException, match=r"none\.txt"):
        Environment.from_pip_requirements("mine", str(tmp_path / "none.txt"))


def test_an_index_in_a_requirements_file_is_the_index(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("--index-url https://pip.example\npandas\n", encoding="utf-8")
    env = Environment.from_pip_requirements("mine", str(tmp_path / "r.txt"))
    assert list(env.python.conda_dependencies.pip_options) == ["--index-url https://pip.example"]


# ---- the registry


def test_a_registered_one_has_a_version_and_comes_back_as_it_was(ws: Workspace) -> None:
    env = Environment("mine")
    env.python.conda_dependencies.add_pip_package("pandas")
    env.environment_variables["A"] = "b"
    first = env.register(ws)
    env.docker.base_image = "image"
    second = env.register(workspace=ws)
    assert (env.version, first.version, second.version) == (None, "1", "2")
    old, new = Environment.get(ws, "mine", version="1"), Environment.get(workspace=ws, name="mine")
    assert (old.version, old.docker.base_image, old.environment_variables["A"]) == ("1", None, "b")
    assert (new.version, new.docker.base_image) == ("2", "image")
    assert list(old.python.conda_dependencies.pip_packages) == ["pandas"]
    assert Environment.get(ws, "mine", label="Latest").version == "2"


def test_registering_what_is_registered_gives_the_same_version(ws: Workspace) -> None:
    env = Environment("mine")
    assert env.register(ws).version == env.register(ws).register(ws).version == "1"


def test_all_of_them_are_listed_by_name(ws: Workspace) -> None:
    assert ws.environments == {}
    for name in ("b", "a"):
        Environment(name).register(ws)
    assert list(ws.environments) == list(Environment.list(ws)) == ["a", "b"]
    assert ws.environments["a"].version == "1"


@pytest.mark.parametrize(
    "asked", [{"name": "none"}, {"name": "mine", "version": "2"}, {"name": "mine", "version": "x"},
              {"name": "mine", "label": "best"}, {"name": "mine", "version": "1", "label": "Latest"}]
)  # fmt: skip
def test_what_is_not_registered_says_what_there_is(ws: Workspace, asked: dict[str, str]) -> None:
    Environment("mine").register(ws)
    with pytest.raises(UserErrorException, match="mine"):
        Environment.get(ws, **asked)


def test_no_password_gets_into_the_registry(ws: Workspace) -> None:
    env = Environment("mine")
    env.docker.base_image_registry.password = "hunter2"
    env.register(ws)
    assert not any(b"hunter2" in path.read_bytes() for path in ws.path.rglob("*.json"))
    assert Environment.get(ws, "mine").docker.base_image_registry.password is None


def test_a_disabled_workspace_registers_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    ws = Workspace(store=here / "disabled")
    assert Environment("mine").register(ws).version == "1"
    assert not (here / "disabled").exists()
