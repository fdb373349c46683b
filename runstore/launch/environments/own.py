"""What runstore itself needs in an environment it did not come with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import runstore
from runstore.errors import LaunchError

NEEDED_PYTHON = ">=3.11"


def package() -> Path:
    """The directory of the running runstore, wherever a link to it lies."""
    return Path(runstore.__file__).resolve().parent


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
