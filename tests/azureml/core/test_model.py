"""The model's own ways, beside the golden tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Model, Workspace
from runstore.azureml.exceptions import NotYetException


def test_frameworks_have_names() -> None:
    assert Model.Framework.SCIKITLEARN == "ScikitLearn"


def test_a_folder_is_registered_too(ws: Workspace, here: Path) -> None:
    (here / "d").mkdir()
    (here / "d" / "a").write_text("a", encoding="utf-8")
    model = Model.register(ws, "d", "both")
    assert (Path(model.download("got")) / "a").read_text(encoding="utf-8") == "a"


def test_the_old_spelling_is_taken(ws: Workspace, here: Path) -> None:
    (here / "a").write_text("a", encoding="utf-8")
    model = Model.register(ws, "a", "one")
    assert model.download("got") == model.download("got", exists_ok=True)


def test_it_shows_itself(ws: Workspace, here: Path) -> None:
    (here / "a").write_text("a", encoding="utf-8")
    assert "id=one:1" in repr(Model.register(ws, "a", "one"))


@pytest.mark.parametrize("call", ["deploy", "package", "profile"])
def test_services_are_out_of_scope(call: str) -> None:
    with pytest.raises(NotYetException):
        getattr(Model, call)()
