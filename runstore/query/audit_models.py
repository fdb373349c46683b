"""The registries of models and environments, file by file: is every byte right, and every file of every model there?"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runstore.disk import files
from runstore.errors import Damaged, FormatTooNew, StoreError
from runstore.format import names
from runstore.query import audit, pieces
from runstore.query.audit import DAMAGE, Finding
from runstore.runs import environments, models


class Registry(NamedTuple):
    """What is registered, where, how the files there are called and where those of a name lie."""

    kind: str
    directory: str
    parse: Callable[[str], names.ModelFile | None]
    place: Callable[[str], str]


REGISTRIES = (
    Registry(models.MODEL, names.MODELS, names.parse_model, names.model_dir),
    Registry(environments.ENVIRONMENT, names.ENVIRONMENTS, names.parse_environment, names.environment_dir),
)


def check(workspace: Path) -> Iterator[Finding]:
    """Everything there is to say about the registries."""
    for registry in REGISTRIES:
        for entry in files.listing(workspace / registry.directory):
            directory = Path(entry.path)
            if entry.is_dir():
                yield from _directory(workspace, directory, registry)
            else:
                yield audit.unknown(workspace, directory)
    yield from _contents(workspace)


def _directory(workspace: Path, directory: Path, registry: Registry) -> Iterator[Finding]:
    relative = directory.relative_to(workspace).as_posix()
    there, told = set(), {0}
    for entry in files.listing(directory):
        known = registry.parse(entry.name)
        if known is None:
            yield audit.unknown(workspace, Path(entry.path))
            continue
        there.add(known.version)
        version, what = _document(Path(entry.path), relative, known, registry)
        told.add(version)
        if what:
            yield Finding("", f"{relative}/{entry.name}", what, DAMAGE)
    for number in sorted(set(range(1, max(told) + 1)) - there):
        yield Finding("", f"{relative}/{names.model_version(number)}", "missing", DAMAGE)


def _document(path: Path, relative: str, known: names.ModelFile, registry: Registry) -> tuple[int, str]:
    """The version that a document is about, and what is wrong with it: nothing where it is as it was written."""
    try:
        body = models.parse(files.read(path), path.name)
    except (Damaged, FormatTooNew, OSError) as problem:
        return known.version, audit.reason(problem)
    if registry.place(body["name"]) != relative:
        return known.version, f"belongs to another {registry.kind}, {body['name']!r}"
    if (known.version, known.time) != ((body["version"], 0) if known.version else (0, body["time"])):
        return known.version, "has another name than what it says"
    return int(body["version"]), ""


def _contents(workspace: Path) -> Iterator[Finding]:
    """The bytes that versions refer to; a blob's content is checked where blobs are."""
    with warnings.catch_warnings(action="ignore"):  # of documents that were found damaged above
        states = list(models.every(workspace))
    for state in states:
        for file in state.files:
            what = "" if file.get("reference") else _wrong(workspace, file)
            if what:
                where = pieces.locate(workspace, file).path.relative_to(workspace).as_posix()
                text = f"{what}; it is {file['path']!r} of model {state.name!r}, version {state.version}"
                yield Finding("", where, text, DAMAGE)


def _wrong(workspace: Path, file: Mapping[str, Any]) -> str:
    what = pieces.wrong(workspace, file)
    if not what and file["pack"]:
        try:
            pieces.verify(workspace, file)
        except StoreError:
            return "does not match its SHA-256"
    return what
