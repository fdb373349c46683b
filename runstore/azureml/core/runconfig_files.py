"""Run configurations as files, YAML with the SDK's keys (Azure ML SDK v1: ``.azureml/<name>.runconfig``)."""

from __future__ import annotations

from pathlib import Path

from runstore.azureml.core import definitions
from runstore.azureml.core.runconfig import RunConfiguration
from runstore.azureml.exceptions import RunConfigurationException
from runstore.errors import LaunchError

DIRECTORIES, ENDING, NAME = (".azureml", "aml_config"), ".runconfig", "runconfig"


def save(config: RunConfiguration, path: str | None, name: str | None) -> None:
    """Write one to its file."""
    from runstore.launch import specification

    file = Path(path or ".")
    if not file.suffix or file.is_dir():
        folder = next((one for one in DIRECTORIES if (file / one).is_dir()), DIRECTORIES[0])
        file = file / folder / f"{name or NAME}{ENDING}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(specification.render(definitions.run_configuration(config)), encoding="utf-8")


def load(path: str, name: str | None = None) -> RunConfiguration:
    """Read one from its file.

    Raises:
        RunConfigurationException: it is not there, or is no run configuration.
    """
    from runstore.launch import specification

    try:
        return definitions.read_run_configuration(specification.read(_found(path, name)))
    except LaunchError as problem:
        raise RunConfigurationException(str(problem), inner_exception=problem) from None


def delete(path: str, name: str | None = None) -> None:
    """Remove its file.

    Raises:
        RunConfigurationException: it is not there.
    """
    _found(path, name).unlink()


def _found(path: str, name: str | None) -> Path:
    given = Path(path)
    if given.is_file():
        return given
    for folder in (*DIRECTORIES, ""):
        for ending in (ENDING, ""):
            file = given / folder / f"{name or NAME}{ending}"
            if file.is_file():
                return file
    raise RunConfigurationException(f"{given}: no run configuration {name or NAME!r} is there; save() one")
