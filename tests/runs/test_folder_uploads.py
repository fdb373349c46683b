"""What calls upload and what is taken by itself have the same names and don't clash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.runs import folder
from tests.runs.takers import Taker, quick, root, run, watched

__all__ = ["quick", "root", "run"]


def test_a_file_older_than_an_upload_under_its_name_does_not_replace_it(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "TICK", 0)
    (root / "a").write_bytes(b"stale")
    one = watched(run, root)
    (root / "b").write_bytes(b"later")
    for name in ("outputs/a", "logs/a", "a", "outputs/"):
        one.uploaded(name)
    one._uploads["b"] = 0
    one.finish()
    assert run.stored == [("outputs/b", b"later")]


def test_a_file_written_after_an_upload_under_its_name_replaces_it(run: Taker, root: Path) -> None:
    one = watched(run, root)
    one.uploaded("outputs/a")
    (root / "a").write_bytes(b"later")
    os.utime(root / "a", (1, 1))  # as an archive would give it
    one.finish()
    assert run.stored == [("outputs/a", b"later")]


def test_it_has_the_names_of_its_files_there_and_taken(run: Taker, root: Path) -> None:
    (root / "sub").mkdir()
    for name in ("gone", "sub/there"):
        (root / name).write_bytes(b"1")
    one = watched(run, root)
    one.take()
    (root / "gone").unlink()
    (root / "new").write_bytes(b"1")
    names = ("gone", "sub/there", "new", "sub", "never", "")
    assert [one.has(f"outputs/{name}") for name in names] == [True, True, True, False, False, False]
    assert not one.has("gone")
