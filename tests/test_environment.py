"""The environment of the README's second line has all that its tests use."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.sync.servers import fixtures

TESTS = Path(__file__).parent
OWN = frozenset({"runstore", "tests", "benchmarks", "hatch_build"})
ELSEWHERE = frozenset({TESTS / "sync/servers/on_ray.py"})
"""Programs that another environment runs."""


def imported(source: str) -> Iterator[str]:
    """The top-level modules that a file imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def installed(name: str, extras: Iterable[str], known: dict[str, set[str]] | None = None) -> set[str]:
    """The distributions that installing one brings, by their canonical names."""
    known = {} if known is None else known
    key, wanted = name.lower().replace("_", "-"), {"", *extras}
    new = wanted - known.setdefault(key, set())
    known[key] |= wanted
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return {*known}
    for line in lines if new else ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in new):
            installed(requirement.name, requirement.extras, known)
    return {*known}


@functools.cache
def owners() -> dict[str, set[str]]:
    """The distributions that each module comes from, by their canonical names."""
    names = packages_distributions()
    return {module: {name.lower().replace("_", "-") for name in names[module]} for module in names}


def lacking(source: str, distributions: set[str]) -> set[str]:
    """The modules that a file imports and that none of these distributions has."""
    foreign = {*imported(source)} - OWN - {*sys.stdlib_module_names}
    return {module for module in foreign if not distributions & owners().get(module, set())}


@pytest.fixture(scope="module")
def distributions() -> set[str]:
    return installed("runstore", {"dev"})


def test_every_import_of_the_tests_is_of_something_that_is_installed(distributions: set[str]) -> None:
    paths = {*TESTS.rglob("*.py")} - ELSEWHERE
    missing = {path.name: lacking(path.read_text(encoding="utf-8"), distributions) for path in paths}
    assert {name: modules for name, modules in missing.items() if modules} == {}


@pytest.mark.parametrize("module", ["huey", "mlflow_of_another_environment"])
def test_an_import_of_something_else_is_found(distributions: set[str], module: str) -> None:
    assert lacking(f"import os\nimport pytest\nimport {module}.a\n", distributions) == {module}


@pytest.mark.parametrize("fixture", sorted(fixtures.PREPARED))
def test_a_test_that_needs_a_prepared_server_is_left_to_its_group(fixture: str) -> None:
    class Item:
        fixturenames = (fixture,)

        def __init__(self) -> None:
            self.markers: list[str] = []

        def add_marker(self, marker: pytest.MarkDecorator) -> None:
            self.markers.append(marker.name)

    item = Item()
    fixtures.mark([item])  # type: ignore[list-item]
    assert item.markers == ["engine" if fixture == "daft_on_ray" else "server"]
