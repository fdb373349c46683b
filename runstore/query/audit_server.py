"""What a server of this workspace keeps for itself, checked: its tokens, its log, the objects on their way in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runstore.disk import files
from runstore.errors import Damaged
from runstore.format import documents, names
from runstore.query import audit
from runstore.query.audit import DAMAGE, Finding


def check(workspace: Path) -> Iterator[Finding]:
    """Everything there is to say about ``server``."""
    for entry in files.listing(workspace / names.SERVER):
        path = Path(entry.path)
        relative = path.relative_to(workspace).as_posix()
        if relative == names.SERVER_INCOMING:
            yield from _incoming(workspace, path)
        elif relative == names.SERVER_TOKENS:
            yield from _documents(path, relative, whole=True)
        elif names.is_audit(entry.name):
            yield from _documents(path, relative, whole=False)
        elif not entry.name.startswith(".") and not entry.name.endswith(".lock"):
            yield audit.unknown(workspace, path)


def _documents(path: Path, relative: str, whole: bool) -> Iterator[Finding]:
    """One document, or one in each line: of those the last may be torn."""
    try:
        data = files.read(path)
        lines = [data] if whole else data.splitlines(keepends=True)
        for number, line in enumerate(lines, 1):
            if whole or line.endswith(b"\n"):
                documents.parse(line, relative if whole else f"line {number}")
    except FileNotFoundError:
        return
    except (Damaged, OSError) as problem:
        yield Finding("", relative, audit.reason(problem), DAMAGE)


def _incoming(workspace: Path, directory: Path) -> Iterator[Finding]:
    for entry in files.listing(directory):
        path = Path(entry.path)
        if names.is_partial(entry.name):
            continue  # not whole yet
        if not names.is_sha256(entry.name):
            yield audit.unknown(workspace, path)
            continue
        try:
            wrong = "" if files.sha256(path) == entry.name else "does not match its SHA-256"
        except FileNotFoundError:
            continue  # its time was over
        except OSError as problem:
            wrong = audit.reason(problem)
        if wrong:
            yield Finding("", path.relative_to(workspace).as_posix(), wrong, DAMAGE)
