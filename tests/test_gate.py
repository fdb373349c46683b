"""The gate runs every step, tells a flaky test from a failing one, and each test has one group."""

from __future__ import annotations

import importlib
import itertools
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.mark.expression import Expression

ROOT = Path(__file__).resolve().parents[1]
CHECKS = ROOT / ".ci" / "checks"
FLAKY = """
from pathlib import Path
def test_sometimes():
    mark = Path(__file__).with_suffix(".mark")
    before = mark.exists()
    mark.touch()
    assert before, "the first time"
def test_always():
    pass
"""


def load(name: str) -> Iterator[ModuleType]:
    sys.path.insert(0, str(CHECKS))
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(CHECKS))


@pytest.fixture
def gate() -> Iterator[ModuleType]:
    yield from load("gate")


@pytest.fixture
def groups() -> Iterator[ModuleType]:
    yield from load("groups")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModuleType]:
    """The module, with a checkout of its own."""
    for module in load("steps"):
        monkeypatch.setattr(module, "ROOT", tmp_path)
        monkeypatch.setattr(module, "ARTEFACTS", tmp_path / "artefacts")
        monkeypatch.setattr(module, "PYTEST", str(Path(sys.executable).parent / "pytest"))
        monkeypatch.setenv("PYTEST_ADDOPTS", "")
        (tmp_path / "pytest.ini").touch()
        yield module


def python(steps: ModuleType, name: str, code: str, **more: object) -> object:
    return steps.Step(name, [sys.executable, "-c", code], **more)


def in_pytest(steps: ModuleType, *arguments: str) -> object:
    return steps.Step("suite", [steps.PYTEST, "-q", *arguments], tests=True)


@pytest.mark.parametrize("name", ["run", "full"])
def test_each_script_can_be_started(name: str) -> None:
    assert os.access(ROOT / ".ci" / name, os.X_OK)


def test_the_gate_runs_the_readmes_second_line_first_and_as_it_stands(gate: ModuleType) -> None:
    (first, *_) = gate.steps()
    second = re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert first.command == ["bash", "-euo", "pipefail", "-c", second]


def test_every_step_runs_and_a_failed_one_fails_the_whole(steps: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    code = steps.run_all([python(steps, "bad", "raise SystemExit(3)"), python(steps, "good", "print('ran')")])
    output = capfd.readouterr().out
    assert (code, "ran" in output) == (1, True)
    assert re.search(r"^bad +failed ", output, re.MULTILINE)
    assert re.search(r"^good +passed ", output, re.MULTILINE)


def test_what_cannot_be_had_is_left_out_and_fails_nothing(steps: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    def prepare() -> None:
        raise steps.NotAvailable("no network")

    assert steps.run_all([python(steps, "page", "raise SystemExit(1)", prepare=prepare)]) == 0
    output = capfd.readouterr().out
    assert "left out: page (no network)" in output
    assert re.search(r"^page +left out ", output, re.MULTILINE)


def test_a_program_that_is_missing_or_hangs_fails_with_the_reason(steps: ModuleType) -> None:
    missing = steps.run(steps.Step("a", ["./missing"]))
    hanging = steps.run(python(steps, "b", "import time; time.sleep(600)", minutes=0.01))
    assert (missing.outcome, missing.note) == ("failed", "./missing: No such file or directory")
    assert (hanging.outcome, hanging.note) == ("failed", "ended after 0.01 minutes")


def test_a_test_that_passes_when_it_is_run_alone_is_flaky(steps: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(FLAKY)
    result = steps.run(in_pytest(steps))
    assert (result.outcome, result.note) == ("passed", "1 flaky")
    assert [*result.flaky] == ["test_it.py::test_sometimes"]
    assert "the first time" in result.flaky["test_it.py::test_sometimes"]


def test_a_test_that_fails_again_fails_its_step_by_name(steps: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(f"{FLAKY}\ndef test_never():\n    assert False\n")
    result = steps.run(in_pytest(steps))
    assert (result.outcome, result.note) == ("failed", "test_it.py::test_never")
    assert [*result.flaky] == ["test_it.py::test_sometimes"]


@pytest.mark.parametrize("source", ["def (", "import a_module_that_nobody_has"])
def test_a_file_that_cannot_be_collected_fails_its_step(steps: ModuleType, tmp_path: Path, source: str) -> None:
    (tmp_path / "test_it.py").write_text(source)
    assert steps.run(in_pytest(steps)).outcome == "failed"


def test_no_tests_are_a_failure(steps: ModuleType) -> None:
    assert steps.run(in_pytest(steps)).outcome == "failed"


def test_a_test_belongs_to_the_core_or_to_one_group(groups: ModuleType, pytestconfig: pytest.Config) -> None:
    options = pytestconfig.getini("addopts")
    core = options[options.index("-m") + 1]
    compiled = [Expression.compile(text) for text in (core, *(groups.marked(name)[1] for name in groups.MARKERS))]

    def owners(names: frozenset[str]) -> int:
        return sum(expression.evaluate(lambda name, /, **_: name in names) for expression in compiled)

    sizes = range(len(groups.MARKERS) + 1)
    assert {owners(frozenset(names)) for n in sizes for names in itertools.combinations(groups.MARKERS, n)} == {1}


def test_every_marker_of_the_project_is_run_by_a_group(groups: ModuleType) -> None:
    own = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"][
        "markers"
    ]
    names = {line.partition(":")[0] for line in own}
    assert names == {*groups.MARKERS}
    commands = [" ".join(group.command) for group in groups.GROUPS.values()]
    assert [marker for marker in names if not any(f"-m {marker}" in command for command in commands)] == []


def test_groups_are_listed_with_what_they_check_install_and_take(
    groups: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert groups.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*groups.GROUPS]
    assert all(re.search(r"Installs: .+\. About \d+ min\.$", line) for line in lines)


def test_an_unknown_group_is_refused_with_the_names_there_are(
    groups: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert groups.main(["mistake"]) == 2
    assert "no group mistake; the groups are slow, browser" in capsys.readouterr().err
