"""What is kept of remotes, checked: where they are, and what they are known to have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runstore.disk import files
from runstore.errors import Damaged
from runstore.format import VERSION, documents, names
from runstore.query import audit
from runstore.query.audit import DAMAGE, Finding


def check(workspace: Path) -> Iterator[Finding]:
    """Everything there is to say about ``remotes``."""
    for entry in files.listing(workspace / names.REMOTES):
        if entry.is_dir():
            for below in files.listing(Path(entry.path)):
                known = names.is_ledger(f"{entry.name}/{below.name}")
                yield from _document(workspace, Path(below.path), known, "")
        else:
            name = entry.name.removesuffix(".json")
            known = entry.name.endswith(".json") and names.is_remote(name)
            yield from _document(workspace, Path(entry.path), known, name)


def _document(workspace: Path, path: Path, known: bool, name: str) -> Iterator[Finding]:
    relative = path.relative_to(workspace).as_posix()
    if not known:
        yield audit.unknown(workspace, path)
        return
    try:
        body = documents.parse(files.read(path), relative)
    except FileNotFoundError:
        return  # forgotten at this moment
    except (Damaged, OSError) as problem:
        yield Finding("", relative, audit.reason(problem), DAMAGE)
        return
    if body["runstore"] > VERSION:
        yield Finding("", relative, f"format {body['runstore']}, newer than this runstore", DAMAGE)
    elif name and body["name"] != name:
        yield Finding("", relative, f"its name is not that of remote {body['name']!r}", DAMAGE)
