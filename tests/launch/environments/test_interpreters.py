from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch.environments import interpreters
from tests.launch.environments.conftest import program, version_teller
from tests.launch.environments.uv_stand_in import Uv

MINOR = "{}.{}".format(*sys.version_info)
PATCH = "{}.{}.{}".format(*sys.version_info)
OTHER = f"3.{sys.version_info.minor + 1}"


@pytest.fixture
def bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


@pytest.mark.parametrize(
    "asked", [None, "", "*", MINOR, PATCH, f"={MINOR}", f"=={MINOR}", f"{MINOR}.*", f"{MINOR}.99", ">=3.11", "3"]
)
def test_the_running_interpreter_will_do(asked: str | None, bin: Path) -> None:
    assert interpreters.find(asked) == (sys.executable, MINOR)
    assert interpreters.minor(asked) == MINOR


def test_another_is_looked_for_on_path(bin: Path) -> None:
    other = version_teller(bin / f"python{OTHER}", f"{OTHER}.4")
    assert interpreters.find(OTHER) == (str(other), OTHER)
    assert interpreters.find(f">={OTHER}") == (str(other), OTHER)


def test_a_name_on_path_that_does_not_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "shims" / f"python{OTHER}", "echo not installed; exit 127")
    other = version_teller(tmp_path / "bin" / f"python{OTHER}", f"{OTHER}.4")
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "shims"), "", str(tmp_path / "bin")]))
    assert interpreters.find(OTHER).path == str(other)


def test_one_that_says_it_is_another_version_is_passed_over(bin: Path) -> None:
    version_teller(bin / f"python{OTHER}", "3.4.0")
    with pytest.raises(LaunchError, match="isn't there"):
        interpreters.find(OTHER)


def test_uv_is_asked_for_those_it_has_and_fetches_none(uv: Uv, tmp_path: Path) -> None:
    other = version_teller(tmp_path / "kept" / "python", f"{OTHER}.4")
    with pytest.raises(LaunchError):
        interpreters.find(OTHER)
    uv.finds(other)
    assert interpreters.find(OTHER) == (str(other), OTHER)
    assert all("--no-python-downloads" in call["argv"] for call in uv.calls("python"))


def test_one_that_is_not_there_names_those_that_are(bin: Path) -> None:
    version_teller(bin / "python3.29", "3.29.0")
    with pytest.raises(LaunchError, match=rf"Python 3.28 isn't there \(found: {MINOR}, 3.29\); .*`python3.28` runs"):
        interpreters.find("3.28")


@pytest.mark.parametrize("asked", ["3.6.2", "2.7", "<3.11", "3.8", "4.1"])
def test_one_that_runstore_can_not_run_in_is_refused(asked: str) -> None:
    with pytest.raises(LaunchError, match=r"runstore needs Python >=3\.11"):
        interpreters.find(asked)


@pytest.mark.parametrize("asked", ["new", ">>3", "3.x"])
def test_what_is_no_version_is_refused(asked: str) -> None:
    with pytest.raises(LaunchError, match="is no version"):
        interpreters.find(asked)


def test_an_image_gets_the_oldest_that_will_do_where_the_running_one_will_not() -> None:
    assert interpreters.minor(f">{MINOR}.99") == OTHER


def test_the_version_is_what_the_interpreter_says(bin: Path) -> None:
    assert interpreters.version(sys.executable) == PATCH
    assert interpreters.version(str(bin / "missing")) is None
