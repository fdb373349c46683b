"""The packages an environment needs, as a conda specification."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from runstore.azureml import later

PYTHON = "3.11"


class CondaDependencies:
    """Conda and pip packages and channels; a config object, changed in place."""

    def __init__(self, conda_dependencies_file_path: str | None = None, _underlying_structure: Any = None) -> None:
        """Start from a conda specification as a dict, or from Python alone."""
        if conda_dependencies_file_path is not None:
            later.not_yet("CondaDependencies(conda_dependencies_file_path=...)", later.SCRIPTS)
        structure = _underlying_structure or {"name": "project_environment", "channels": [], "dependencies": []}
        self._channels: list[str] = list(structure.get("channels", ()))
        self._conda: list[str] = [one for one in structure["dependencies"] if isinstance(one, str)]
        pip: list[str] = next((one["pip"] for one in structure["dependencies"] if isinstance(one, dict)), [])
        self._pip: list[str] = list(pip)

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
            made._pip.append(f"--index-url {pip_indexurl}")
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
    def pip_packages(self) -> Iterable[str]:
        """The pip packages."""
        return [one for one in self._pip if not one.startswith("--")]

    def set_python_version(self, version: str) -> None:
        """Say which Python."""
        self._conda = [f"python={version}", *(one for one in self._conda if not _is(one, "python"))]

    def add_channel(self, channel: str) -> None:
        """Add a channel."""
        _add(self._channels, channel)

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
        found: dict[str, Any] = {"name": "project_environment", "channels": list(self._channels)}
        found["dependencies"] = [*self._conda, *([{"pip": list(self._pip)}] if self._pip else [])]
        return found

    def serialize_to_string(self) -> str:
        """The conda specification as text: JSON, which every YAML reader reads."""
        return json.dumps(self.as_dict(), indent=2) + "\n"

    def save_to_file(self, base_directory: str, conda_file_path: str = "conda_dependencies.yml") -> str:
        """Write it to a file; its name is given back."""
        from pathlib import Path

        (Path(base_directory) / conda_file_path).write_text(self.serialize_to_string(), encoding="utf-8")
        return conda_file_path

    save = save_to_file


def _add(packages: list[str], package: str) -> None:
    if package not in packages:
        packages.append(package)


def _is(specification: str, package: str) -> bool:
    return specification.split("=")[0].split("<")[0].split(">")[0].strip() == package
