"""What the options of ``runstore submit`` ask for, as a configuration."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from runstore.launch.config import Environment, ScriptRunConfig
    from runstore.launch.sweep.config import Sweep

_ENVIRONMENTS = ("interpreter", "requirements", "environment", "docker")  # options of which one is given, or none


def script(
    given: str | None, behind: Sequence[str], source: Path | None, command: bool, told: Mapping[str, Any]
) -> ScriptRunConfig:
    """A script with what stands behind ``--``, its arguments; or the command that stands there.

    Args:
        given: the script.
        behind: what stands behind ``--``.
        source: the directory to copy.
        command: whether it is a command.
        told: the other options by name.

    Raises:
        click.UsageError: there is nothing to run, or it lies elsewhere; or two options can't be had together.
        LaunchError: a file that describes the environment can't be read.
    """
    from runstore.launch.config import ScriptRunConfig

    if command:
        if given is not None or not behind:
            raise click.UsageError("a command stands behind `--`, all of it, as in `--command -- python -m train`")
        words = behind[0] if len(behind) == 1 else list(behind)
        return _told(ScriptRunConfig(str(source or Path()), command=words), told)
    if given is None:
        raise click.UsageError("name a script, a sweep's file (--sweep) or a command (--command --)")
    directory, name = located(given, source)
    return _told(ScriptRunConfig(str(directory), name, arguments=list(behind)), told)


def sweep(file: Path, given: str | None, behind: Sequence[str], told: Mapping[str, Any]) -> Sweep:
    """The sweep of a file, its script with further arguments, and as the options say.

    Raises:
        click.UsageError: a script is named, which is the file's to name; or two options can't be had together.
        LaunchError: a file can't be read, or says something that can't be.
    """
    from runstore.launch.config import words
    from runstore.launch.sweep.config import from_yaml

    if given is not None:
        raise click.UsageError(f"a sweep's file names its script; leave out {given}, or put it behind `--`")
    made = from_yaml(file)
    made.config.arguments = [*words(made.config.arguments), *behind]
    _told(made.config, told)
    return made


def name(config: ScriptRunConfig | Sweep) -> str:
    """What one would call it: the script's name, else that of its directory."""
    from runstore.launch.config import ScriptRunConfig

    made = config if isinstance(config, ScriptRunConfig) else config.config
    return Path(made.script).stem if made.script else Path(made.source_directory).absolute().name


def _told(made: ScriptRunConfig, told: Mapping[str, Any]) -> ScriptRunConfig:
    """Change a configuration as the options say; one that was not given changes nothing."""
    made.environment = environment(told) or made.environment
    made.processes = told["processes"] or made.processes
    made.variables = {**made.variables, **told["variables"]}
    made.max_run_duration_seconds = told["timeout"] or made.max_run_duration_seconds
    return made


def located(script: str, source: Path | None) -> tuple[Path, str]:
    """The directory to copy, and the script as seen from there.

    Raises:
        click.UsageError: the script lies elsewhere.
    """
    given = Path(script)
    if source is None:
        return given.parent, given.name
    if (source / given).is_file() or not given.is_file():
        return source, script
    try:
        return source, given.absolute().relative_to(source.absolute()).as_posix()
    except ValueError:
        raise click.UsageError(f"{script} does not lie in {source}") from None


def environment(told: Mapping[str, Any]) -> Environment | None:
    """What the script runs in; None for the interpreter that runs this.

    Raises:
        click.UsageError: more than one is asked for.
        LaunchError: a file can't be read.
    """
    from runstore.launch import packages
    from runstore.launch.config import Docker, Environment

    given = [name for name in _ENVIRONMENTS if told[name] is not None]
    if len(given) > 1:
        raise click.UsageError(f"--{given[0]} and --{given[1]} can't be had together")
    if not given:
        return None
    value = told[given[0]]
    if given == ["requirements"]:
        return packages.from_requirements(value, value.stem)
    if given == ["environment"]:
        return packages.from_conda(value)
    if given == ["docker"]:
        return Environment(value, docker=Docker(image=value))
    return Environment(value, interpreter=os.path.abspath(value) if os.path.dirname(value) else value)


def shown(definition: Mapping[str, Any]) -> dict[str, str]:
    """What a run was submitted as, in words: the rows of ``runstore show``."""
    environment = definition.get("environment") or {}
    rows = {"script": _line(definition), "environment": _environment(environment)}
    if definition.get("processes", 1) != 1:
        rows["processes"] = str(definition["processes"])
    if definition.get("maxRunDurationSeconds"):
        rows["timeout"] = f"{definition['maxRunDurationSeconds']:g} s"
    return rows


def _line(definition: Mapping[str, Any]) -> str:
    start = definition.get("script") or definition.get("command") or ""
    return " ".join([start, *map(shlex.quote, definition.get("arguments") or ())])


def _environment(told: Mapping[str, Any]) -> str:
    python, docker = told.get("python") or {}, told.get("docker") or {}
    if docker.get("enabled"):
        return f"a container of {docker.get('baseImage') or 'a Dockerfile'}"
    if python.get("userManagedDependencies"):
        return f"{python.get('interpreterPath')} (user-managed)"
    dependencies = (python.get("condaDependencies") or {}).get("dependencies") or []
    packages = [one for one in dependencies if isinstance(one, str)]
    packages += [line for one in dependencies if isinstance(one, dict) for line in one.get("pip", ())]
    return f"{told.get('name')} ({', '.join(packages) or 'no packages'})"
