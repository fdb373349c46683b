"""A run that goes on and is sealed often stays in few files; nothing of what it says changes by that."""

from __future__ import annotations

import pytest

from runstore.disk import files, inventory
from runstore.errors import Damaged
from runstore.query import check, compaction, gathering, sealing
from runstore.query.workspace import Workspace as Asked
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace
from tests.query import scenes
from tests.query.scenes import workspace

__all__ = ["workspace"]


def portion(run: Run, number: int, count: int = 2) -> None:
    """Log a little and have it in journals that were left."""
    scenes.log_some(run, count, number * count)
    scenes.log_side(run, 1, number)
    writer = run._live()
    assert writer.stream.turn() and writer.side().stream.turn()
    writer.flush()


def sealed(workspace: Workspace, run: Run, number: int) -> None:
    portion(run, number)
    sealing.seal(workspace.path, run.path)


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """One that goes on, sealed so often that the next time some of it is merged."""
    run = workspace.experiment("e").start_logging(run_id="r")
    for number in range(gathering.FEW):
        sealed(workspace, run, number)
    return run


def records(run: Run) -> int:
    return len(inventory.scan(run.path).active)


def summary(workspace: Workspace) -> str:
    """As text, for NaN is not NaN; a mean added up in another order may differ in its last digit."""
    query = "select * replace (round(mean, 9) as mean) from metric_summary order by all"
    return repr(Asked(workspace.path).sql(query).fetchall())


def test_eight_small_records_become_one_and_every_point_stays_what_it_was(workspace: Workspace, run: Run) -> None:
    before, told = scenes.points(run.path), summary(workspace)
    assert records(run) == gathering.FEW
    assert gathering.gather(inventory.scan(run.path)) == gathering.FEW
    assert (records(run), scenes.points(run.path), summary(workspace)) == (1, before, told)
    kinds = [entry["kind"] for _, body in inventory.scan(run.path).active for entry in body["segments"]]
    assert sorted(kinds) == ["logs", "points", "rows", "system"]
    assert check.check(workspace.path) == []
    run.complete()


@pytest.mark.slow
def test_there_are_few_however_often_it_is_sealed(
    workspace: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "FEW", 3)
    monkeypatch.setattr(gathering, "SMALL", 20_000)
    most = 0
    for number in range(8, 40):
        sealed(workspace, run, number)
        most = max(most, records(run))
    assert most <= 10
    run.complete()
    sealing.seal(workspace.path, run.path)
    assert [step for *_, name, _, step in scenes.points(run.path) if name == "loss"] == list(range(80))
    assert records(run) == 1


def test_what_is_sealed_now_is_not_mixed_with_what_was_there(workspace: Workspace, run: Run) -> None:
    before = inventory.scan(run.path).sealed
    sealed(workspace, run, gathering.FEW)
    bodies = [body for _, body in inventory.scan(run.path).active]
    assert sorted(len(body["replaces"]) for body in bodies) == [0, gathering.FEW]
    (merged,) = (body for body in bodies if body["replaces"])
    assert inventory.covered(merged) == before
    run.complete()


def test_large_records_stay_as_they_are(workspace: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LARGE", 1)
    assert gathering.gather(inventory.scan(run.path)) == 0
    run.complete()


def test_records_of_another_size_stay_as_they_are(workspace: Workspace, run: Run) -> None:
    scenes.log_some(run, 20_000, 100)
    sealed(workspace, run, 50)
    assert records(run) == 2
    run.complete()


def test_a_record_that_says_more_than_what_it_has_sealed_stays(workspace: Workspace, run: Run) -> None:
    run.complete()
    compaction.compact(workspace.path, grace=0)
    again = workspace.experiment("e").start_logging(run_id="r")
    again.complete()
    compaction.compact(workspace.path, grace=0)
    (record,) = inventory.scan(run.path).active
    assert record[1]["merged_facts"]
    again = workspace.experiment("e").start_logging(run_id="r")
    for number in range(gathering.FEW + 1):
        sealed(workspace, again, 100 + number)
    assert record in inventory.scan(run.path).active and records(run) == 3
    again.complete()


def test_what_lies_in_a_block_stays_there(workspace: Workspace, run: Run) -> None:
    run.complete()
    compaction.compact(workspace.path, grace=0, enough=1)
    assert inventory.scan(run.path).held
    again = workspace.experiment("e").start_logging(run_id="r")
    before = scenes.points(run.path)
    for number in range(gathering.FEW + 1):
        sealed(workspace, again, 100 + number)
    assert records(run) == 3
    assert set(before) <= set(scenes.points(run.path))
    again.complete()


def test_what_was_replaced_goes_later_and_many_together(
    workspace: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    gathering.gather(inventory.scan(run.path))
    sealed(workspace, run, 20)
    assert len(inventory.scan(run.path).seals) == gathering.FEW + 2
    monkeypatch.setattr(gathering, "_MANY", gathering.FEW)
    sealed(workspace, run, 21)
    assert len(inventory.scan(run.path).seals) == gathering.FEW + 3
    monkeypatch.setattr(gathering, "GRACE", 0.0)
    before = scenes.points(run.path)
    sealed(workspace, run, 22)
    assert len(inventory.scan(run.path).seals) == 4
    assert set(before) <= set(scenes.points(run.path))
    run.complete()


def test_damage_is_not_merged_and_keeps_nobody_from_sealing(workspace: Workspace, run: Run) -> None:
    part = inventory.scan(run.path).segments("points")[0].path
    part.write_bytes(part.read_bytes()[:-1] + b"\0")
    with pytest.raises(Damaged):
        gathering.gather(inventory.scan(run.path))
    sealed(workspace, run, 20)
    assert records(run) == gathering.FEW + 1
    run.complete()


@pytest.mark.slow
def test_whatever_call_is_refused_every_point_is_there_once(workspace: Workspace, run: Run) -> None:
    before, call, refused = scenes.points(run.path), 0, True
    while refused:
        call += 1
        found = inventory.scan(run.path)
        with scenes.refused_at(call) as calls:
            try:
                gathering.gather(found)
            except OSError:
                pass
        refused = calls[0] >= call
        assert scenes.points(run.path) == before
    assert records(run) == 1
    assert files.names_in(run.path)
    run.complete()
