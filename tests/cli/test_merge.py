"""Taking another workspace in, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


@pytest.fixture
def other(ws: runstore.Workspace, tmp_path: Path) -> runstore.Workspace:
    found = runstore.Workspace(tmp_path / "other")
    scenes.finished(found)
    return found


def test_it_says_what_was_taken_and_again_nothing(
    ws: runstore.Workspace, other: runstore.Workspace, call: Call
) -> None:
    dry = call("merge", "--dry-run", other.path)
    assert (dry.exit_code, dry.stdout.startswith("1 run, "), "would be taken" in dry.stdout) == (0, True, True)
    done = call("merge", other.path)
    assert (done.exit_code, done.stdout) == (0, dry.stdout.replace("would be taken", "taken"))
    assert call("merge", other.path).stdout == "nothing to take\n"
    assert ws.sql("select count(*) from runs").fetchall() == [(1,)]


def test_what_is_refused_is_named_and_the_exit_code_is_one(
    ws: runstore.Workspace, other: runstore.Workspace, call: Call
) -> None:
    for one in (ws, other):
        with runstore.start_run("e", workspace=one) as run:
            run.upload_file("m", __file__)
        run = one.get_run(run.id)
        run.register_model("net", "m")
    done = call("merge", "--json", other.path)
    assert done.exit_code == 1
    assert [one["what"].split("/")[0] for one in json.loads(done.stdout)["refused"]] == ["models"]
    assert "refused models/" in call("merge", other.path).stderr


def test_what_is_no_workspace_is_refused(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    assert call("merge", tmp_path).exit_code == 1
