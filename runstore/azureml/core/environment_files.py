"""An environment in a directory: files that are read, compared and put under version control (Azure ML SDK v1)."""

from __future__ import annotations

import json
from pathlib import Path

from runstore.azureml.core import definitions
from runstore.azureml.core.environment import Environment
from runstore.azureml.exceptions import UserErrorException

DEFINITION, CONDA, DOCKERFILE = "azureml_environment.json", "conda_dependencies.yml", "BaseDockerfile"


def save(environment: Environment, path: str, overwrite: bool = False) -> None:
    """Write one.

    Raises:
        UserErrorException: the directory is there, and ``overwrite`` is False.
    """
    directory = Path(path)
    if directory.exists() and not overwrite:
        raise UserErrorException(f"{directory}: exists already; say overwrite=True, or name another directory")
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(definitions.environment(environment), indent=4)
    (directory / DEFINITION).write_text(text + "\n", encoding="utf-8")
    if not environment.python.user_managed_dependencies:
        environment.python.conda_dependencies.save_to_file(str(directory), CONDA)
    if environment.docker.base_dockerfile is not None:
        (directory / DOCKERFILE).write_text(environment.docker.base_dockerfile, encoding="utf-8")


def load(path: str) -> Environment:
    """Read one. The files of packages and of the image win: they are the ones that people edit.

    Raises:
        UserErrorException: there is nothing of the kind.
    """
    directory = Path(path)
    try:
        body = json.loads((directory / DEFINITION).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UserErrorException(f"{directory}: no environment was saved there ({problem})") from None
    made = definitions.read_environment(body)
    if (directory / CONDA).is_file():
        made.python.conda_dependencies = type(made.python.conda_dependencies)(str(directory / CONDA))
    if (directory / DOCKERFILE).is_file():
        made.docker.base_dockerfile = (directory / DOCKERFILE).read_text(encoding="utf-8")
    return made
