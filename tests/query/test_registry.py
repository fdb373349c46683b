"""What is around the public Model, where ``test_models`` doesn't show it: what is refused, and what is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runstore.errors import NotWritable
from runstore.query import pieces, registry
from runstore.runs.models import ModelState

ABOUT: dict[str, Any] = {"name": "m", "version": 1, "path": "outputs/net", "folder": True, "files": []}
PIECE = {"path": "a", "sha256": "0" * 64, "size": 1, "pack": None}


def test_only_so_many_names_are_listed_in_an_error() -> None:
    assert registry._listed([]) == "none"
    assert registry._listed([str(n) for n in range(25)]).endswith("19 and 5 more")


def test_a_filter_by_none_is_a_filter(tmp_path: Path) -> None:
    one = ModelState(ABOUT, tags={"a": None})
    assert registry.has(one, [["a", None]], None)
    assert registry.has(one, {"a": None}, None)
    assert not registry.has(one, [["a", 1]], None)


@pytest.mark.parametrize("path", ["../../x", "/x", "a/../../x", ".."])
def test_a_model_never_leaves_the_directory_it_is_downloaded_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    written: list[Path] = []
    monkeypatch.setattr(pieces, "copy", lambda workspace, piece, target: written.append(target))
    (tmp_path / "to" / "net").mkdir(parents=True)
    one = ModelState({**ABOUT, "files": [{**PIECE, "path": path}]})
    registry.download(tmp_path, one, tmp_path / "to", exist_ok=True)
    assert [target.resolve().is_relative_to(tmp_path / "to") for target in written] == [True]


def test_a_folder_that_cannot_be_put_in_its_place_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(registry.os, "replace", refuse)
    monkeypatch.setattr(pieces, "copy", lambda workspace, piece, target: target.parent.mkdir(parents=True))
    with pytest.raises(NotWritable, match="No space left"):
        registry.download(tmp_path, ModelState({**ABOUT, "files": [PIECE]}), tmp_path, exist_ok=False)
    assert list(tmp_path.iterdir()) == []
