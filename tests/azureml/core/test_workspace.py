"""The workspace's own ways, beside the golden tests."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.azureml.core import Experiment, Run, Workspace
from runstore.query import check


def test_it_is_the_native_workspace(ws: Workspace, run: Run) -> None:
    run.log("loss", 0.5)
    native = runstore.Workspace(ws.path)
    assert native.sql("select name, value from metrics").fetchall() == [("loss", 0.5)]
    assert ws.sql("select count(*) from runs").fetchall() == [(1,)]


def test_native_runs_are_seen_under_the_sdks_names(ws: Workspace) -> None:
    with runstore.start_run("Any name at all", workspace=ws.path) as native:
        native.log_row("t", x=1)
    found = ws.get_run(native.id)
    assert type(found) is Run
    assert type(found.experiment) is Experiment
    assert found.get_metrics() == {"t": {"x": 1}}


def test_a_store_can_be_named(tmp_path: Path) -> None:
    assert Workspace(store=tmp_path / "mine").path == tmp_path / "mine"
    assert Workspace.get("any", store=tmp_path / "mine").name == "any"


def test_it_shows_how_it_would_be_made(ws: Workspace) -> None:
    assert repr(ws).startswith("Workspace.create(name='lab'")


def test_a_configuration_in_its_directory_is_no_damage(here: Path) -> None:
    (here / ".runstore").mkdir()
    (here / ".runstore" / "config.json").write_text('{"store": "."}', encoding="utf-8")
    ws = Workspace.from_config(strict=True)
    assert ws.path == here / ".runstore"
    assert list(check.check(ws.path)) == []


def test_a_path_to_a_directory_begins_the_search_there(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "a").mkdir()
    ws = Workspace.from_config("a")
    assert ws.path == here / "a" / ".runstore"
    assert str(ws.path) in capfd.readouterr().err
