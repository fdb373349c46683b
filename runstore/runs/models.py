"""The model registry on disk: versions that are claimed without a server, and what changes about them.

A version is a document that never changes; the bytes it names stay where the run's artifacts lie. All else (aliases,
tags, that it was deleted) are events, documents beside it, folded in the order of (time, name).
"""

from __future__ import annotations

import hashlib
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.disk import files, lock
from runstore.errors import Damaged, FormatTooNew, ModelNotFound, NotWritable, UsageError
from runstore.format import VERSION, documents, names
from runstore.format.names import ModelFile
from runstore.runs import mirrored

MODEL = "model"  # what is registered; other kinds of named, versioned things may follow
LOCK = "models.lock"


@dataclass(slots=True)
class ModelState:
    """One version, folded. Values of tags and properties are JSON values (``format.values``)."""

    body: dict[str, Any]
    description: str | None = None
    aliases: list[str] = field(default_factory=list)
    tags: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self.body["name"])

    @property
    def version(self) -> int:
        """Its number, from 1."""
        return int(self.body["version"])

    @property
    def files(self) -> list[dict[str, Any]]:
        """``path`` (below the model's own), ``sha256``, ``size``, ``pack`` of each file, in the order of paths."""
        return list(self.body["files"])

    @property
    def sha256(self) -> str:
        """The hash of its one file; of a folder, that of what ``sha256sum`` would print for its files."""
        if not self.body["folder"]:
            return "".join(file["sha256"] for file in self.files)
        listed = "".join(f"{file['sha256']}  {file['path']}\n" for file in self.files)
        return hashlib.sha256(listed.encode()).hexdigest()


def register(
    workspace: Path, name: str, found: Sequence[Mapping[str, Any]], about: Mapping[str, Any], aliases: Sequence[str]
) -> int:
    """Claim the model's next version; give its number.

    Args:
        workspace: the workspace's directory.
        name: the model's name.
        found: its files, as ``ModelState.files`` has them; their bytes are stored already.
        about: the rest of the document: run, experiment, path, folder, tags ...
        aliases: set at once.

    Raises:
        NotWritable: the workspace can't take it.
    """
    directory = workspace / names.model_dir(name)
    with writing(workspace):
        files.make_dirs(directory, durable=True)
        seen = _listed(directory)
        body = {
            "runstore": VERSION, "kind": MODEL, "name": name, "version": 0, "created": _now(directory, seen),
            "token": os.urandom(8).hex(), **about, "files": sorted(found, key=lambda file: file["path"]),
        }  # fmt: skip
        number = 1 + max((file.version for file in seen), default=0)
        while not _claimed(directory, number, body):
            number += 1
    for alias in aliases:
        change(workspace, name, number, "alias", alias)
    return number


def _claimed(directory: Path, number: int, body: dict[str, Any]) -> bool:
    """Publish the document under a number that nobody has; False where somebody was quicker."""
    try:
        files.publish(directory, names.model_version(number), documents.render({**body, "version": number}))
    except Damaged:
        return False
    return True


def change(
    workspace: Path, name: str, version: int, kind: str, value: Any, allowed: Callable[[ModelState], None] | None = None
) -> None:
    """Record that something about a version has changed.

    Args:
        workspace: the workspace's directory.
        name: the model's name.
        version: its number.
        kind: ``alias``, ``unalias``, ``tags``, ``untag``, ``properties``, ``describe`` or ``delete``.
        value: what it changes to; see docs/format.md.
        allowed: raises where the version as it is now doesn't allow it; nothing is changed then.

    Raises:
        ModelNotFound: there is no such version, or it was deleted.
        NotWritable: the workspace can't take it.
    """
    directory = workspace / names.model_dir(name)
    with writing(workspace):
        state = next((one for one in versions(workspace, name) if one.version == version), None)
        if state is None:
            raise ModelNotFound(f"{workspace}: no version {version} of model {name!r}, or it was deleted")
        if allowed is not None:
            allowed(state)
        now = _now(directory, _listed(directory))
        body = {"runstore": VERSION, "name": name, "time": now, "version": version, "change": kind, "value": value}
        files.publish(directory, names.model_event(now, os.urandom(4).hex()), documents.render(body))


def unchanged(what: Mapping[str, Any]) -> Callable[[ModelState], None]:
    """A check for ``change``: properties that are there keep their value.

    Raises:
        UsageError: one of them would get another (by the check).
    """

    def allowed(state: ModelState) -> None:
        for key, value in what.items():
            if state.properties.get(key, value) != value:
                raise UsageError(f"model {state.name}:{state.version} has another property {key!r}; they never change")

    return allowed


