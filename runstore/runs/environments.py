"""The registry of environments on disk: named definitions with versions, claimed without a server, never changed.

What a definition says is its owner's business (``launch.config`` gives it); here it is a JSON object.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.errors import Damaged, FormatTooNew
from runstore.format import VERSION, documents, names
from runstore.runs import models

ENVIRONMENT = "environment"
LOCK = "environments.lock"


def register(workspace: Path, name: str, definition: Mapping[str, Any]) -> int:
    """Give the version that a definition has under a name: the newest one if it says just this, else the next.

    Args:
        workspace: the workspace's directory.
        name: the environment's name.
        definition: what it is made of; JSON values, no secrets.

    Raises:
        NotWritable: the workspace can't take it.
    """
    directory = workspace / names.environment_dir(name)
    with models.writing(workspace, ENVIRONMENT, LOCK):
        files.make_dirs(directory, durable=True)
        there = versions(workspace, name)
        newest = max(there, default=0)
        if newest and there[newest] == definition:
            return newest
        number = 1 + max((known.version for known in _listed(directory)), default=0)
        about = {"runstore": VERSION, "kind": ENVIRONMENT, "name": name, "created": time.time_ns()}
        while not _claimed(directory, {**about, "version": number, "definition": definition}):
            number += 1
    return number


def _claimed(directory: Path, body: Mapping[str, Any]) -> bool:
    """Publish the document under a number that nobody has; False where somebody was quicker."""
    try:
        files.publish(directory, names.environment_version(body["version"]), documents.render(body))
    except Damaged:
        return False
    return True


def versions(workspace: Path, name: str) -> dict[int, dict[str, Any]]:
    """The definitions of a name by their versions, in their order. Damage is warned of and hides nothing else."""
    directory = workspace / names.environment_dir(name)
    return {number: body["definition"] for number, body in _read_all(directory)}


def newest(workspace: Path) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Name, greatest version and its definition of every environment, in the order of names."""
    found = []
    for entry in files.listing(workspace / names.ENVIRONMENTS):
        there = list(_read_all(Path(entry.path))) if entry.is_dir() else []
        found += [(str(body["name"]), number, body["definition"]) for number, body in there[-1:]]
    yield from sorted(found, key=lambda one: one[0])


def _listed(directory: Path) -> list[names.ModelFile]:
    return [known for name in files.names_in(directory) if (known := names.parse_environment(name))]


def _read_all(directory: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for known in sorted(_listed(directory), key=lambda known: known.version):
        where = f"{names.ENVIRONMENTS}/{directory.name}/{known.text}"
        try:
            yield known.version, models.parse(files.read(directory / known.text), where)
        except (Damaged, FormatTooNew) as problem:
            warnings.warn(str(problem), stacklevel=2)
        except OSError as problem:
            warnings.warn(f"{where}: can't be read ({problem.strerror})", stacklevel=2)
