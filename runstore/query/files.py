"""The files of a run, read back: its artifacts and the logs it printed, verified byte for byte."""

from __future__ import annotations

import os
import posixpath
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from runstore.disk import files
from runstore.errors import NotWritable, StoreError, UsageError
from runstore.format import names
from runstore.query import consoles, pieces
from runstore.runs import state, uploads
from runstore.runs.state import RunState

HIDDEN = frozenset({"snapshot", "provenance"})  # kinds of artifacts that have calls of their own


class File(Protocol):
    """Something that can be read under a name."""

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    def read(self) -> bytes:
        """Its bytes, verified."""
        ...


@dataclass(frozen=True, slots=True)
class Artifact:
    """One version of an artifact. ``size`` is in bytes; versions of a name count from 1."""

    workspace: Path
    run_id: str
    name: str
    version: int
    sha256: str
    size: int
    media_type: str
    kind: str
    reference: str | None
    piece: Mapping[str, Any]

    def read(self) -> bytes:
        """Its bytes, verified by their SHA-256.

        Raises:
            StoreError: they are not there.
            Damaged: they are not what was stored, or, by reference, have changed since.
        """
        return pieces.read(self.workspace, self.piece, self._run_path)

    def verify(self) -> None:
        """Read it and keep nothing.

        Raises:
            StoreError, Damaged: as ``read``.
        """
        pieces.verify(self.workspace, self.piece, self._run_path)

    @property
    def body(self) -> dict[str, Any]:
        """What a run that uses it records."""
        kept = {key: self.piece[key] for key in ("name", "sha256", "size", "media_type", "kind")}
        pack = self.piece["pack"] and [*self.piece["pack"], self.piece.get("writer"), self.run_id][:4]
        reference = {"reference": self.reference} if self.reference else {}
        return {"run": self.run_id, "version": self.version, **kept, "pack": pack, **reference}

    def download(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write it to a file, in place of what lies there; see ``Run.download_file``.

        Raises:
            StoreError, Damaged: as ``read``.
            NotWritable: the file can't be written.
        """
        target = _target(self.name, path)
        pieces.copy(self.workspace, self.piece, target, self._run_path)
        return target

    @property
    def _run_path(self) -> Path:
        return self.workspace / names.run_dir(self.run_id)


def current(run: RunState) -> dict[str, Mapping[str, Any]]:
    """The newest fact of each artifact that was not removed, by name, in the order in which they were last stored."""
    newest: dict[str, Mapping[str, Any]] = {}
    for fact in run.artifacts:
        newest.pop(fact["name"], None)
        newest[fact["name"]] = fact
    return newest


def versions(workspace: Path, run_id: str, name: str) -> list[Artifact]:
    """Every version of an artifact, the oldest first.

    Raises:
        StoreError: the run has no such artifact; the message lists what there is.
    """
    run = _folded(workspace, run_id)
    found = [fact for fact in run.artifacts if fact["name"] == name]
    if not found:
        raise StoreError(uploads.unknown(name, listed(workspace, run)))
    return [_artifact(workspace, run_id, fact, number) for number, fact in enumerate(found, 1)]


def version(found: Sequence[Artifact], number: int | None) -> Artifact:
    """The version with this number, or the newest.

    Raises:
        StoreError: there is none.
    """
    if number is None:
        return found[-1]
    if not 1 <= number <= len(found):
        raise StoreError(f"artifact {found[-1].name!r} has versions 1 to {len(found)}, not {number}")
    return found[number - 1]


def used(workspace: Path, run_id: str) -> list[Artifact]:
    """The artifacts that a run said it used, in the order in which it said so."""
    return [
        _artifact(workspace, str(body["run"]), body, int(body["version"])) for body in _folded(workspace, run_id).inputs
    ]


def listed(workspace: Path, run: RunState) -> dict[str, File]:
    """Every file of a run, in the order of names."""
    found: dict[str, File] = dict(consoles.files(run))
    numbers: dict[str, int] = {}
    for fact in run.artifacts:
        name = fact["name"]
        numbers[name] = numbers.get(name, 0) + 1
        if fact["kind"] not in HIDDEN:
            found[name] = _artifact(workspace, run.run_id, fact, numbers[name])
    return dict(sorted(found.items()))


def file_names(workspace: Path, run_id: str) -> list[str]:
    """The names of a run's files, sorted."""
    return list(listed(workspace, _folded(workspace, run_id)))


def find(workspace: Path, run_id: str, name: str) -> File:
    """One file of a run.

    Raises:
        StoreError: it has no such file; the message lists what there is.
    """
    run = _folded(workspace, run_id)
    there = listed(workspace, run)
    plain = posixpath.normpath(str(name))  # as uploads.path_name() stored it
    found = there.get(name) or there.get(plain) or there.get(consoles.aliases(run.definition).get(plain, ""))
    if found is None:
        raise StoreError(uploads.unknown(name, there))
    return found


def download(workspace: Path, run_id: str, name: str, path: str | os.PathLike[str] | None) -> Path:
    """See ``Run.download_file``."""
    return write(find(workspace, run_id, name), _target(name, path))


def download_all(
    workspace: Path,
    run_id: str,
    prefix: str | None,
    directory: str | os.PathLike[str] | None,
    paths: Sequence[str | os.PathLike[str]] | None,
    append_prefix: bool,
) -> list[Path]:
    """See ``Run.download_files``."""
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    wanted = {n: file for n, file in listed(workspace, _folded(workspace, run_id)).items() if n.startswith(folder)}
    targets = [inside(Path(directory or "."), n if append_prefix else n.removeprefix(folder)) for n in wanted]
    if paths is not None and len(paths) != len(wanted):
        warnings.warn(f"output_paths has {len(paths)} paths for {len(wanted)} files; it is ignored", stacklevel=3)
    elif paths is not None:
        targets = [Path(path) for path in paths]
    return [write(file, target) for file, target in zip(wanted.values(), targets, strict=True)]


def _artifact(workspace: Path, run_id: str, fact: Mapping[str, Any], version: int) -> Artifact:
    return Artifact(
        workspace=workspace, run_id=run_id, name=fact["name"], version=version, sha256=fact["sha256"],
        size=fact["size"], media_type=fact["media_type"], kind=fact["kind"], reference=fact.get("reference"),
        piece=fact,
    )  # fmt: skip


def _folded(workspace: Path, run_id: str) -> RunState:
    return state.fold(workspace / names.run_dir(run_id))


def write(file: File, target: Path) -> Path:
    """Write a file of a run to a path, in place of what lies there; give the path.

    Raises:
        StoreError, Damaged: it can't be read.
        NotWritable: the path can't be written.
    """
    if isinstance(file, Artifact):
        return file.download(target)
    data = file.read()
    try:
        files.make_dirs(target.parent)
        target.write_bytes(data)
    except OSError as problem:
        raise NotWritable(f"{target}: can't be written ({problem.strerror}); name another path") from None
    return target


def _target(name: str, path: str | os.PathLike[str] | None) -> Path:
    """Where a download goes: a directory that is there takes it under the last part of its name."""
    target = Path(path or ".")
    if not target.is_dir():
        return target
    base = re.split(r"[/\\]", name)[-1]
    if base in ("", ".", "..") or "\0" in base:
        raise UsageError(f"artifact {name!r} does not end in a file's name; say where it is to go")
    return target / base


def inside(directory: Path, name: str) -> Path:
    """Where an artifact goes below a directory, whatever its name is made of."""
    odd = r'[\0<>:"\\|?*]' if os.name == "nt" else r"\0"
    return directory.joinpath(*_safe(re.sub(odd, "_", name).split("/")))


def _safe(parts: Sequence[str]) -> Iterator[str]:
    return ("_" if part in ("", ".", "..") else part for part in parts)
