"""The file that says which workspace is meant: where it is looked for, and what it holds (Azure ML SDK v1)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runstore.azureml.exceptions import UserErrorException

DIRECTORIES = (".runstore", ".azureml", "aml_config", "")  # each climbed through all parents before the next
NAMES = ("config.json", "project.json")
KEYS = ("subscription_id", "resource_group", "workspace_name")
STORE = "store"


@dataclass
class Configuration:
    """A workspace's labels, and where it lies if the file says so."""

    path: Path
    labels: dict[str, str]
    store: Path | None

    @property
    def project(self) -> Path:
        """The directory that the file is about: above ``.azureml`` and the like."""
        parent = self.path.parent
        return parent.parent if parent.name in DIRECTORIES else parent


def find(start: Path, file_name: str | None = None) -> Path | None:
    """The configuration that counts for a directory; None where there is none up to the root.

    A parent's ``.azureml/config.json`` comes before a plain ``config.json`` of the directory itself.
    """
    for directory in DIRECTORIES:
        for above in (start, *start.parents):
            for name in (file_name,) if file_name else NAMES:
                if (above / directory / name).is_file():
                    return above / directory / name
    return None


def read(path: Path) -> Configuration:
    """What a configuration file says; Azure's ids are labels here.

    Raises:
        UserErrorException: it is no JSON object, or lacks a key. With ``store``, the others are not needed.
    """
    try:
        body: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as problem:
        raise UserErrorException(
            f"{path}: can't be read as JSON ({problem}); write it with ws.write_config()"
        ) from None
    if not isinstance(body, dict):
        raise UserErrorException(f"{path}: is no JSON object; write it with ws.write_config()")
    missing = [key for key in KEYS if key not in body]
    if missing and STORE not in body:
        raise UserErrorException(
            f"{path}: lacks {', '.join(missing)}; add them, or {STORE!r} with the workspace's path"
        )
    labels = {key: str(body[key]) for key in KEYS if body.get(key) is not None}
    store = (path.parent / str(body[STORE])).resolve() if body.get(STORE) else None
    return Configuration(path.absolute(), labels, store)


def write(directory: Path, file_name: str, labels: dict[str, str], store: Path) -> Path:
    """Write one to ``<directory>/.azureml``, or to ``aml_config`` where there is one; its path."""
    folder = directory / ("aml_config" if (directory / "aml_config").is_dir() else ".azureml")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        place = os.path.relpath(store, folder)
    except ValueError:  # another drive
        place = str(store)
    path = folder / file_name
    path.write_text(json.dumps({**labels, STORE: Path(place).as_posix()}, indent=4) + "\n", encoding="utf-8")
    return path
