from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from runstore.launch.environments.prepared import Prepared, joined
from tests.launch.environments.conftest import program

LINK = Path("link")


def test_python_is_the_interpreter_of_the_environment() -> None:
    assert Prepared("/e/bin/python").start(["python", "a.py", "python"], {})[0] == ["/e/bin/python", "a.py", "python"]


def test_a_program_beside_the_interpreter_comes_before_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = program(tmp_path / "mine" / "torchrun", "")
    other = program(tmp_path / "other" / "torchrun", "")
    monkeypatch.setenv("PATH", str(tmp_path / "other"))
    argv, variables = Prepared(str(tmp_path / "mine" / "python")).start(["torchrun", "a.py"], {})
    assert argv == [str(mine), "a.py"]
    assert variables["PATH"] == os.pathsep.join([str(tmp_path / "mine"), str(tmp_path / "other")])
    assert Prepared(sys.executable).start(["torchrun"], {})[0] == [str(other)]


@pytest.mark.parametrize("word", ["./run.sh", "/bin/sh", "no-such-program"])
def test_any_other_word_stays_as_it_is(word: str) -> None:
    assert Prepared("/e/bin/python").start([word, "x"], {})[0] == [word, "x"]


def test_the_scripts_own_variables_are_among_those_given() -> None:
    _, variables = Prepared("/e/bin/python").start(["python"], {"A": "b", "PATH": "/x"})
    assert variables == {"A": "b", "PATH": os.pathsep.join(["/e/bin", "/x"])}


def test_runstore_is_found_before_what_the_caller_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "around")
    prepared = Prepared("/e/bin/python", LINK)
    assert prepared.start(["python"], {})[1]["PYTHONPATH"] == os.pathsep.join(["link", "around"])
    assert prepared.start(["python"], {"PYTHONPATH": "own"})[1]["PYTHONPATH"] == os.pathsep.join(["link", "own"])
    assert "PYTHONPATH" not in Prepared("/e/bin/python").start(["python"], {})[1]


def test_a_virtual_environment_does_not_see_what_the_caller_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "around")
    prepared = Prepared("/e/bin/python", LINK, Path("/e"))
    _, variables = prepared.start(["python"], {})
    assert (variables["PYTHONPATH"], variables["VIRTUAL_ENV"], variables["PYTHONHOME"]) == ("link", "/e", "")
    assert prepared.start(["python"], {"PYTHONPATH": "own"})[1]["PYTHONPATH"] == os.pathsep.join(["link", "own"])


def test_the_link_is_there_once() -> None:
    assert joined(LINK, os.pathsep.join(["a", "link", "", "b"])) == os.pathsep.join(["link", "a", "b"])


def test_the_packages_of_a_virtual_environment_are_told_by_its_metadata(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in ("B_c-1.0.dist-info", "a-2.dist-info", "a", "notes.txt", "old-1.egg-info"):
        (site / name).mkdir(parents=True)
    assert Prepared("python", home=tmp_path).packages() == "a==2\nb-c==1.0\n"
    assert Prepared("python").packages() == ""


def test_there_is_nothing_to_stop() -> None:
    prepared = Prepared("python")
    prepared.stop()
    assert prepared.stop_commands() == []
