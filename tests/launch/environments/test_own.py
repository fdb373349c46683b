from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch.environments import own

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
METADATA = "Metadata-Version: 2.1\nName: runstore\nVersion: 0\nRequires-Dist: orjson>=3\n" + (
    "Requires-Dist: optuna; extra == 'sweep'\nRequires-Dist: backport; python_version < '3.12'\n"
)


def placed(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if runstore lay in that directory."""
    monkeypatch.setattr(own, "package", lambda: directory / "runstore")
    return directory


def test_of_a_checkout_it_is_what_its_project_file_says() -> None:
    assert own.requirements() == sorted(PROJECT["dependencies"])


def test_the_python_needed_is_the_projects() -> None:
    assert PROJECT["requires-python"] == own.NEEDED_PYTHON


def test_of_an_installation_it_is_what_its_metadata_says_without_the_extras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    information = placed(tmp_path, monkeypatch) / "runstore-0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(METADATA)
    assert own.requirements() == ["backport; python_version < '3.12'", "orjson>=3"]


def test_somebody_elses_project_file_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    information = placed(tmp_path, monkeypatch) / "runstore-0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(METADATA)
    for text in ('[project]\nname = "other"\ndependencies = ["x"]\n', "no toml at all ["):
        (tmp_path / "pyproject.toml").write_text(text)
        assert "orjson>=3" in own.requirements()


def test_where_nothing_says_so_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed(tmp_path, monkeypatch)
    monkeypatch.setattr("importlib.metadata.distributions", lambda **asked: iter(()))
    with pytest.raises(LaunchError, match="nothing there says what runstore needs"):
        own.requirements()


def test_installed_is_what_lies_in_the_interpreters_own_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import site

    directory = placed(tmp_path, monkeypatch)
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(tmp_path / "none"))
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(tmp_path / "site")])
    monkeypatch.setenv("PYTHONPATH", str(directory))
    assert not own.installed()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "runstore.pth").write_text(f"{directory.resolve()}\n")
    assert own.installed()
    (tmp_path / "site" / "runstore.pth").unlink()
    assert not own.installed()
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(directory)])
    assert own.installed()
