"""What the pages say is so: examples run, generated parts and listed columns are those of the code, links lead on."""

from __future__ import annotations

import doctest
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import runstore
from runstore.cli.main import cli
from runstore.disk import inventory, pack
from runstore.format import lines, names
from runstore.query import compaction, references, sealing
from runstore.query.macros import MACROS
from runstore.runs import state

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"], key=str)
SETUP = re.compile(r"^python3 -m venv .*$", re.MULTILINE)
VIEWS = re.compile(r"^## ([a-z_]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
TABLES = re.compile(r"^### (\w+)\([^\n]*\)\n((?:(?!^##).)*?^\| column .*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r"^\| `(\w+)` \| ([A-Z\[\]]+) \| .+ \|$", re.MULTILINE)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def generate() -> Iterator[ModuleType]:
    spec = spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module


@pytest.fixture
def example(workspace: Path) -> runstore.Workspace:
    """A workspace with a bit of everything."""
    ws = runstore.Workspace(workspace)
    with runstore.start_run("demo", params={"lr": 0.1}, tags={"a": "b"}, workspace=ws) as run:
        run.log({"loss": 0.5, "acc": float("nan")}, step=0)
        run.log("note", "ok")
        run.log_row("sample", x=1)
    return ws


# ---- README


def test_the_readme_has_exactly_two_set_up_lines_on_its_first_screen() -> None:
    page = text(ROOT / "README.md")
    assert len(SETUP.findall(page)) == 2
    assert page.count("pip install") == 2
    assert max(page[: found.start()].count("\n") for found in SETUP.finditer(page)) < 25


def test_the_first_line_runs_the_demo_and_the_second_the_tests() -> None:
    first, second = SETUP.findall(text(ROOT / "README.md"))
    assert first.endswith("runstore demo")
    assert second.endswith("pytest -n 2")


@pytest.mark.parametrize("code", blocks(text(ROOT / "README.md"), "python"))
def test_the_readme_example_runs(here: Path, code: str) -> None:
    program = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True)
    assert (program.returncode, program.stderr) == (0, "")
    assert "Completed" in program.stdout


# ---- pages


def test_the_examples_of_the_logging_page_run_one_after_another(here: Path) -> None:
    program = "\n".join(blocks(text(DOCS / "logging.md"), "python"))
    done = subprocess.run([sys.executable, "-c", program], cwd=here, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "epoch 1\nkept\n")
    query = "SELECT text FROM logs WHERE stream = 'python' ORDER BY time, line"
    rows = runstore.Workspace(here / ".runstore").sql(query)
    assert [row for row in rows.fetchall() if not row[0].startswith("run ")] == [("a detail",), ("slow",), ("bad",)]


def test_the_examples_of_the_models_page_run_one_after_another(here: Path) -> None:
    (here / "ridge.pkl").write_bytes(b"weights")
    program = "\n".join([*blocks(text(DOCS / "models.md"), "python"), "print(Model(ws, 'diabetes').aliases)"])
    done = subprocess.run([sys.executable, "-c", program], cwd=here, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "['candidate', 'production']\n")


@pytest.mark.parametrize(
    "page", ["quickstart.md", "files.md", "scripts.md", "sweeps.md", "housekeeping.md", "comparing.md"]
)
def test_a_page_does_what_it_shows(here: Path, page: str) -> None:
    result = doctest.testfile(str(DOCS / page), module_relative=False)
    assert result.attempted > 10
    assert result.failed == 0


def test_what_the_page_of_environments_refuses_is_refused(here: Path) -> None:
    result = doctest.testfile(str(DOCS / "environments.md"), module_relative=False)
    assert (result.attempted, result.failed) == (8, 0)


def test_two_workspaces_meet_at_a_remote_as_the_page_shows(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runstore.sync.lake.probe.probe", lambda place: {})  # which a disk without links does not pass
    result = doctest.testfile(str(DOCS / "sync.md"), module_relative=False)
    assert (result.attempted, result.failed) == (9, 0)


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "quickstart.md"], ids=lambda page: page.name)
def test_every_command_shown_works(here: Path, page: Path) -> None:
    for directory in ("runs", ".runstore"):
        ids = []
        for loss in (0.5, 0.25):
            with runstore.start_run("mnist", workspace=runstore.Workspace(directory)) as run:
                run.log({"loss": loss, "acc": 0.5}, step=0)
            ids.append(run.id)
        shown = re.findall(r"^\$ (runstore .*)$", text(page), re.MULTILINE)
        for command in [line for line in shown if (" -w runs" in line) == (directory == "runs")]:
            argv = [sys.executable, "-m", *shlex.split(command.replace("RUN", ids[0], 1).replace("RUN", ids[1]))]
            done = subprocess.run(argv, cwd=here, capture_output=True, text=True)
            assert (done.returncode, done.stderr, bool(done.stdout)) == (0, "", True), command


