"""Fixtures of every test that needs child processes: ``from tests.crash.fixtures import shared, templates``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.template import ROOT, Shared, Template

WAYS = {"mapped": {}, "written": {"RUNSTORE_CAPABILITIES": "none"}, "sealer": {}}
LOADED = {"sealer": ["pyarrow.parquet"]}


class Templates(dict[str, Template]):
    """Templates by way of writing, started when first asked for. "mapped" children have every capability there is."""

    def __init__(self, home: Path, *modules: str) -> None:
        self._modules = modules
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RUNSTORE_")}
        self._environment = {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), "RUNSTORE_SYSTEM": "0"}

    def __missing__(self, way: str) -> Template:
        self[way] = Template({**self._environment, **WAYS[way]}, *LOADED.get(way, ()), *self._modules)
        return self[way]


@pytest.fixture(scope="session")
def all_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    made = Templates(tmp_path_factory.mktemp("home"))
    yield made
    for template in made.values():
        template.close()


@pytest.fixture
def templates(all_templates: Templates) -> Iterator[Templates]:
    """The templates; no child outlives its test."""
    yield all_templates
    for template in all_templates.values():
        template.clear()


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    memory = Shared(tmp_path / "shared", create=True)
    yield memory
    memory.close()
