"""The demo: what it leaves in the workspace, and that what it says one may try next works as it stands."""

from __future__ import annotations

import json
import os
import pickle
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

import runstore
from runstore.cli import demo
from runstore.runs import seal
from tests.cli.conftest import Call


@pytest.fixture
def swept(ws: runstore.Workspace, call: Call) -> runstore.Workspace:
    """A workspace with one demo in it."""
    done = call("demo", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    return ws


def commands(printed: str) -> list[str]:
    """The lines below ``next``."""
    return [line.strip() for line in printed.partition("\nnext\n")[2].splitlines() if line.strip()]


def test_there_is_a_run_per_alpha_below_one_parent(swept: runstore.Workspace) -> None:
    found = swept.sql("""
        select p.name, count(*), count(distinct c.params.model.alpha), min(c.params.model.alpha),
               max(c.params.model.alpha)
        from runs c join runs p on c.parent_id = p.run_id where c.status = 'Completed' group by p.name
    """).fetchall()
    assert found == [("alpha sweep", 21, 21, 0.0, 1.0)]


def test_alpha_and_mse_are_logged_by_each_run_and_as_a_curve_by_the_parent(swept: runstore.Workspace) -> None:
    of_runs = swept.sql("select last.alpha, last.mse from runs where parent_id is not null order by 1").fetchall()
    (parent,) = swept.sql("select run_id from runs where parent_id is null").fetchall()[0]
    logged = swept.get_run(parent).get_metrics()
    assert list(zip(logged["alpha"], logged["mse"], strict=True)) == of_runs


def test_the_mse_is_that_of_the_residuals(swept: runstore.Workspace) -> None:
    off = swept.sql("""
        select max(abs(r.last.mse - m.mse)), min(m.count) from runs r join
            (select run_id, avg(value * value) as mse, count(distinct step) as count from metrics
             where name = 'residual' group by run_id) m using (run_id)
    """).fetchall()[0]
    assert off[0] < 1e-6
    assert off[1] == 89


def test_the_model_file_predicts(swept: runstore.Workspace) -> None:
    (run_id,) = swept.sql("select run_id from runs where params.model.alpha = 0.4").fetchall()[0]
    (name, size) = swept.sql("select name, size from artifacts where run_id = ?", [run_id]).fetchall()[0]
    (file,) = swept.get_run(run_id).path.glob("k-*.pack")
    model = pickle.loads(file.read_bytes().partition(b"\n")[2][:size])
    assert name == "outputs/ridge_0.40.pkl"
    assert isinstance(model, Ridge)
    assert model.alpha == 0.4
    assert model.predict(load_diabetes().data[:3]).shape == (3,)


def test_the_leaderboard_is_what_its_statement_gives(ws: runstore.Workspace, call: Call) -> None:
    told = json.loads(call("demo", "--json").stdout)
    alphas = [row["alpha"] for row in told["leaderboard"]]
    best = ws.sql("select params.model.alpha from runs where parent_id = ? order by last.mse", [told["run_id"]])
    assert alphas == [row[0] for row in best.fetchall()][: len(alphas)]
    assert told["workspace"] == str(ws.path)


def test_a_second_demo_goes_into_the_same_workspace(swept: runstore.Workspace, call: Call) -> None:
    assert call("demo").exit_code == 0
    assert swept.sql("select count(*), count(distinct parent_id) from runs").fetchall() == [(44, 2)]


def test_it_makes_the_workspace_that_is_named(tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    monkeypatch.chdir(tmp_path)
    done = call("demo", "-w", "my runs")
    assert done.exit_code == 0
    assert (tmp_path / "my runs" / "workspace.json").exists()
    assert len(commands(done.stdout)) == 6
    assert all("-w 'my runs'" in line for line in commands(done.stdout))


@pytest.mark.parametrize(
    "option", [pytest.param("", id="found"), pytest.param("-w 'my runs'", id="named", marks=pytest.mark.slow)]
)
def test_the_next_commands_work_exactly_as_printed(tmp_path: Path, option: str) -> None:
    program = [sys.executable, "-m", "runstore"]
    done = subprocess.run([*program, "demo", *shlex.split(option)], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = commands(done.stdout)
    assert [line.partition("-m runstore ")[2].split()[0] for line in lines] == [
        "runs", "show", "compare", "plot", "sql", "check",
    ]  # fmt: skip
    for line in lines:
        tried = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True)
        assert (tried.returncode, tried.stderr) == (0, ""), line
        assert tried.stdout
    subprocess.run([*program, "compact", *shlex.split(option)], cwd=tmp_path, check=True, capture_output=True)


def test_a_program_that_is_not_on_the_search_path_is_named_by_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".venv" / "bin" / "runstore")])
    assert demo.program() == os.path.join(".venv", "bin", "runstore")


def test_a_program_on_the_search_path_is_called_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "runstore"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [str(program)])
    assert demo.program() == "runstore"


def test_without_scikit_learn_one_line_names_the_extra(
    workspace: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    done = call("demo")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "runstore: the demo needs scikit-learn: pip install 'runstore[demo]'\n"
    assert not workspace.exists()


def test_nothing_is_trained_where_logging_is_disabled(
    workspace: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    done = call("demo")
    assert done.exit_code == 2
    assert "RUNSTORE_MODE" in done.stderr
    assert not workspace.exists()