def test_every_command_of_the_page_about_scripts_is_one() -> None:
    context = cli.make_context("runstore", [], resilient_parsing=True)
    shown = re.findall(r"^\$ runstore (.*)$", text(DOCS / "scripts.md"), re.MULTILINE)
    for name, *arguments in map(shlex.split, shown):
        command = cli.get_command(context, name)
        assert command is not None
        command.make_context(name, arguments, parent=context)
    assert len(shown) > 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text(page))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_generated_part_is_as_the_code_says(page: Path, generate: ModuleType) -> None:
    assert generate.filled(text(page)) == text(page)


def test_a_notebook_that_is_made_from_a_script_is_as_the_script_says(generate: ModuleType) -> None:
    found = {path: body for path, body in generate.pages().items() if path.suffix == ".ipynb"}
    assert [path.name for path in found] == ["train_on_local.ipynb"]
    assert {path: text(path) for path in found} == found


def test_every_command_is_documented_with_an_example(generate: ModuleType) -> None:
    page = generate.commands()
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert [section.split("\n")[0] for section in sections if "\n  Example:\n    runstore" not in section] == []
    assert {section.split()[1] for section in sections[1:]} >= {
        "init", "demo", "runs", "show", "compare", "plot", "sql", "logs", "check", "compact",
    }  # fmt: skip


def test_architecture_fits_on_a_page() -> None:
    assert len(text(DOCS / "architecture.md").splitlines()) < 120


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(path.name[:4] for path in (DOCS / "decisions").glob("*.md"))
    assert numbers == [f"{n:03d}-" for n in range(1, len(numbers) + 1)]


# ---- sql.md


def test_every_view_is_documented(example: runstore.Workspace) -> None:
    documented = {name for name, _ in VIEWS.findall(text(DOCS / "sql.md"))}
    assert documented == {
        "runs", "experiments", "params", "tags", "properties", "metrics", "curve_points", "metric_summary",
        "system_metrics", "rows", "artifacts", "logs", "writers", "models",
    }  # fmt: skip


@pytest.mark.parametrize(("view", "section"), VIEWS.findall(text(DOCS / "sql.md")))
def test_every_column_is_documented_with_its_type(example: runstore.Workspace, view: str, section: str) -> None:
    answered = example.sql(f"describe select * from {view}").fetchall()
    actual = [(name, kind.partition("(")[0]) for name, kind, *_ in answered]
    assert COLUMN.findall(section) == actual


def test_every_macro_is_documented_with_its_parameters(example: runstore.Workspace) -> None:
    documented = re.findall(r"^### (\w+)\((.*)\)$", text(DOCS / "sql.md"), re.MULTILINE)
    assert dict(documented) == {
        name: ", ".join(
            f"{key} := {default}" if default is not None else key for key, default in made.parameters.items()
        )
        for name, made in MACROS.items()
    }


@pytest.mark.parametrize(("macro", "section"), TABLES.findall(text(DOCS / "sql.md")))
def test_every_column_of_a_macro_is_documented_with_its_type(
    example: runstore.Workspace, macro: str, section: str
) -> None:
    required = sum(default is None for default in MACROS[macro].parameters.values())
    answered = example.sql(f"describe select * from {macro}({', '.join(['NULL'] * required)})").fetchall()
    assert COLUMN.findall(section) == [(name, kind.partition("(")[0]) for name, kind, *_ in answered]


# ---- format.md


@pytest.fixture
def reader() -> dict[str, Any]:
    """The reader at the end of format.md, as somebody else would run it."""
    found: dict[str, Any] = {}
    (code,) = blocks(text(DOCS / "format.md"), "python")
    exec(compile(code, "format.md", "exec"), found)
    return found


def test_the_documented_reader_reads_what_is_not_sealed(workspace: Path, reader: dict[str, Any]) -> None:
    run = runstore.start_run("demo", workspace=runstore.Workspace(workspace))
    run.log("loss", 0.5, step=3)
    run.log({"loss": float("-inf"), "acc": 2**70})
    run.log_row("sample", x=1)
    run.flush()
    run.log("note", "after\0the check")
    run.log_list("list", [1, float("nan")])
    run.log_batch("batch", [1, 2], steps=[8, 7], times=[3000, 4000])
    run.log_list("list", [3])

    points = reader["live_points"](reader["run_directory"](workspace, run.id))

    values = {
        number: (name, reader["value"](value), step)
        for (_, number), (name, value, step, _) in points.items()
        if name not in ("sample", "list", "batch")
    }
    assert values == {
        0: ("loss", 0.5, 3),
        1: ("loss", float("-inf"), [0]),
        2: ("acc", 2**70, [0]),
        4: ("note", "after\0the check", [0]),
    }
    batch = {number: point for (_, number), point in points.items() if point[0] == "batch"}
    assert batch == {7: ["batch", 1, 8, 3000], 8: ["batch", 2, 7, 4000]}
    listed = {number: (repr(reader["value"](p[1])), p[2]) for (_, number), p in points.items() if p[0] == "list"}
    assert listed == {5: ("1", [0]), 6: ("nan", [1]), 9: ("3", [2])}
    run.complete()


