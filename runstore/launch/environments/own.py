"""What runstore itself needs in an environment it did not come with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import runstore
from runstore.disk import files
from runstore.errors import LaunchError

NEEDED_PYTHON = ">=3.11"


def package() -> Path:
    """The directory of the running runstore, wherever a link to it lies."""
    return Path(runstore.__file__).resolve().parent


def installed() -> bool:
    """Whether the running interpreter finds this very runstore by itself, wherever it is started: not by a variable,
    nor because a script lies beside it.
    """
    import site

    place = str(package().parent)
    places = [*site.getsitepackages(), site.getusersitepackages()]
    if place in map(os.path.realpath, places):
        return True
    return any(place in _lines(Path(one) / name) for one in places for name in _names(one) if name.endswith(".pth"))


def _names(directory: str) -> list[str]:
    try:
        return files.names_in(Path(directory))
    except OSError:
        return []


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def requirements() -> list[str]:
    """Its dependencies as pip requirements: all but those of extras, so that a script can log, read and seal.

    A checkout's project file says them better than its metadata, which is as old as the installation.

    Raises:
        LaunchError: nothing says what this runstore needs.
    """
    from importlib import metadata  # 30 ms that only building pays

    place = package().parent
    project = _project(place / "pyproject.toml")
    if project:
        return sorted(map(str, project["dependencies"]))
    for found in (
        *metadata.distributions(name="runstore", path=[str(place)]),
        *metadata.distributions(name="runstore"),
    ):
        return sorted(one for one in found.requires or () if "extra ==" not in one)
    raise LaunchError(f"{place}: nothing there says what runstore needs; install it with pip")


def _project(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        return {}
    return project if isinstance(project, dict) and project.get("name") == "runstore" else {}
