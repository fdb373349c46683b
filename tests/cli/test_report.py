"""``runstore report``: runs as one HTML file, and the Parquet in it had again."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

import runstore
from runstore.view.report import document
from tests.cli.conftest import Call


@pytest.fixture(autouse=True)
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    static = tmp_path / "static"
    static.mkdir()
    (static / "whole.js").write_text("export {}")
    (static / "whole.css").write_text("")
    monkeypatch.setattr(document, "STATIC", static)


@pytest.fixture
def store(ws: runstore.Workspace) -> runstore.Workspace:
    for number, name in enumerate(("alpha", "beta", "gamma")):
        with runstore.start_run("e", run_id=name, params={"lr": number}, workspace=ws) as run:
            run.log("loss", 1 / (1 + number), step=0)
    return ws


def told(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_named_runs_are_written_and_counted(call: Call, store: runstore.Workspace, tmp_path: Path) -> None:
    done = call("report", "al", "be", "-o", tmp_path / "r.html")
    assert done.exit_code == 0
    assert "2 runs, 2 curves, 2 points as Parquet; " in done.stdout
    assert told(tmp_path / "r.html").startswith(document.MARK)


def test_the_best_runs_are_taken_by_order_and_limit(call: Call, store: runstore.Workspace, tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    done = call("report", "--sort", "loss", "--limit", "1", "--where", "lr < 2", "-o", out, "--json")
    found = json.loads(done.stdout)
    assert (found["runs"], found["path"], found["bytes"]) == (1, str(out), out.stat().st_size)
    assert "beyond these: 1" in found["notes"][0]


def test_what_is_left_out_is_said_beside_the_output(call: Call, store: runstore.Workspace, tmp_path: Path) -> None:
    done = call("report", "--limit", "2", "--points", "0", "-o", tmp_path / "r.html")
    assert "Parquet" not in done.stdout
    assert "beyond these: 1; --limit takes more" in done.stderr


def test_the_parquet_comes_out_again(call: Call, store: runstore.Workspace, tmp_path: Path) -> None:
    call("report", "-o", tmp_path / "r.html")
    done = call("report", "--extract", tmp_path / "r.html", "-o", tmp_path / "out")
    assert done.exit_code == 0
    assert store.sql(f"select count(*) from '{tmp_path}/out/metrics.parquet'").fetchall() == [(3,)]
    again = call("report", "--extract", tmp_path / "r.html", "-o", tmp_path / "out")
    assert again.exit_code == 1
    assert "exists already" in again.stderr


def test_what_lies_there_is_not_overwritten_unasked(call: Call, store: runstore.Workspace, tmp_path: Path) -> None:
    call("report", "-o", tmp_path / "r.html")
    assert call("report", "-o", tmp_path / "r.html").exit_code == 1
    assert call("report", "-o", tmp_path / "r.html", "--overwrite").exit_code == 0


def test_it_is_opened_when_that_is_asked(
    call: Call, store: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    call("report", "-o", tmp_path / "r.html", "--open")
    assert opened == [str(tmp_path / "r.html")]


@pytest.mark.parametrize(
    "wrong", [("--extract", "r.html", "alpha"), ("--images", "many"), ("--buckets", "0"), ("--limit", "0")]
)
def test_what_makes_no_sense_is_a_usage_error(
    call: Call, store: runstore.Workspace, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    assert call("report", "-o", tmp_path / "r.html", *wrong).exit_code == 2
