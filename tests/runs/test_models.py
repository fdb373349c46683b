"""Versions are claimed once each, changes fold in the order of time, and damage hides nothing else."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files
from runstore.errors import Damaged, ModelNotFound, NotWritable, UsageError
from runstore.format import documents, names
from runstore.runs import models
from runstore.runs.workspace import Workspace

FILE = {"path": "m.pkl", "sha256": "0" * 64, "size": 1, "pack": None}
ABOUT: dict[str, Any] = {
    "run": None, "experiment": None, "path": "m.pkl", "folder": False, "tags": {}, "properties": {},
    "description": None, "framework": None, "framework_version": None,
}  # fmt: skip

RACE = """
import sys
from pathlib import Path
from runstore.runs import models
about = dict(run=None, experiment=None, path="m", folder=False, tags={}, properties={}, description=None)
file = {"path": "m", "sha256": "0" * 64, "size": 1, "pack": None}
sys.stdin.read(1)
print(*[models.register(Path(sys.argv[1]), "m", [file], about, ["newest"]) for _ in range(4)])
"""


@pytest.fixture
def path(workspace: Path) -> Path:
    return Workspace(workspace).path


def register(path: Path, name: str = "m", aliases: tuple[str, ...] = (), **about: Any) -> int:
    return models.register(path, name, [FILE], {**ABOUT, **about}, aliases)


def one(path: Path, version: int = 1, name: str = "m") -> models.ModelState:
    return next(state for state in models.versions(path, name, deleted=True) if state.version == version)


def test_versions_count_from_1_for_each_name_by_itself(path: Path) -> None:
    assert [register(path, name) for name in ("a", "a", "b", "a")] == [1, 2, 1, 3]
    assert [(state.name, state.version) for state in models.every(path)] == [("a", 1), ("a", 2), ("a", 3), ("b", 1)]


def test_sixteen_processes_never_get_one_version_twice(path: Path) -> None:
    crowd = [
        subprocess.Popen([sys.executable, "-c", RACE, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(16)
    ]
    for process in crowd:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    given = [int(number) for process in crowd for number in process.communicate()[0].split()]
    assert sorted(given) == list(range(1, 65))
    assert [state.version for state in models.versions(path, "m")] == list(range(1, 65))
    assert sum("newest" in state.aliases for state in models.versions(path, "m")) == 1


def test_a_number_that_somebody_claims_meanwhile_is_passed_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register(path)
    monkeypatch.setattr(models, "_listed", lambda directory: [])
    assert register(path) == 2


def test_an_alias_is_one_versions(path: Path) -> None:
    register(path, aliases=("best", "production"))
    register(path)
    models.change(path, "m", 2, "alias", "production")
    assert [state.aliases for state in models.versions(path, "m")] == [["best"], ["production"]]


def test_an_alias_taken_from_a_version_that_has_lost_it_stays_where_it_is(path: Path) -> None:
    register(path, aliases=("a",))
    register(path, aliases=("a",))
    models.change(path, "m", 1, "unalias", "a")
    assert [state.aliases for state in models.versions(path, "m")] == [[], ["a"]]
    models.change(path, "m", 2, "unalias", "a")
    assert [state.aliases for state in models.versions(path, "m")] == [[], []]


def test_tags_change_and_properties_do_not(path: Path) -> None:
    register(path, tags={"a": 1, "b": 2}, properties={"p": 1})
    models.change(path, "m", 1, "tags", {"a": 3})
    models.change(path, "m", 1, "untag", ["b", "nothing"])
    models.change(path, "m", 1, "properties", {"p": 2, "q": 3})
    assert (one(path).tags, one(path).properties) == ({"a": 3}, {"p": 1, "q": 3})


def test_the_newest_description_counts(path: Path) -> None:
    register(path, description="first")
    models.change(path, "m", 1, "describe", {"description": "second"})
    assert one(path).description == "second"


def test_a_change_that_is_not_allowed_changes_nothing(path: Path) -> None:
    register(path, properties={"p": 1})
    what = {"p": 2, "q": 3}
    with pytest.raises(UsageError, match="another property 'p'"):
        models.change(path, "m", 1, "properties", what, models.unchanged(what))
    assert one(path).properties == {"p": 1}


def test_a_deleted_version_is_found_no_more_and_its_number_not_given_again(path: Path) -> None:
    register(path, aliases=("best",))
    models.change(path, "m", 1, "delete", None)
    assert models.versions(path, "m") == []
    assert one(path).deleted
    with pytest.raises(ModelNotFound, match="was deleted"):
        models.change(path, "m", 1, "alias", "x")
    assert register(path) == 2


def test_a_change_of_what_is_not_there_is_refused(path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no version 1 of model 'm'"):
        models.change(path, "m", 1, "alias", "x")


def test_later_changes_count_later_though_the_clock_was_set_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register(path)
    models.change(path, "m", 1, "tags", {"a": 1})
    monkeypatch.setattr(time, "time_ns", lambda: 10**9)
    models.change(path, "m", 1, "tags", {"a": 2})
    assert one(path).tags == {"a": 2}


def test_what_is_not_understood_is_left_out_with_a_warning(path: Path) -> None:
    for _ in range(3):
        register(path)
    directory = path / names.model_dir("m")
    data = bytearray((directory / "v2.json").read_bytes())
    data[40] ^= 1
    (directory / "v2.json").write_bytes(data)
    newer = {**one_body(directory / "v3.json"), "runstore": 99}
    (directory / "v3.json").write_bytes(documents.render(newer))
    with pytest.warns(UserWarning, match=r"v2.json: checksum|v3.json: format 99"):
        assert [state.version for state in models.versions(path, "m")] == [1]


def one_body(path: Path) -> dict[str, Any]:
    body: dict[str, Any] = documents.parse(files.read(path), path.name)
    return body


def test_a_change_of_a_kind_that_is_not_known_is_ignored(path: Path) -> None:
    register(path)
    models.change(path, "m", 1, "polished", "much")
    assert one(path).tags == {}


def test_references_are_those_of_versions_that_are_there(path: Path) -> None:
    register(path)
    register(path)
    models.change(path, "m", 1, "delete", None)
    assert list(models.references(path)) == [FILE]


def test_a_workspace_without_models_has_none(path: Path) -> None:
    assert (list(models.every(path)), list(models.references(path)), models.versions(path, "m")) == ([], [], [])


@pytest.mark.parametrize("name", ["../x", "a/b:c@d", "ü 模型", " ", "con", "x" * 5000])
def test_a_name_is_only_data(path: Path, name: str) -> None:
    register(path, name)
    (directory,) = (path / names.MODELS).iterdir()
    assert directory == path / names.model_dir(name)
    assert models.versions(path, name)[0].name == name


def test_a_folder_has_the_hash_of_the_list_of_its_files(path: Path) -> None:
    files_of = [{**FILE, "path": "b", "sha256": "1" * 64}, {**FILE, "path": "a"}]
    models.register(path, "m", files_of, {**ABOUT, "folder": True}, ())
    state = one(path)
    assert [file["path"] for file in state.files] == ["a", "b"]
    listed = f"{'0' * 64}  a\n{'1' * 64}  b\n"
    assert state.sha256 == hashlib.sha256(listed.encode()).hexdigest()


def test_a_workspace_that_cannot_be_written_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "publish", refuse)
    with pytest.raises(NotWritable, match="No space left"):
        register(path)
    assert models.versions(path, "m") == []


def test_a_document_that_is_damaged_is_no_body(path: Path) -> None:
    with pytest.raises(Damaged):
        models.parse(b"{}", "v1.json")
