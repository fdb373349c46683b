"""The local folder for data."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Datastore, Workspace
from runstore.azureml.exceptions import NotYetException, UserErrorException
from runstore.query import check


def test_what_is_there_stays_unless_overwritten(ws: Workspace, here: Path) -> None:
    store = Datastore.get_default(ws)
    (here / "a").write_text("one", encoding="utf-8")
    assert store.upload_files(["a"], target_path="t") == ["t/a"]
    (here / "a").write_text("two", encoding="utf-8")
    assert store.upload_files(["a"], target_path="t") == []
    assert store.upload_files(["a"], target_path="t", overwrite=True) == ["t/a"]
    assert (store.path / "t" / "a").read_text(encoding="utf-8") == "two"


def test_paths_can_be_kept_from_a_root_on(ws: Workspace, here: Path) -> None:
    (here / "d" / "e").mkdir(parents=True)
    (here / "d" / "e" / "a").write_text("a", encoding="utf-8")
    assert Datastore(ws).upload_files(["d/e/a"], relative_root="d") == ["e/a"]


def test_nothing_is_written_outside(ws: Workspace, here: Path) -> None:
    (here / "a").write_text("a", encoding="utf-8")
    with pytest.raises(UserErrorException):
        Datastore(ws).upload_files(["a"], target_path="../..")


def test_the_workspace_itself_stays_clean(ws: Workspace, here: Path) -> None:
    (here / "a").write_text("a", encoding="utf-8")
    Datastore(ws).upload_files(["a"])
    assert list(check.check(ws.path)) == []


def test_there_is_one(ws: Workspace) -> None:
    assert Datastore.get(ws, "workspaceblobstore").name == "workspaceblobstore"
    assert "workspaceblobstore" in repr(Datastore(ws))
    with pytest.raises(UserErrorException):
        Datastore.get(ws, "other")


@pytest.mark.parametrize("call", ["upload", "download", "as_mount", "as_download"])
def test_the_rest_is_out_of_scope(ws: Workspace, call: str) -> None:
    with pytest.raises(NotYetException):
        getattr(Datastore(ws), call)()
