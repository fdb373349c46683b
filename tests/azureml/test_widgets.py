"""The widget of a run: what it shows outside a notebook, and the same as plain values."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runstore.azureml.core import Experiment, Run, ScriptRunConfig
from runstore.azureml.exceptions import UserErrorException
from runstore.azureml.train.hyperdrive import GridParameterSampling, HyperDriveConfig, PrimaryMetricGoal, choice
from runstore.azureml.widgets import RunDetails

KEYS = {
    "status", "workbench_run_details_uri", "run_id", "run_properties", "child_runs", "children_metrics", "run_metrics",
    "run_logs", "graph", "widget_settings",
}  # fmt: skip
PROPERTIES = {
    "run_id", "created_utc", "end_time_utc", "properties", "tags", "script_name", "arguments", "status", "log_files",
    "log_groups", "run_duration", "run_number", "run_queued_details",
}  # fmt: skip
CHILD = {
    "run_id", "run_number", "status", "run_type", "metric", "start_time", "end_time", "created_time", "duration",
}  # fmt: skip
SCRIPT = """
import argparse
from runstore.azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
run = Run.get_context()
print("learning")
for step in range(3):
    run.log("loss", parser.parse_args().lr / (step + 1))
"""


def test_its_data_has_the_keys_of_the_sdk(run: Run) -> None:
    run.tag("best", "yes")
    data = RunDetails(run).get_widget_data({"debug": True})
    assert data.keys() == KEYS
    assert data["run_properties"].keys() == PROPERTIES
    assert (data["status"], data["run_id"], data["graph"]) == ("Running", run.id, None)
    assert (data["widget_settings"], data["run_properties"]["tags"]) == ({"debug": True}, {"best": "yes"})
    assert data["run_properties"]["end_time_utc"] is None
    assert data["workbench_run_details_uri"] == run.get_portal_url()


def test_metrics_are_series_of_values(run: Run) -> None:
    run.log("loss", 0.5)
    run.log("loss", 0.25)
    run.log("final", 3)
    run.log_table("cells", {"x": [1, 2], "y": [3, 4]})
    metrics = {one["name"]: one for one in RunDetails(run).get_widget_data()["run_metrics"]}
    assert metrics["loss"] == {
        "name": "loss",
        "run_id": run.id,
        "categories": [0, 1],
        "series": [{"data": [0.5, 0.25]}],
    }
    assert metrics["final"]["series"] == [{"data": [3]}]
    assert [one["data"] for one in metrics["cells"]["series"]] == [[1, 2], [3, 4]]


def test_children_are_rows_and_their_metrics_stand_beside_each_other(run: Run) -> None:
    children = [run.child_run(f"fold {number}") for number in range(2)]
    for number, child in enumerate(children):
        child.log("loss", number)
        child.complete()
    data = RunDetails(run).get_widget_data()
    assert [one.keys() for one in data["child_runs"]] == [CHILD, CHILD]
    assert {one["run_id"]: one["status"] for one in data["child_runs"]} == {one.id: "Completed" for one in children}
    told = {one["run_id"]: one["data"] for one in data["children_metrics"]["series"]["loss"]}
    assert told == {children[0].id: [0], children[1].id: [1]}


@pytest.mark.parametrize(
    ("end", "closing"),
    [
        (lambda run: None, "Run is running; more may come."),
        (lambda run: run.complete(), "Run is completed."),
        (lambda run: run.fail("out of memory"), "Error occurred: out of memory"),
        (lambda run: run.cancel(), "Run is canceled."),
    ],
)
def test_the_log_ends_with_how_the_run_did(run: Run, end: object, closing: str) -> None:
    run._store("logs/a.txt", b"first\n")
    end(run)  # type: ignore[operator]
    assert RunDetails(run).get_widget_data()["run_logs"] == f"first\n\n{closing}"


def test_a_run_of_this_process_is_shown_once(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.log("loss", 0.5)
    assert RunDetails(run).show() is None
    told = capsys.readouterr().out
    assert f"Running · {run.experiment.name} · {run.id}" in told
    assert "loss = 0.5" in told


def test_elsewhere_it_waits_until_the_run_has_ended(exp: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    Path("train.py").write_text(SCRIPT)
    run = exp.submit(ScriptRunConfig(".", "train.py", arguments=["--lr", 0.5]))
    RunDetails(run).show()
    assert run.get_status() == "Completed"
    assert f"Completed · {exp.name} · {run.id}" in capsys.readouterr().out
    data = RunDetails(run).get_widget_data()
    assert (data["run_properties"]["script_name"], data["run_properties"]["arguments"]) == ("train.py", "--lr 0.5")
    assert data["run_logs"].endswith("Run is completed.")
    assert [name for group in data["run_properties"]["log_groups"] for name in group] == sorted(
        data["run_properties"]["log_files"]
    )


def test_a_sweep_is_told_by_its_primary_metric(exp: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    Path("train.py").write_text(SCRIPT)
    config = HyperDriveConfig(
        GridParameterSampling({"--lr": choice(0.5, 0.1)}), "loss", PrimaryMetricGoal.MINIMIZE, 2,
        run_config=ScriptRunConfig(".", "train.py"),
    )  # fmt: skip
    sweep = exp.submit(config)
    RunDetails(sweep).show()
    told = capsys.readouterr().out
    assert "Sweep" in told
    assert any(line.split()[1:4] == ["Completed", "0.0333333", "0.1"] for line in told.splitlines() if line.strip())
    data = RunDetails(sweep).get_widget_data()
    assert data["children_metrics"]["metricName"] == "loss"
    assert sorted(one["metric"] for one in data["child_runs"]) == pytest.approx([0.1 / 3, 0.5 / 3])


def test_an_offline_run_has_nothing_to_show(here: Path) -> None:
    for call in (RunDetails(Run.get_context()).show, RunDetails(Run.get_context()).get_widget_data):
        with pytest.raises(UserErrorException, match="offline"):
            call()


def test_making_it_loads_no_widgets(here: Path) -> None:
    code = (
        "import json, sys\nfrom runstore.azureml.widgets import RunDetails\nRunDetails(None)\n"
        "print(json.dumps([one for one in ('IPython', 'anywidget', 'duckdb', 'traitlets') if one in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