def test_the_documented_reader_reads_facts_and_documents(example: runstore.Workspace, reader: dict[str, Any]) -> None:
    ((run_id,),) = example.sql("select run_id from runs").fetchall()
    facts = reader["run_directory"](example.path, run_id) / names.facts(1)
    kinds = [fact for _, (fact, _, _) in reader["items"](facts.read_bytes())]
    body = reader["document"]((example.path / names.WORKSPACE).read_bytes())
    assert (kinds[0], kinds[-1]) == ("start", "end")
    assert "params" in kinds
    assert body["workspace"] == example.id


def test_the_documented_reader_finds_the_bytes_of_artifacts(workspace: Path, reader: dict[str, Any]) -> None:
    ws = runstore.Workspace(workspace)
    runs = [runstore.start_run("e", workspace=ws) for _ in range(2)]
    for number, run in enumerate(runs):
        for name, data in {"a": b"gone %d" % number, "b": b"stays", "c": b"l" * pack.SMALL}.items():
            run.upload_file(name, io.BytesIO(data))
    for run in runs:
        run.complete()

    def contents() -> list[tuple[str, bytes]]:
        return [
            (fact["name"], reader["content"](workspace, run.id, fact["writer"], fact))
            for run in runs
            for fact in state.fold(run.path).artifacts
        ]

    before = contents()
    assert [data for name, data in before if name == "b"] == [b"stays", b"stays"]
    assert [data for name, data in before if name == "c"] == [b"l" * pack.SMALL] * 2
    for run in runs:
        run.remove_files("a")
    references.sweep(workspace, grace=0, young=0)
    assert contents() == [(name, data) for name, data in before if name != "a"]


def test_the_documented_reader_reads_runs_in_blocks(workspace: Path, reader: dict[str, Any]) -> None:
    ws = runstore.Workspace(workspace)
    for number in range(200):  # more than a page of the index holds
        with runstore.start_run("e", run_id=f"r{number}", params={"lr": number}, workspace=ws) as run:
            if number % 100 == 1:
                run.upload_file("small", io.BytesIO(b"of %d" % number))
    compaction.compact(workspace, grace=0)
    ws.get_run("r1").set_tags({"later": 1})
    for number in (0, 1, 101, 199):
        found = reader["run_files"](workspace, f"r{number}")
        facts = [fact for name in sorted(found) if name[0] in "af" for _, fact in reader["items"](found[name])]
        assert [body for kind, _, body in facts if kind == "params"] == [[["lr", number]]]
        assert [body for kind, _, body in facts if kind == "tags"] == ([{"later": 1}] if number == 1 else [])
        for fact in state.fold(workspace / names.run_dir(f"r{number}")).artifacts:
            assert reader["content"](workspace, f"r{number}", fact["writer"], fact) == b"of %d" % number
    assert reader["run_files"](workspace, "r200") == {}


def test_the_documented_reader_finds_a_flipped_byte(example: runstore.Workspace, reader: dict[str, Any]) -> None:
    data = (example.path / names.WORKSPACE).read_bytes()
    for at in range(len(data)):
        with pytest.raises(ValueError):
            reader["document"](data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_the_documented_reader_believes_only_what_is_verified(reader: dict[str, Any], generate: ModuleType) -> None:
    journal = generate.example()["points"]
    whole, at = b"".join(journal), len(journal[0]) + 10
    flipped = whole[:at] + b"X" + whole[at + 1 :]
    torn = b"".join(journal[:6]) + journal[6][:20]
    assert [number for number, _ in reader["items"](whole)] == [0, 1, 2, 3, 4, 5, 6]
    assert [found[3] for found in reader["ranges"](flipped)][:-1] == []
    assert [number for number, _ in reader["items"](torn)] == [0, 1, 2, 3, 4, 5]


def test_every_fact_written_is_in_the_format_page(example: runstore.Workspace) -> None:
    page = text(DOCS / "format.md")
    for path in (example.path / names.RUNS).glob("*/*"):
        for journal in inventory.scan(path).facts:
            written = {line.split(b'"')[1].decode() for line in journal.read_bytes().splitlines() if line[:1] == b"["}
            assert {fact for fact in written if f"`{fact}`" not in page} == set()


def test_every_key_of_a_seal_record_is_in_the_format_page(example: runstore.Workspace, reader: dict[str, Any]) -> None:
    page = text(DOCS / "format.md")
    (run_path,) = (example.path / names.RUNS).glob("*/*")
    sealing.seal(example.path, run_path)

    (record,) = run_path.glob("seal-*.json")
    body = reader["document"](record.read_bytes())

    keys = {*body, *body["segments"][0], *body["summary"]["loss"]}
    assert {key for key in keys if f'"{key}"' not in page} == set()
    assert reader["live_points"](run_path) == {}


def test_the_format_page_names_the_first_bytes_of_every_kind_of_line() -> None:
    page = text(DOCS / "format.md")
    assert all(kind.decode() in page for kind in (lines.SUM, lines.END, b'{"runstore":'))
