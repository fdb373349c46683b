"""The code of two runs: which files of their snapshots differ, what git says, and the lines themselves."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.errors import StoreError
from runstore.query import listing, provenance, snapshots
from runstore.query.changes import between
from runstore.query.snapshots import File

if TYPE_CHECKING:
    from runstore.query.diff import Diff
    from runstore.runs.state import RunState

LONGEST = 1 << 20  # bytes of a file that is compared line by line
_HEAD = re.compile(r"^diff --git a/.*? b/(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs. ``how``: added (b only), removed (a only), changed, mode (only whether it is a program)."""

    path: str
    how: str
    a: File | str | None
    b: File | str | None


def compare(found: Diff, workspace: Path, runs: Sequence[RunState], bodies: Sequence[dict[str, Any]]) -> None:
    """Fill in what differs in the code: by the snapshots where both have one, and by git."""
    _git(found, workspace, bodies)
    facts = [run.snapshot for run in runs]
    if not all(facts):
        if any(facts):
            without = found.b if facts[0] else found.a
            found.notes.append(f"run {listing.short(without.run_id)} has no snapshot of its code")
        elif "code" not in found.same:
            found.notes.append("neither run has a snapshot of its code, nor is its commit known")
        return
    try:
        one, other = ({file.path: file for file in snapshots.listed(workspace, fact)} for fact in facts if fact)
    except StoreError as problem:
        found.notes.append(str(problem))
        return
    found.files = list(_changes(one, other))
    found.same["code"] = len(one.keys() & other.keys()) - sum(
        change.how in ("changed", "mode") for change in found.files
    )


def _git(found: Diff, workspace: Path, bodies: Sequence[dict[str, Any]]) -> None:
    told = [body.get("git") for body in bodies]
    if not all(told):
        return
    wanted = ("repository_uri", "branch", "commit", "dirty")
    found.git, _ = between(*({key: one[key] for key in wanted if key in one} for one in told if one))
    try:
        one, other = (patches(provenance.changes(workspace, body)) for body in bodies)
    except StoreError as problem:
        found.notes.append(str(problem))
        return
    found.uncommitted = list(_changes(one, other))
    found.same.setdefault("code", len(one.keys() & other.keys()))


def patches(diff: str) -> dict[str, str]:
    """A diff of git's, cut into that of each file."""
    heads = list(_HEAD.finditer(diff))
    cuts = [*(head.start() for head in heads), len(diff)]
    return {head[1]: diff[cuts[at] : cuts[at + 1]] for at, head in enumerate(heads)}


def _changes(one: dict[str, Any], other: dict[str, Any]) -> Iterator[FileChange]:
    for path in sorted(one.keys() | other.keys()):
        a, b = one.get(path), other.get(path)
        if a is None or b is None:
            yield FileChange(path, "added" if a is None else "removed", a, b)
        elif isinstance(a, File) and (a.sha256, a.size) == (b.sha256, b.size):
            if a.mode != b.mode:
                yield FileChange(path, "mode", a, b)
        elif isinstance(a, File) or a != b:
            yield FileChange(path, "changed", a, b)


def lines(workspace: Path, change: FileChange) -> list[str]:
    """A change line by line, as a unified diff; one line where it can't be shown so.

    Raises:
        StoreError: a file's content is not there.
        Damaged: it is not what was stored.
    """
    if not isinstance(change.a, File) and not isinstance(change.b, File):  # of each what git says is not committed
        if change.a and change.b:
            return _unified(change, change.a, change.b)
        return (change.a or change.b or "").splitlines()
    a, b = _text(workspace, change.a), _text(workspace, change.b)
    if a is None or b is None:
        return [f"{change.path}: binary or long, {_size(change.a)} -> {_size(change.b)}"]
    return _unified(change, a, b)


def _unified(change: FileChange, a: str, b: str) -> list[str]:
    before = f"a/{change.path}" if change.a else "/dev/null"
    after = f"b/{change.path}" if change.b else "/dev/null"
    return list(difflib.unified_diff(a.splitlines(), b.splitlines(), before, after, lineterm=""))


def _text(workspace: Path, file: File | str | None) -> str | None:
    if file is None:
        return ""
    assert isinstance(file, File)
    if file.size > LONGEST:
        return None
    data = snapshots.content(workspace, file)
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None


def _size(file: File | str | None) -> str:
    return f"{file.size:,} bytes" if isinstance(file, File) else "not there"
