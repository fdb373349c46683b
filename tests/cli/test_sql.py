"""Any statement, as a table or as data, on the screen or in a file."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call

QUERY = "select run_id, name, last from metric_summary order by name"


def test_a_table_ends_with_the_number_of_rows(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, 0.75, run_id="one")
    assert call("sql", QUERY).stdout.splitlines() == [
        "run_id  name  last",
        "──────────────────",
        "one     acc    0.2",
        "one     loss  0.25",
        "2 rows",
    ]
    assert call("sql", "select 1 as x").stdout.splitlines()[-1] == "1 row"


@pytest.mark.parametrize("format_", ["json", "jsonl", "csv", "markdown"])
def test_every_format_gives_the_rows(ws: runstore.Workspace, call: Call, format_: str) -> None:
    scenes.finished(ws, run_id="one")
    told = call("sql", QUERY, "--format", format_).stdout
    read = {
        "json": json.loads,
        "jsonl": lambda text: [json.loads(line) for line in text.splitlines()],
        "csv": lambda text: list(csv.DictReader(io.StringIO(text))),
        "markdown": lambda text: [{"name": line.split(" | ")[1]} for line in text.splitlines()[2:]],
    }[format_]
    assert [row["name"] for row in read(told)] == ["acc", "loss"]


@pytest.mark.parametrize("suffix", ["csv", "json", "jsonl", "parquet", "md", "txt"])
def test_a_file_has_the_format_of_its_suffix(ws: runstore.Workspace, call: Call, tmp_path: Path, suffix: str) -> None:
    scenes.finished(ws, run_id="one")
    path = tmp_path / f"rows.{suffix}"
    done = call("sql", QUERY, "-o", path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith(f"wrote {path} (")
    if suffix in ("csv", "json", "jsonl", "parquet"):
        reader = "json" if suffix == "jsonl" else suffix
        assert ws.sql(f"select name from read_{reader}_auto('{path}')" if reader != "parquet"
                      else f"select name from read_parquet('{path}')").fetchall() == [("acc",), ("loss",)]  # fmt: skip
    else:
        assert "loss" in path.read_text()


def test_a_format_may_be_named_against_the_suffix(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    call("sql", "select 1 as x", "-o", tmp_path / "rows.dat", "--format", "json")
    assert json.loads((tmp_path / "rows.dat").read_text()) == [{"x": 1}]
    assert call("sql", "select 1", "-o", tmp_path / "rows.xyz").exit_code == 2


def test_a_file_that_can_not_be_written_is_one_line(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    done = call("sql", "select 1", "-o", tmp_path / "none" / "rows.csv")
    assert done.exit_code == 1
    assert "No such file or directory" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_statement_comes_from_standard_input_or_a_file(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    assert json.loads(call("sql", "-", "--json", input="select 1 as x").stdout) == [{"x": 1}]
    (tmp_path / "q.sql").write_text("select 2 as x")
    assert json.loads(call("sql", tmp_path / "q.sql", "--json").stdout) == [{"x": 2}]
    done = call("sql", tmp_path / "missing.sql")
    assert done.exit_code == 1
    assert "missing.sql: No such file" in done.stderr


def test_a_statement_longer_than_a_file_name_can_be_is_a_statement(ws: runstore.Workspace, call: Call) -> None:
    assert call("sql", f"select length('{'x' * 300}') as n", "--csv").stdout.splitlines() == ["n", "300"]


def test_no_rows_are_still_a_table_and_valid_json(ws: runstore.Workspace, call: Call) -> None:
    assert call("sql", "select 1 as x where false").stdout.splitlines() == ["x", "─", "0 rows"]
    assert json.loads(call("sql", "select 1 as x where false", "--json").stdout) == []


def test_a_pipe_gets_whole_values(ws: runstore.Workspace, call: Call) -> None:
    assert "x" * 500 in call("sql", "select repeat('x', 500) as t").stdout


def test_a_terminal_gets_the_first_rows_that_fit_and_how_many_there_are(
    ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]
) -> None:
    terminal(80)
    lines = call("sql", "select range as n, repeat('x', 500) as t from range(1000)").stdout.splitlines()
    assert len(lines) == 2 + 200 + 1
    assert max(map(len, lines)) == 80
    assert lines[2].endswith("…")
    assert lines[-1].startswith("200 of 1,000 rows; --limit 0 shows all")


def test_limit_counts_rows_in_every_format(ws: runstore.Workspace, call: Call) -> None:
    assert json.loads(call("sql", "from range(9)", "--limit", 2, "--json").stdout) == [{"range": 0}, {"range": 1}]
    assert call("sql", "from range(9)", "--limit", 2).stdout.splitlines()[-1].startswith("2 of 9 rows")


def test_parquet_goes_to_a_pipe_but_not_to_a_terminal(
    ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]
) -> None:
    command = [sys.executable, "-m", "runstore", "sql", "select 1 as x", "--format", "parquet", "-w", str(ws.path)]
    done = subprocess.run(command, capture_output=True)
    assert done.returncode == 0
    assert done.stdout[:4] == done.stdout[-4:] == b"PAR1"
    terminal(80)
    refused = call("sql", "select 1 as x", "--format", "parquet")
    assert refused.exit_code == 2
    assert "-o" in refused.stderr


def test_what_is_in_the_rows_is_shown_harmless(ws: runstore.Workspace, call: Call) -> None:
    shown = call("sql", "select chr(27) || '[2J' || chr(8238) || chr(10) || '[red]' as t").stdout
    assert "\x1b" not in shown
    assert "\\x1b[2J\\u202e\\n[red]" in shown


def test_other_statements_than_select_work(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws)
    assert "run_id" in call("sql", "describe runs").stdout
    assert call("sql", "explain select * from runs").exit_code == 0


def test_a_statement_is_answered_as_of_a_time(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="one")
    ((started,),) = ws.sql("select started from runs").fetchall()
    query = "select status from runs"
    assert json.loads(call("sql", query, "--json", "--as-of", started.isoformat()).stdout) == [{"status": "Running"}]
    assert json.loads(call("sql", query, "--json", "--as-of", "2001-01-01").stdout) == []
    refused = call("sql", query, "--as-of", "soon")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "as_of: 'soon' is no time" in refused.stderr