@contextmanager
def writing(workspace: Path, what: str = MODEL, name: str = LOCK) -> Iterator[None]:
    """One process at a time: where there are no hard links only that makes a claim safe.

    Args:
        workspace: the workspace's directory.
        what: is registered.
        name: of the lock.

    Raises:
        NotWritable: the workspace can't take it.
    """
    mirrored.refuse(workspace)
    try:
        with lock.exclusive(workspace / names.LOCKS / name):
            yield
    except OSError as problem:
        if isinstance(problem, NotWritable):
            raise
        raise NotWritable(f"{workspace}: the {what} can't be recorded ({problem.strerror}); mend that first") from None


def _now(directory: Path, seen: Sequence[ModelFile]) -> int:
    """The time, later than that of any change there is: what is recorded later counts later, whatever the clock."""
    newest = max((file.time for file in seen), default=0)
    return max(time.time_ns(), newest + 1)


def _listed(directory: Path) -> list[ModelFile]:
    return [file for name in files.names_in(directory) if (file := names.parse_model(name))]


# ---- reading


def versions(workspace: Path, name: str, deleted: bool = False) -> list[ModelState]:
    """The versions of a model, in their order; those that were deleted only if asked for."""
    return _fold(workspace / names.model_dir(name), deleted)


def every(workspace: Path, deleted: bool = False, until: int | None = None) -> Iterator[ModelState]:
    """Every version of every model, model by model in the order of their names.

    Args:
        workspace: the workspace's directory.
        deleted: those that were deleted as well.
        until: as they were at this time, nanoseconds UTC; None for now.
    """
    found = (
        _fold(Path(entry.path), deleted, until) for entry in files.listing(workspace / names.MODELS) if entry.is_dir()
    )
    for folded in sorted(filter(None, found), key=lambda states: states[0].name):
        yield from folded


def references(workspace: Path) -> Iterator[dict[str, Any]]:
    """What registered models refer to: ``sha256``, ``size``, ``pack`` of every file of every version that is there."""
    for state in every(workspace):
        yield from state.files


def _fold(directory: Path, deleted: bool, until: int | None = None) -> list[ModelState]:
    """The versions in a model's directory. Damage is warned of and hides nothing else."""
    seen = [file for file in _listed(directory) if until is None or file.time <= until]
    found: dict[int, ModelState] = {}
    for file in sorted((file for file in seen if file.version), key=lambda file: file.version):
        body = _read(directory / file.text)
        if body is not None and (until is None or body["created"] <= until):
            state = ModelState(body, body["description"], [], {**body["tags"]}, {**body["properties"]})
            found[file.version] = state
    aliases: dict[str, int] = {}
    for file in sorted(file for file in seen if not file.version):
        body = _read(directory / file.text)
        if body is not None and body["version"] in found:
            _take(found[body["version"]], aliases, body["change"], body["value"])
    for alias, version in sorted(aliases.items()):
        found[version].aliases.append(alias)
    return [state for state in found.values() if deleted or not state.deleted]


def _take(state: ModelState, aliases: dict[str, int], kind: str, value: Any) -> None:
    if kind == "alias":
        aliases[value] = state.version
    elif kind == "unalias":
        if aliases.get(value) == state.version:
            del aliases[value]
    elif kind == "tags":
        state.tags.update(value)
    elif kind == "untag":
        for key in value:
            state.tags.pop(key, None)
    elif kind == "properties":
        state.properties = {**value, **state.properties}
    elif kind == "describe":
        state.description = value["description"]
    elif kind == "delete":
        state.deleted = True


def _read(path: Path) -> dict[str, Any] | None:
    where = f"{names.MODELS}/{path.parent.name}/{path.name}"
    try:
        return parse(files.read(path), where)
    except (Damaged, FormatTooNew) as problem:
        warnings.warn(str(problem), stacklevel=2)
    except OSError as problem:
        warnings.warn(f"{where}: can't be read ({problem.strerror})", stacklevel=2)
    return None


def parse(data: bytes, where: str) -> dict[str, Any]:
    """The body of a document of the registry.

    Raises:
        Damaged: any byte is not as it was written.
        FormatTooNew: a later runstore wrote it.
    """
    body: dict[str, Any] = documents.parse(data, where)
    if body["runstore"] > VERSION:
        raise FormatTooNew(f"{where}: format {body['runstore']}, newer than this runstore; upgrade it")
    return body
