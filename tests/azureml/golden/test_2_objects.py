"""Section 2: statuses, identity, workspaces and experiments."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest

from runstore.azureml.core import Experiment, Run, Workspace

# ---- 2.1 statuses


def test_an_interactive_run_is_running_at_once(run: Run) -> None:
    assert run.get_status() == "Running"


@pytest.mark.parametrize(("end", "status"), [("complete", "Completed"), ("fail", "Failed"), ("cancel", "Canceled")])
def test_the_user_sets_the_final_status(run: Run, end: str, status: str) -> None:
    getattr(run, end)()
    assert run.get_status() == status


def test_a_status_set_from_outside_is_final(exp: Experiment, run: Run) -> None:
    Run(exp, run.id).cancel()
    run.complete()
    assert Run(exp, run.id).get_status() == "Canceled"


def test_a_completed_parent_may_have_failed_children(run: Run) -> None:
    child = run.child_run()
    child.fail("lost")
    run.complete()
    assert (run.get_status(), child.get_status()) == ("Completed", "Failed")


# ---- 2.2 identity


def test_an_id_is_a_uuid4_unless_given(exp: Experiment) -> None:
    one = exp.start_logging(snapshot_directory=None)
    assert uuid.UUID(one.id).version == 4
    assert exp.start_logging(run_id="mine", snapshot_directory=None).id == "mine"


def test_the_private_id_is_there_and_run_id_is_not(run: Run) -> None:
    assert run._run_id == run.id
    assert not hasattr(run, "run_id")


def test_a_number_grows_in_the_experiment_and_reading_it_is_warned_of(
    exp: Experiment, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    later = exp.start_logging(snapshot_directory=None)
    assert later.number > run.number >= 1
    assert [record.levelname for record in caplog.records if record.name.startswith("runstore")] == ["WARNING"] * 2


def test_a_name_has_a_default_and_a_childs_begins_with_its_parents(exp: Experiment, run: Run) -> None:
    named = exp.start_logging("trial", snapshot_directory=None)
    assert run.name == f"run_{run.id}"
    assert named.child_run("fold").name == "trial>fold"
    assert run.child_run("fold").name == f"run_{run.id}>fold"


def test_display_name_and_description_can_be_set_and_last(exp: Experiment, run: Run) -> None:
    run.display_name, run.description = "the best", "of all"
    again = Run(exp, run.id)
    assert (again.display_name, again.description) == ("the best", "of all")


def test_they_can_be_given_at_the_start(exp: Experiment) -> None:
    run = exp.start_logging(snapshot_directory=None, display_name="the best", description="of all")
    assert (run.display_name, run.description) == ("the best", "of all")


def test_an_interactive_run_has_no_type(run: Run) -> None:
    assert run.type is None
    run.add_properties({"azureml.runsource": "mine"})
    assert run.type == "mine"


def test_a_run_knows_its_experiment_and_workspace(run: Run, exp: Experiment, ws: Workspace) -> None:
    assert run.experiment is exp
    assert run.experiment.workspace is ws


def test_a_parent_is_a_run_or_none_and_the_same_object_each_time(exp: Experiment, run: Run) -> None:
    child = Run(exp, run.child_run().id)
    assert run.parent is None
    assert isinstance(child.parent, Run)
    assert child.parent.id == run.id
    assert child.parent is child.parent
    assert not hasattr(run, "root")


def test_a_run_shows_itself_on_several_lines(run: Run) -> None:
    text = repr(run)
    assert text == str(run)
    assert re.fullmatch(r"Run\(Experiment: first-steps,\nId: .*,\nType: None,\nStatus: Running\)", text)


def test_in_a_notebook_it_is_a_table_of_one_row_with_links(run: Run) -> None:
    html = run._repr_html_()
    assert html.count("<tr>") == 2
    for heading in ("Experiment", "Id", "Type", "Status", "Details Page", "Docs Page"):
        assert f"<th>{heading}</th>" in html
    assert run.get_portal_url() in html


def test_the_portal_url_leads_to_what_is_there(run: Run) -> None:
    assert run.get_portal_url() == run.portal_url
    assert Path(run.portal_url.removeprefix("file://")).exists()
