"""Workspaces that are only read: each is a copy of what lies elsewhere, and says so in its document."""

from __future__ import annotations

from pathlib import Path

from runstore.disk import files
from runstore.errors import Damaged, UsageError
from runstore.format import documents, names

MIRROR = "mirror"  # of workspace.json: the address of which it is a copy


def of(workspace: Path) -> str:
    """The address that a workspace is a copy of; empty for one that is none."""
    try:
        body = documents.parse(files.read(workspace / names.WORKSPACE), names.WORKSPACE)
    except (OSError, Damaged):
        return ""
    return str(body.get(MIRROR, ""))


def refuse(workspace: Path) -> None:
    """See that a workspace may be changed.

    Raises:
        UsageError: it is such a copy.
    """
    if url := of(workspace):
        raise refused(url)


def refused(url: str) -> UsageError:
    """What is said to who tries."""
    return UsageError(f"{url} is only read; change a workspace of your own, and `runstore sync` sends that there")
