"""A workspace that is a copy of something elsewhere says so, and refuses to be changed."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from runstore.errors import UsageError
from runstore.format import documents, names
from runstore.runs import mirrored


def made(path: Path, **told: str) -> Path:
    path.mkdir()
    body = {"runstore": 1, "workspace": str(uuid.uuid4()), "created": 0, **told}
    (path / names.WORKSPACE).write_bytes(documents.render(body))
    return path


def test_a_copy_names_what_it_is_a_copy_of_and_is_refused(tmp_path: Path) -> None:
    place = made(tmp_path / "ws", mirror="s3://bucket/team")
    assert mirrored.of(place) == "s3://bucket/team"
    with pytest.raises(UsageError, match=r"^s3://bucket/team is only read; .* `runstore sync` sends that there$"):
        mirrored.refuse(place)


def test_any_other_workspace_may_be_changed(tmp_path: Path) -> None:
    place = made(tmp_path / "ws")
    (tmp_path / "none").mkdir()
    for one in (place, tmp_path / "none", tmp_path / "missing"):
        assert mirrored.of(one) == ""
        mirrored.refuse(one)
