"""What is shown, and where in the page."""

from __future__ import annotations

import runstore
from runstore.view.notebook import subjects


def test_a_run_is_shown_by_its_metrics(run: runstore.Run) -> None:
    shown = subjects.of_run(run)
    assert shown.place == f"#/run/{run.id}?my.tab=metrics"
    assert (shown.run_id, shown.own, shown.refresh) == (run.id, True, None)
    assert shown.outline() is not None


def test_a_run_that_another_process_logs_may_be_waited_for(ws: runstore.Workspace, run: runstore.Run) -> None:
    assert not subjects.of_run(ws.get_run(run.id)).own


def test_a_sweep_is_shown_by_what_it_is_about(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", type="hyperdrive", workspace=ws) as sweep:
        pass
    assert subjects.of_run(sweep).place == f"#/sweeps/{sweep.id}"


def test_names_are_quoted_in_a_place(ws: runstore.Workspace) -> None:
    assert subjects.of_experiment(ws.experiment("a&b #/?")).place == "#/runs?experiment=a%26b+%23%2F%3F"
    assert subjects.of_workspace(ws).place == "#/workspace"


def test_what_is_not_there_is_outlined_by_nothing(run: runstore.Run) -> None:
    assert subjects.of_run(type(run)(run.experiment, "nobody")).outline() is None
