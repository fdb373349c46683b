"""Around the public Model: finding versions, checking what is given to a registration, and where its bytes are."""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from runstore.errors import ModelNotFound, NotWritable, RunstoreError, StoreError, UsageError
from runstore.format import names, values
from runstore.query import files, listing, pieces
from runstore.runs import artifacts, models, state
from runstore.runs.models import ModelState

Filter: TypeAlias = str | Mapping[str, Any] | Iterable[str | Sequence[Any]] | None
"""What labels to have: keys, ``[key, value]`` pairs, a mix of both in a list, or a dict."""

_SHOWN = 20  # names listed in an error


# ---- finding


def named(workspace: Path, name: str | None, id: str | None) -> list[ModelState]:
    """The versions that a name and an id can mean."""
    states = list(models.every(workspace)) if name is None else models.versions(workspace, name)
    if name is not None and not states:
        states = by_id(workspace, name)
    if id is None:
        return states
    chosen = {(one.name, one.version) for one in by_id(workspace, id)}
    return [one for one in states if (one.name, one.version) in chosen]


def by_id(workspace: Path, id: str) -> list[ModelState]:
    """The version that ``name:version`` or ``name@alias`` names; the name may hold these signs itself."""
    name, _, number = id.rpartition(":")
    if name and number.isdecimal():
        return [one for one in models.versions(workspace, name) if one.version == int(number)]
    name, _, alias = id.rpartition("@")
    return [one for one in models.versions(workspace, name) if alias in one.aliases] if name else []


def has(one: ModelState, tags: Filter, properties: Filter) -> bool:
    """Whether a version has the labels asked for; values are compared as text, as those of runs are."""
    return _has(one.tags, tags) and _has(one.properties, properties)


def _has(labels: Mapping[str, Any], wanted: Filter) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, str):
        wanted = [wanted]
    pairs = wanted.items() if isinstance(wanted, Mapping) else wanted
    for pair in pairs:
        key, value = (pair, None) if isinstance(pair, str) else (pair[0], pair[1:])
        if key not in labels or (value and listing.shown(values.from_json(labels[key])) != listing.shown(value[0])):
            return False
    return True


def missing(workspace: Path, asked: Mapping[str, Any]) -> str:
    """What to say where no version answers."""
    wanted = ", ".join(f"{key}={value!r}" for key, value in asked.items() if value is not None)
    there = sorted({one.name for one in models.every(workspace)})
    return f"{workspace}: no registered model has {wanted or 'any name'}; there are: {_listed(there)}"


def _listed(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return (", ".join(texts[:_SHOWN]) or "none") + more


# ---- registering


def about(
    tags: Mapping[str, Any] | None,
    properties: Mapping[str, Any] | None,
    description: str | None,
    framework: str | None,
    framework_version: str | None,
) -> dict[str, Any]:
    """What is recorded of a version as it was given."""
    texts = {"description": description, "framework": framework, "framework_version": framework_version}
    return {
        "tags": labels(tags or {}, "tag"),
        "properties": labels(properties or {}, "property"),
        **{key: None if text is None else values.text(str(text), key) for key, text in texts.items()},
    }


def labels(given: Mapping[str, Any], what: str) -> dict[str, object]:
    """Tags or properties as JSON values.

    Raises:
        UsageError: no dict.
        InvalidValue: a value that is no number, bool, text or None.
    """
    if not isinstance(given, Mapping):
        raise UsageError(f"a model's labels of kind {what} are given as a dict, not {type(given).__name__}")
    return {
        values.name(key, f"{what} name"): values.to_json(values.scalar(value, f"{what} {key!r}"))
        for key, value in given.items()
    }


def aliases(given: str | Iterable[str]) -> list[str]:
    """The aliases given, checked."""
    return [values.name(alias, "alias") for alias in ([given] if isinstance(given, str) else given)]


def of_run(run_path: Path, run_id: str, path: str) -> tuple[str, bool, list[dict[str, Any]]]:
    """The artifacts of a run that a model path names: one file, or a folder of them.

    Args:
        run_path: the run's directory.
        run_id: its id.
        path: an artifact's name or a folder; ``./outputs/x`` and ``outputs/x`` are the same.

    Returns:
        The path as it is named among the artifacts, whether it is a folder, and its files.

    Raises:
        ModelNotFound: there is none; the message lists what there is.
    """
    newest = files.current(state.fold(run_path))
    there = {name: fact for name, fact in newest.items() if fact["kind"] not in files.HIDDEN}
    plain = posixpath.normpath(path.replace("\\", "/"))
    for name in (path, plain):
        if name in there:
            return name, False, [_file(there[name], posixpath.basename(name), run_id)]
    folder = "" if plain == "." else f"{plain}/"
    found = [_file(fact, name[len(folder) :], run_id) for name, fact in there.items() if name.startswith(folder)]
    if not found:
        raise ModelNotFound(
            f"run {run_id} has no file or folder {path!r} to register; it has: {_listed(sorted(there))}"
        )
    return plain, True, found


def _file(fact: Mapping[str, Any], path: str, run_id: str) -> dict[str, Any]:
    pack = fact["pack"] and [*fact["pack"], fact["writer"], run_id][:4]  # of another writer's pack it says itself whose
    kept = {"reference": fact["reference"]} if fact.get("reference") else {}
    return {"path": path, "sha256": fact["sha256"], "size": fact["size"], "pack": pack, **kept}


def local(workspace: Path, path: Path) -> Iterator[dict[str, Any]]:
    """Store a local file, or all files below a directory; give them as a version has them.

    Raises:
        StoreError: there is none, or it can't be read.
        NotWritable: the workspace can't take it.
    """
    if path.is_file():
        yield {"path": path.absolute().name, **artifacts.blob(workspace, path)}
        return
    found = [Path(where, name) for where, _, there in os.walk(path) for name in there]
    if not found:
        raise StoreError(f"{path}: no file or directory with files is there to register; check the path")
    for one in found:
        if one.is_file():
            yield {"path": one.relative_to(path).as_posix(), **artifacts.blob(workspace, one)}


# ---- fetching


def download(workspace: Path, one: ModelState, directory: Path, exist_ok: bool) -> Path:
    """See ``Model.download``."""
    target = files.inside(directory, posixpath.basename(one.body["path"].replace("\\", "/")))
    if target.exists() and not exist_ok:
        raise StoreError(f"{target}: exists already; give exist_ok=True, or another directory")
    if not one.body["folder"]:
        for piece in one.files:
            pieces.copy(workspace, piece, target)
    elif target.exists():
        _copy(workspace, one, target)
    else:
        _copy_aside(workspace, one, target)
    return target


def _copy(workspace: Path, one: ModelState, directory: Path) -> None:
    for piece in one.files:
        pieces.copy(workspace, piece, files.inside(directory, piece["path"]))


def _copy_aside(workspace: Path, one: ModelState, target: Path) -> None:
    """Make a directory appear whole or not at all."""
    temporary = target.with_name(names.temporary(target.name, os.urandom(4).hex()))
    try:
        _copy(workspace, one, temporary)
        os.replace(temporary, target)
    except OSError as problem:
        if isinstance(problem, RunstoreError):
            raise
        raise NotWritable(f"{target}: can't be written ({problem.strerror}); name another directory") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
