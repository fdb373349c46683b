"""The house is kept in order: tests mirror modules, files and functions stay small."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("format", "disk", "runs", "query", "sync", "sync/lake", "sync/mlflow", "sync/server", "launch", "cli")
FACE = ("azureml/core", "azureml/tensorboard", "azureml/train/hyperdrive")  # modules are called as the SDK calls them
FUNCTION_CAP, USUAL, SHARE = 60, 35, 0.90
PAGE_CAP = 300
TOP_LEVEL = {
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "pyproject.toml",
    "runstore",
    "tests",
    "benchmarks",
    "docs",
}


def modules() -> set[str]:
    paths = (ROOT / "runstore").rglob("*.py")
    names = {path.relative_to(ROOT / "runstore").as_posix() for path in paths}
    return {name for name in names if not name.rpartition("/")[2].startswith("__")}


def python_files() -> list[Path]:
    return [path for folder in ("runstore", "tests", "benchmarks", "docs") for path in (ROOT / folder).rglob("*.py")]


def page_files() -> list[Path]:
    web = ROOT / "runstore" / "view" / "web"
    return [path for path in (web / "src").rglob("*.*") if path.suffix in (".ts", ".tsx")]


def functions(path: Path) -> dict[str, int]:
    """How many lines every function of a file has, its docstring included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    where = path.relative_to(ROOT)
    return {f"{where}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1 for node in found}


def test_every_module_has_its_test_file() -> None:
    expected = {name.rpartition("/")[0] + "/test_" + name.rpartition("/")[2] for name in modules()}
    missing = {name for name in expected if not (ROOT / "tests" / name.lstrip("/")).is_file()}
    assert missing == set()


@pytest.mark.parametrize("floor", FLOORS + FACE)
def test_every_test_file_of_a_floor_has_its_module(floor: str) -> None:
    """One file may be split: ``test_journal_closing.py`` belongs to ``journal.py``."""
    tested = {path.stem.removeprefix("test_") + "_" for path in (ROOT / "tests" / floor).glob("test_*.py")}
    there = tuple(path.stem + "_" for path in (ROOT / "runstore" / floor).glob("*.py"))
    assert {name for name in tested if not name.startswith(there)} == set()


def test_no_source_of_the_page_is_longer_than_its_cap() -> None:
    long = {str(path.relative_to(ROOT)): n for path in page_files() if (n := len(_lines(path))) > PAGE_CAP}
    assert long == {}


def test_the_page_writes_texts_and_never_html() -> None:
    words = ("inner" + "HTML", "outer" + "HTML", "insertAdjacent" + "HTML", "document" + ".write")
    assert [path for path in page_files() if any(word in _text(path) for word in words)] == []


def test_no_function_is_longer_than_the_cap() -> None:
    long = {name: n for path in python_files() for name, n in functions(path).items() if n > FUNCTION_CAP}
    assert long == {}


def test_nine_of_ten_functions_are_short() -> None:
    lengths = [n for path in (ROOT / "runstore").rglob("*.py") for n in functions(path).values()]
    assert sum(n <= USUAL for n in lengths) >= SHARE * len(lengths)


def test_nothing_is_skipped_or_expected_to_fail() -> None:
    words = ("pytest.mark." + "skip", "pytest." + "skip(", "mark.x" + "fail", "pytest.x" + "fail(", "import" + "orskip")
    found = [path for path in (ROOT / "tests").rglob("*.py") if any(word in _text(path) for word in words)]
    assert found == []


def test_the_top_level_holds_what_belongs_there() -> None:
    assert TOP_LEVEL - {path.name for path in ROOT.iterdir()} == set()


def test_no_committed_text_names_an_absolute_path_of_a_home() -> None:
    texts = [path for folder in ("runstore", "benchmarks", "docs") for path in (ROOT / folder).rglob("*.[pm][yd]")]
    found = [
        path for path in texts if any(place in _text(path) for place in ("/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/"))
    ]
    assert found == []


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _lines(path: Path) -> list[str]:
    return _text(path).splitlines()
