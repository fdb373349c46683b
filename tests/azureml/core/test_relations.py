"""Labels, children and details, beside the golden tests."""

from __future__ import annotations

import pytest

import runstore
from runstore.azureml.core import Experiment, Run, ScriptRunConfig, Workspace
from runstore.azureml.exceptions import AzureMLException, ExperimentExecutionException
from runstore.runs.experiment import start_fact


def test_a_property_that_is_no_text_becomes_it_with_a_warning(run: Run) -> None:
    with pytest.warns(UserWarning, match="property 'a'"):
        run.add_properties({"a": 1})
    assert run.get_properties() == {"a": "1"}


def test_labels_of_native_calls_are_text_here(ws: Workspace) -> None:
    with runstore.start_run("native", tags={"rank": 1, "only": None}, workspace=ws.path) as native:
        native.add_properties({"lr": 0.5})
    found = ws.get_run(native.id)
    assert found.get_tags() == found.tags == {"rank": "1", "only": None}
    assert found.properties == {"lr": "0.5"}


def test_no_tags_are_no_error(run: Run) -> None:
    run.set_tags({})
    assert run.get_tags() == {}


def test_a_child_takes_no_snapshot_unless_told(run: Run) -> None:
    assert run.child_run().get_snapshot_id() is None
    assert run.child_run(snapshot_directory=".").get_snapshot_id()


def test_only_an_error_of_an_exception_has_a_link(run: Run) -> None:
    child = run.child_run()
    child.fail("text")
    run.fail(ValueError("no"))
    assert "details_uri" not in child.get_details()["error"]["error"]
    assert run.get_details()["error"]["error"]["details_uri"] is None


def test_a_queued_run_says_what_it_waits_for(exp: Experiment) -> None:
    run = Run(exp, "waiting")
    run._open({**start_fact(), "queued": True}, attempt=1, opener=False)
    run._end("Queued", None, explicit=False)
    found = Run(exp, "waiting").get_detailed_status()
    assert found["status"] == "Queued"
    assert "launcher" in found["details"]


def test_a_child_that_can_not_be_submitted_is_the_same_error_as_for_an_experiment(run: Run) -> None:
    with pytest.raises(AzureMLException, match="not a NoneType"):
        run.submit_child(None)
    with pytest.raises(ExperimentExecutionException, match="no such script"):
        run.submit_child(ScriptRunConfig(".", "none.py"))
    assert list(run.get_children()) == []


def test_a_warning_names_the_line_that_it_is_about(run: Run, exp: Experiment) -> None:
    calls = [
        lambda: run.tag("rank", 1), lambda: run.set_tags({"fold": 2}), lambda: run.add_properties({"p": 3}),
        lambda: exp.tag("team", 4), lambda: run.create_children(tag_key="k", tag_values=[5]),
        lambda: run.log("text", {}), lambda: run.log_row("row", x=1j), lambda: run.log_list("list", [1j]),
    ]  # fmt: skip
    for call in calls:
        with pytest.warns(UserWarning, match="text") as told:
            call()
        assert {one.filename for one in told} == {__file__}
