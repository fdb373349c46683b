"""What is told of a workspace while others log into it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import runstore
from runstore.errors import Unreachable
from runstore.view.server.changes import ALL, REFRESH, Changed, Changes


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes(ws: runstore.Workspace, clock: Clock) -> Changes:
    return Changes(ws.path, clock=clock)


@pytest.fixture
def after(changes: Changes) -> Callable[[], Changed]:
    """What has changed since this was called last."""
    cursor = ""

    def one() -> Changed:
        nonlocal cursor
        found = changes.since(cursor)
        cursor = found.cursor
        return found

    return one


def test_at_first_all_that_goes_on_may_have_changed(
    ws: runstore.Workspace, changes: Changes, after: Callable[[], Changed]
) -> None:
    done, going = runstore.start_run("e", workspace=ws), runstore.start_run("e", workspace=ws)
    done.complete()
    changes.look()
    assert after()[1:] == ([going.id], True)
    assert after()[1:] == ([], False)


def test_new_points_are_told_and_whose(ws: runstore.Workspace, changes: Changes, after: Callable[[], Changed]) -> None:
    one, other = runstore.start_run("e", workspace=ws), runstore.start_run("e", workspace=ws)
    changes.look()
    after()
    one.log("loss", 0.5)
    assert changes.look()
    assert after()[1:] == ([one.id], False)
    other.log("loss", 0.5)
    one.log("loss", 0.25)
    changes.look()
    assert after()[1:] == (sorted([one.id, other.id]), False)
    assert not changes.look()


def test_facts_of_a_run_that_goes_on_are_told(
    ws: runstore.Workspace, changes: Changes, after: Callable[[], Changed]
) -> None:
    run = runstore.start_run("e", workspace=ws)
    changes.look()
    after()
    run.tag("good")
    changes.look()
    assert after()[1:] == ([run.id], False)


def test_a_run_that_came_or_ended_is_another_list(
    ws: runstore.Workspace, changes: Changes, after: Callable[[], Changed], clock: Clock
) -> None:
    changes.look()
    after()
    run = runstore.start_run("e", workspace=ws)
    clock.now += ALL
    changes.look()
    assert after()[1:] == ([run.id], True)
    run.complete()
    changes.look()
    assert after()[1:] == ([run.id], True)


def test_a_run_that_has_ended_and_is_edited_or_deleted_is_told(
    ws: runstore.Workspace, changes: Changes, after: Callable[[], Changed], clock: Clock
) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        pass
    changes.look()
    after()
    ws.get_run(run.id).note("fine")
    clock.now += ALL
    changes.look()
    assert after()[1:] == ([run.id], False)
    ws.delete(run.id)
    clock.now += ALL
    changes.look()
    assert after()[1:] == ([run.id], True)


def test_a_notice_of_the_system_spares_waiting(
    ws: runstore.Workspace, changes: Changes, after: Callable[[], Changed]
) -> None:
    changes.look()
    after()
    run = runstore.start_run("e", workspace=ws)
    changes._notice(str(run.path / "a1.jsonl"))
    changes._notice("/elsewhere/a1.jsonl")
    changes.look()
    assert after()[1:] == ([run.id], True)


def test_a_cursor_of_another_server_means_nothing(
    ws: runstore.Workspace, changes: Changes, after: Callable[[], Changed]
) -> None:
    changes.look()
    known = after().cursor
    for cursor in (None, "", "nonsense", Changes(ws.path).since(None).cursor, f"{known}0", f"{known}x", "-"):
        assert changes.since(cursor).listed
    assert not changes.since(known).listed


def test_where_it_really_lies_is_asked_from_time_to_time_and_may_not_answer(
    ws: runstore.Workspace, clock: Clock
) -> None:
    asked: list[float] = []

    def refresh() -> None:
        asked.append(clock.now)
        raise Unreachable("nobody answers")

    changes = Changes(ws.path, refresh, clock)
    changes.look()
    changes.look()
    clock.now += REFRESH
    changes.look()
    assert asked == [100.0, 100.0 + REFRESH]


def test_following_begins_and_ends(changes: Changes) -> None:
    changes.follow()
    changes.follow()
    changes.leave()
    changes.leave()
