"""Config objects as JSON, under the keys of ``runDefinition`` (Azure ML SDK v1), and back.

One form for all: the registry of environments, files that are saved, what a run says that it was submitted with. No
password is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from runstore.azureml.core.conda_dependencies import CondaDependencies
from runstore.azureml.core.environment import Environment
from runstore.azureml.core.runconfig import RunConfiguration
from runstore.azureml.exceptions import RunConfigurationException

_SECRET = {"password"}
_PLAIN = (
    "script", "command", "arguments", "target", "framework", "communicator", "max_run_duration_seconds", "node_count",
    "priority",
)  # fmt: skip
_SECTIONS = ("history", "docker", "mpi", "pytorch", "tensorflow")


def environment(given: Environment) -> dict[str, Any]:
    """An environment as JSON."""
    return {
        "name": given.name,
        "version": given.version,
        "environmentVariables": {str(key): str(value) for key, value in given.environment_variables.items()},
        "python": _section(given.python),
        "docker": _section(given.docker),
        "inferencingStackVersion": given.inferencing_stack_version,
    }


def read_environment(body: Mapping[str, Any]) -> Environment:
    """What ``environment`` gave, or what a run's definition has.

    Raises:
        RunConfigurationException: it is something else.
    """
    try:
        made = Environment(str(body["name"]))
        made.version = None if body.get("version") is None else str(body["version"])
        made.environment_variables = dict(body.get("environmentVariables") or {})
        made.inferencing_stack_version = body.get("inferencingStackVersion")
        _fill(made.python, body.get("python") or {})
        _fill(made.docker, body.get("docker") or {})
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise RunConfigurationException(f"this is no environment's definition ({problem!r})") from None
    return made


def run_configuration(given: RunConfiguration) -> dict[str, Any]:
    """A run configuration as JSON."""
    body = {_camel(name): getattr(given, name) for name in _PLAIN}
    body["target"] = getattr(given.target, "name", given.target)
    for name in ("arguments", "command"):
        if isinstance(body[name], list | tuple):
            body[name] = [str(one) for one in body[name]]
    body |= {"environment": environment(given.environment), "environmentVariables": dict(given.environment_variables)}
    return body | {name: _section(getattr(given, name)) for name in _SECTIONS}


def read_run_configuration(body: Mapping[str, Any]) -> RunConfiguration:
    """What ``run_configuration`` gave; what is missing is as in a new one.

    Raises:
        RunConfigurationException: it is something else.
    """
    made = RunConfiguration()
    for name in _PLAIN:
        setattr(made, name, body.get(_camel(name), getattr(made, name)))
    made.environment_variables = dict(body.get("environmentVariables") or {})
    if "environment" in body:
        made.environment = read_environment(body["environment"])
    for name in _SECTIONS:
        try:
            _fill(getattr(made, name), body.get(name) or {})
        except (TypeError, AttributeError) as problem:
            raise RunConfigurationException(f"{name} of the run configuration is none ({problem})") from None
    return made


def _section(given: Any) -> dict[str, Any]:
    """A dataclass as JSON: its fields' names as the SDK writes them, sections of it likewise."""
    return {_camel(one.name): _value(getattr(given, one.name)) for one in fields(given) if one.name not in _SECRET}


def _value(value: Any) -> Any:
    if isinstance(value, CondaDependencies):
        return value.as_dict()
    if is_dataclass(value):
        return _section(value)
    return list(value) if isinstance(value, tuple) else value


def _fill(section: Any, body: Mapping[str, Any]) -> None:
    """Set a dataclass's fields from what ``_section`` gave; names that it has not are ignored."""
    for one in fields(section):
        value, now = body.get(_camel(one.name)), getattr(section, one.name)
        if isinstance(now, CondaDependencies):
            setattr(section, one.name, CondaDependencies(_underlying_structure=value or {}))
        elif is_dataclass(now):
            _fill(now, value or {})
        elif _camel(one.name) in body:
            setattr(section, one.name, value)


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(word.capitalize() for word in more)
