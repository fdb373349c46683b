"""A queued run is whole: whoever takes it up needs nothing of the process that queued it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import SnapshotError
from runstore.launch import job as jobs
from runstore.launch.job import Job
from runstore.launch.queue import About, Origin, queue, redacted
from runstore.query import check, snapshots
from runstore.runs import state
from runstore.runs.redact import Redactor


@pytest.fixture
def experiment(workspace: Path) -> runstore.Experiment:
    return runstore.Experiment(runstore.Workspace(workspace), "exp")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "train.py").write_text("print(1)")
    return tmp_path / "source"


def origin(source: Path | None, **given: Any) -> Origin:
    given.setdefault("redactor", Redactor({}))
    return Origin(["python", "train.py", "--token", "abc"], {"script": "train.py"}, directory=source, **given)


JOB = Job("exp", config={"script": "train.py"})


def test_a_queued_run_is_queued_and_says_what_it_is(experiment: runstore.Experiment, source: Path) -> None:
    about = About(name="n", display_name="d", params={"lr": 0.1}, properties={"p": "1"}, tags={"t": "2"})
    queue(experiment, "r", JOB, about, origin(source))
    run = experiment.workspace.get_run("r")
    assert (run.status, run.type, run.name, run.display_name) == ("Queued", "azureml.scriptrun", "n", "d")
    assert (run.params, run.properties, run.tags) == ({"lr": 0.1}, {"p": "1"}, {"t": "2"})
    assert run.get_details()["runDefinition"] == {"script": "train.py"}
    assert run.get_snapshot_id() and run.ended is None
    assert jobs.read(run.path) == JOB
    assert list(check.check(experiment.workspace.path)) == []


def test_nothing_is_sealed_while_the_launcher_starts(
    experiment: runstore.Experiment, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runstore.runs import seal

    requested: list[Path] = []
    monkeypatch.setattr(seal, "request", lambda workspace, run: requested.append(run))
    queue(experiment, "r", JOB, About(), origin(source))
    assert requested == []


def test_a_source_that_cant_be_kept_fails_the_run(experiment: runstore.Experiment, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError):
        queue(experiment, "r", JOB, About(), origin(tmp_path / "none"))
    run = experiment.workspace.get_run("r")
    assert run.status == "Failed" and "no directory" in str(run.error)
    assert jobs.read(run.path) is None


def test_results_that_lie_in_the_source_are_not_the_runs(experiment: runstore.Experiment, source: Path) -> None:
    for name in ("outputs", "logs"):
        (source / name).mkdir()
        (source / name / "old.txt").write_text("of an earlier run")
    (source / "deep" / "outputs").mkdir(parents=True)
    (source / "deep" / "outputs" / "data.txt").write_text("of the source")
    queue(experiment, "r", JOB, About(), origin(source))
    run = experiment.workspace.get_run("r")
    paths = [file.path for file in snapshots.listed(experiment.workspace.path, run._folded().snapshot or {})]
    assert "deep/outputs/data.txt" in paths
    assert not [path for path in paths if path.startswith(("outputs", "logs"))]


def test_a_child_shares_its_parents_source(
    experiment: runstore.Experiment, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNSTORE_PROVENANCE")
    queue(experiment, "above", JOB, About(), origin(source))
    (source / "train.py").unlink()
    above = state.fold(experiment.workspace.get_run("above").path)
    queue(experiment, "below", JOB, About(parent_id="above"), origin(None, above=above))
    parent, child = (experiment.workspace.get_run(name) for name in ("above", "below"))
    assert child.get_snapshot_id() == parent.get_snapshot_id() is not None
    assert child.parent_id == "above"
    assert child.provenance["argv"] == ["python", "train.py", "--token", "[redacted]"]
    assert child.provenance["python"] == parent.provenance["python"]


def test_queueing_again_what_a_dead_process_began_is_one_run(experiment: runstore.Experiment, source: Path) -> None:
    run = experiment.workspace.run_class(experiment, "r")
    run._open({"queued": True, "type": "azureml.scriptrun"}, attempt=1, opener=False)
    run._record("end", {"status": "Failed", "error": "vanished", "points": 0})
    queue(experiment, "r", JOB, About(), origin(source))
    found = experiment.workspace.get_run("r")._folded()
    assert len(found.attempts) == 1 and jobs.read(found.path) == JOB


def test_no_secret_is_in_a_definition() -> None:
    definition = {
        "arguments": ["--token", "abcdef", "--lr", "0.1"],
        "environmentVariables": {"API_KEY": "hunter2hunter2", "LEVEL": "hunter2hunter2", "EMPTY_TOKEN": ""},
        "nested": [{"password": "x"}, 1, None, True],
        "command": "curl -H 'Authorization: Bearer abcdefghijk1'",
    }
    found = json.dumps(redacted(definition, Redactor({"API_KEY": "hunter2hunter2"})))
    for secret in ("abcdef", "hunter2", '"x"', "abcdefghijk1"):
        assert secret not in found
    assert json.loads(found)["arguments"][2:] == ["--lr", "0.1"]
    assert json.loads(found)["nested"][1:] == [1, None, True]
