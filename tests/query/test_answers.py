"""What a run is, it tells itself, whether this process logs it or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import runstore


def test_a_run_tells_its_name_its_parent_and_its_error(tmp_path: Path) -> None:
    parent = runstore.start_run("e", "sweep", workspace=tmp_path / "named")
    child = parent.child_run("first")
    child.fail("out of memory")
    parent.complete()
    assert (parent.name, parent.parent_id, parent.error) == ("sweep", None, None)
    assert (child.name, child.parent_id, child.error) == ("first", parent.id, "out of memory")


def test_a_run_tells_its_number_its_type_and_its_times(ws: runstore.Workspace) -> None:
    first = ws.experiment("e").start_logging(type="evaluation")
    second = first.child_run()
    assert (first.number, second.number, first.type, second.type) == (1, 2, "evaluation", None)
    assert first.started is not None
    assert abs(first.started - datetime.now(UTC)) < timedelta(minutes=5)
    assert first.ended is None
    first.complete()
    assert first.ended is not None
    assert first.ended >= first.started
    second.complete()


def test_a_run_as_text_tells_its_status(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging(run_id="r", type="t")
    assert str(run).split() == ["Run(Experiment:", "e,", "Id:", "r,", "Type:", "t,", "Status:", "Running)"]
    assert repr(run) == "Run(experiment='e', id='r')"
    run.complete()


def test_the_url_of_a_run_is_that_of_its_directory(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    assert run.get_portal_url() == run.path.as_uri()
    run.complete()
