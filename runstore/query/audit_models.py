"""The model registry, looked at file by file: is every byte right, and is every file of every model there?"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.errors import Damaged, FormatTooNew, StoreError
from runstore.format import names
from runstore.query import audit, pieces
from runstore.query.audit import DAMAGE, Finding
from runstore.runs import models


def check(workspace: Path) -> Iterator[Finding]:
    """Everything there is to say about the registry."""
    for entry in files.listing(workspace / names.MODELS):
        directory = Path(entry.path)
        if entry.is_dir():
            yield from _directory(workspace, directory)
        else:
            yield audit.unknown(workspace, directory)
    yield from _contents(workspace)


def _directory(workspace: Path, directory: Path) -> Iterator[Finding]:
    relative = directory.relative_to(workspace).as_posix()
    there, told = set(), {0}
    for entry in files.listing(directory):
        known = names.parse_model(entry.name)
        if known is None:
            yield audit.unknown(workspace, Path(entry.path))
            continue
        there.add(known.version)
        version, what = _document(Path(entry.path), relative, known)
        told.add(version)
        if what:
            yield Finding("", f"{relative}/{entry.name}", what, DAMAGE)
    for number in sorted(set(range(1, max(told) + 1)) - there):
        yield Finding("", f"{relative}/{names.model_version(number)}", "missing", DAMAGE)


def _document(path: Path, relative: str, known: names.ModelFile) -> tuple[int, str]:
    """The version that a document is about, and what is wrong with it: nothing where it is as it was written."""
    try:
        body = models.parse(files.read(path), path.name)
    except (Damaged, FormatTooNew, OSError) as problem:
        return known.version, audit.reason(problem)
    if names.model_dir(body["name"]) != relative:
        return known.version, f"belongs to another model, {body['name']!r}"
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
