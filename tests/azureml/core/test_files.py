"""The files' own ways, beside the golden tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Run


def test_none_of_several_is_stored_where_one_is_missing(run: Run, here: Path) -> None:
    (here / "a").write_text("a", encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        run.upload_files(["x", "y"], ["a", "none"])
    assert run.get_file_names() == []


def test_other_content_may_replace_what_is_there_if_said(run: Run, here: Path) -> None:
    for text in ("one", "two"):
        (here / "d").mkdir(exist_ok=True)
        (here / "d" / "a").write_text(text, encoding="utf-8")
        run.upload_folder("x", "d", overwrite=True)
        run.upload_files(["y"], ["d/a"], overwrite=True)
    assert (run.read_file("x/a"), run.read_file("y")) == (b"two", b"two")


def test_a_path_object_is_a_path(run: Run, here: Path) -> None:
    (here / "a").write_text("a", encoding="utf-8")
    run.upload_file("a", here / "a")
    assert run.read_file("a") == b"a"
