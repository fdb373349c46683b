"""The packages an environment needs, as a conda specification."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runstore.azureml.exceptions import UserErrorException
from runstore.errors import LaunchError

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"  # the one that is there for certain
NAME = "project_environment"


class CondaDependencies:
    """Conda and pip packages and channels; a config object, changed in place."""

    def __init__(self, conda_dependencies_file_path: str | None = None, _underlying_structure: Any = None) -> None:
        """Start from a file with a conda specification, from such a specification as a dict, or from nothing.

        Raises:
            UserErrorException: the file is not there, or is no conda specification.
        """
        self._channels: list[str] = []
        self._conda: list[str] = []
        self._pip: list[str] = []
        if conda_dependencies_file_path is not None:
            self._take(_read(conda_dependencies_file_path), str(conda_dependencies_file_path))
        elif _underlying_structure is not None:
            self._take(_underlying_structure, "the specification")

    def _take(self, structure: Any, where: str) -> None:
        dependencies = _listed(structure.get("dependencies"), "dependencies", where)
        pip = [_listed(one["pip"], "pip", where) for one in dependencies if isinstance(one, dict) and "pip" in one]
        self._channels = _texts(_listed(structure.get("channels"), "channels", where), "channels", where)
        self._conda = _texts([one for one in dependencies if not isinstance(one, dict)], "dependencies", where)
        self._pip = _texts([one for some in pip for one in some], "pip", where)

    @classmethod
    def create(
        cls,
        pip_indexurl: str | None = None,
        pip_packages: Iterable[str] | None = None,
        conda_packages: Iterable[str] | None = None,
        python_version: str = PYTHON,
        pin_sdk_version: bool = True,
        **kwargs: Any,
    ) -> CondaDependencies:
        """Name all packages at once.

        Args:
            pip_indexurl: where pip looks, if not at its default.
            pip_packages: such as ``["pandas==2.2"]``.
            conda_packages: such as ``["scikit-learn"]``.
            python_version: of the interpreter.
            pin_sdk_version: accepted; there is no SDK to pin.
            kwargs: accepted.
        """
        made = cls()
        made.set_python_version(python_version)
        for package in conda_packages or ():
            made.add_conda_package(package)
        if pip_indexurl:
            made.set_pip_index_url(pip_indexurl)
        for package in pip_packages or ():
            made.add_pip_package(package)
        return made

    @property
    def conda_channels(self) -> Iterable[str]:
        """The channels."""
        return list(self._channels)

    @property
    def conda_packages(self) -> Iterable[str]:
        """The conda packages, Python not among them."""
        return [one for one in self._conda if not _is(one, "python")]

    @property
    def python_version(self) -> str | None:
        """The version of Python asked for, such as ``3.11``; None: any."""
        asked = next((one for one in self._conda if _is(one, "python")), "python")
        return asked[len("python") :].lstrip("= ") or None

    @property
    def pip_packages(self) -> Iterable[str]:
        """The pip packages."""
        return [one for one in self._pip if not one.startswith("-")]

    @property
    def pip_options(self) -> Iterable[str]:
        """What pip is told besides packages, such as ``--index-url https://...``."""
        return [one for one in self._pip if one.startswith("-")]

    def set_python_version(self, version: str) -> None:
        """Say which Python."""
        self._conda = [f"python={version}", *(one for one in self._conda if not _is(one, "python"))]

    def set_pip_index_url(self, index_url: str) -> None:
        """Say where pip looks."""
        self._pip = [f"--index-url {index_url}", *(one for one in self._pip if not one.startswith("--index-url"))]

    def set_pip_option(self, pip_option: str) -> None:
        """Tell pip something besides packages."""
        _add(self._pip, pip_option)

    def set_pip_requirements(self, pip_requirements: Iterable[str]) -> None:
        """Name all pip packages and options in place of those that there are."""
        self._pip = list(dict.fromkeys(pip_requirements))

    def add_channel(self, channel: str) -> None:
        """Add a channel."""
        _add(self._channels, channel)

    def remove_channel(self, channel: str) -> None:
        """Take a channel out."""
        self._channels = [one for one in self._channels if one != channel]

    def add_conda_package(self, conda_package: str) -> None:
        """Add a conda package."""
        _add(self._conda, conda_package)

    def add_pip_package(self, pip_package: str) -> None:
        """Add a pip package."""
        _add(self._pip, pip_package)

    def remove_conda_package(self, conda_package: str) -> None:
        """Take a conda package out."""
        self._conda = [one for one in self._conda if one != conda_package]

    def remove_pip_package(self, pip_package: str) -> None:
        """Take a pip package out."""
        self._pip = [one for one in self._pip if one != pip_package]

    def as_dict(self) -> dict[str, Any]:
        """The conda specification."""
        found: dict[str, Any] = {"name": NAME, "channels": list(self._channels)}
        found["dependencies"] = [*self._conda, *([{"pip": list(self._pip)}] if self._pip else [])]
        return found

    def serialize_to_string(self) -> str:
        """The conda specification as YAML."""
        from runstore.launch import specification

        return specification.render(self.as_dict())

    def save_to_file(self, base_directory: str, conda_file_path: str = "conda_dependencies.yml") -> str:
        """Write it to a file; its name is given back."""
        (Path(base_directory) / conda_file_path).write_text(self.serialize_to_string(), encoding="utf-8")
        return conda_file_path

    def save(self, path: str | None = None) -> str:
        """Write it to a file or into a directory; the path is given back."""
        place = Path(path or ".")
        place = place / "conda_dependencies.yml" if place.is_dir() else place
        return str(place.parent / self.save_to_file(str(place.parent), place.name))


def _read(path: str) -> dict[str, Any]:
    from runstore.launch import specification

    try:
        return specification.read(path)
    except LaunchError as problem:
        raise UserErrorException(str(problem), inner_exception=problem) from None


def _listed(found: Any, what: str, where: str) -> list[Any]:
    if not isinstance(found, list | tuple | None):
        raise UserErrorException(f"{where}: {what} is no list; see conda's environment files")
    return list(found or ())


def _texts(found: list[Any], what: str, where: str) -> list[str]:
    if not all(isinstance(one, str) for one in found):
        raise UserErrorException(f"{where}: {what} is no list of texts; see conda's environment files")
    return found


def _add(packages: list[str], package: str) -> None:
    if package not in packages:
        packages.append(package)


def _is(specification: str, package: str) -> bool:
    return specification.split("=")[0].split("<")[0].split(">")[0].strip() == package
