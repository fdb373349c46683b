"""Environments get versions that are claimed once each, and never change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runstore.errors import NotWritable
from runstore.format import documents, names
from runstore.runs import environments
from runstore.runs.workspace import Workspace

RACE = """
import sys
from pathlib import Path
from runstore.runs import environments
sys.stdin.read(1)
print(*[environments.register(Path(sys.argv[1]), "e", {"by": sys.argv[2], "n": n}) for n in range(4)])
"""


@pytest.fixture
def path(workspace: Path) -> Path:
    return Workspace(workspace).path


def test_versions_count_from_1_for_each_name_by_itself(path: Path) -> None:
    given = [environments.register(path, name, {"n": n}) for n, name in enumerate("aaba")]
    assert given == [1, 2, 1, 3]
    assert environments.versions(path, "a") == {1: {"n": 0}, 2: {"n": 1}, 3: {"n": 3}}
    assert list(environments.newest(path)) == [("a", 3, {"n": 3}), ("b", 1, {"n": 2})]


def test_what_says_the_same_as_the_newest_is_that_one(path: Path) -> None:
    assert [environments.register(path, "a", {"n": n}) for n in (1, 1, 2, 1)] == [1, 1, 2, 3]


def test_nothing_is_there_before_anything_is_registered(path: Path) -> None:
    assert environments.versions(path, "none") == {}
    assert list(environments.newest(path)) == []


def test_eight_processes_never_get_one_version_twice(path: Path) -> None:
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, path, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(8)
    ]
    given = [int(number) for process in crowd for number in process.communicate("go")[0].split()]
    assert sorted(given) == list(range(1, 33))
    assert list(environments.versions(path, "e")) == list(range(1, 33))


def test_damage_is_warned_of_and_hides_nothing_else(path: Path) -> None:
    for n in range(3):
        environments.register(path, "e", {"n": n})
    directory = path / names.environment_dir("e")
    (directory / "v2.json").write_bytes(b"{")
    with pytest.warns(UserWarning, match=r"v2\.json"):
        assert environments.versions(path, "e") == {1: {"n": 0}, 3: {"n": 2}}
    with pytest.warns(UserWarning, match=r"v2\.json"):
        assert environments.register(path, "e", {"n": 9}) == 4


def test_a_later_formats_version_is_left_out(path: Path) -> None:
    environments.register(path, "e", {})
    body = {"runstore": 99, "kind": "environment", "name": "e", "version": 2, "definition": {}}
    (path / names.environment_dir("e") / "v2.json").write_bytes(documents.render(body))
    with pytest.warns(UserWarning, match="newer"):
        assert environments.versions(path, "e") == {1: {}}


def test_a_workspace_that_cant_be_written_says_what_it_could_not_take(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(environments.files, "publish", full)
    with pytest.raises(NotWritable, match=r"the environment can't be recorded \(No space"):
        environments.register(path, "e", {})
