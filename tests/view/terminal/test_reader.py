"""Answers come from a thread, the newest question first, and what can't change is not read twice."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator

import pytest

import runstore
from runstore.view.terminal import pages, plots, reader
from runstore.view.terminal.reader import Reader
from runstore.view.terminal.wanted import LOG, MACHINE, Found, Wanted
from tests.view.terminal.scenes import failed, finished

Answers = queue.Queue[Found]


@pytest.fixture
def answers() -> Answers:
    return queue.Queue()


@pytest.fixture
def started(ws: runstore.Workspace, answers: Answers) -> Iterator[Reader]:
    one = Reader(ws, answers.put)
    one.start()
    yield one
    one.close()


def counted(monkeypatch: pytest.MonkeyPatch, module: object) -> list[None]:
    """Grows by one whenever the module reads."""
    calls: list[None] = []
    read: Callable[..., object] = module.read  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "read", lambda *given: (calls.append(None), read(*given))[1])
    return calls


def test_a_question_is_answered_and_answered_again(
    ws: runstore.Workspace, started: Reader, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "INTERVAL", 0.01)
    started.want(Wanted())
    assert answers.get(timeout=20).page.total == 0
    finished(ws, "a")
    while answers.get(timeout=20).page.total == 0:
        pass


def test_the_first_run_is_the_chosen_one_where_none_is(ws: runstore.Workspace) -> None:
    finished(ws, "a")
    finished(ws, "b")
    found = Reader(ws, lambda found: None).answer(Wanted())
    assert found.run_id == "b"
    assert [one.run_id for one in found.charts.charts[0].series] == ["b"]


def test_marked_runs_are_drawn_with_the_chosen_one(ws: runstore.Workspace) -> None:
    finished(ws, "a")
    finished(ws, "b")
    found = Reader(ws, lambda found: None).answer(Wanted(run_id="b", marked=("a",)))
    assert [one.run_id for one in found.charts.charts[0].series] == ["a", "b"]


def test_curves_of_ended_runs_are_read_once(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(ws, "a")
    drawn, listed = counted(monkeypatch, plots), counted(monkeypatch, pages)
    one = Reader(ws, lambda found: None)
    for _ in range(3):
        assert one.answer(Wanted(), renew=True).charts.total == 3
    assert (len(drawn), len(listed)) == (1, 3)
    one.answer(Wanted(log=True), renew=False)
    assert (len(drawn), len(listed)) == (2, 3)


def test_curves_of_a_running_run_are_read_when_it_has_logged(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    drawn = counted(monkeypatch, plots)
    one = Reader(ws, lambda found: None)
    for value in range(3):
        run.log("loss", float(value))
        for _ in range(2):
            assert one.answer(Wanted(), renew=True).charts.charts[0].series[0].last == value
    assert len(drawn) == 3
    run.complete()


def test_curves_of_a_run_that_the_list_does_not_show_are_read_each_time(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(ws, "a")
    finished(ws, "b")
    drawn = counted(monkeypatch, plots)
    one = Reader(ws, lambda found: None)
    for _ in range(2):
        one.answer(Wanted(limit=1, marked=("a",)), renew=True)
    assert len(drawn) == 2


def test_moving_reads_the_list_no_more_than_before(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(ws, "a")
    finished(ws, "b")
    listed = counted(monkeypatch, pages)
    one = Reader(ws, lambda found: None)
    one.answer(Wanted(), renew=False)
    assert one.answer(Wanted(run_id="a"), renew=False).run_id == "a"
    assert len(listed) == 1


def test_only_the_panel_that_is_shown_is_read(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(ws, "a")
    drawn = counted(monkeypatch, plots)
    one = Reader(ws, lambda found: None)
    assert one.answer(Wanted(panel=LOG)).lines == ()
    assert one.answer(Wanted(panel=MACHINE)).gauges == ()
    assert drawn == []


def test_what_is_wrong_is_said_beside_what_was_known(ws: runstore.Workspace) -> None:
    failed(ws, "f")
    one = Reader(ws, lambda found: None)
    one._found = one.answer(Wanted())
    found = one.answer(Wanted(where="nonsense > 1"))
    assert "no run has a column, param or metric 'nonsense'" in found.problem
    assert found.page.total == 1


def test_a_copy_is_fetched_anew_now_and_then_and_not_for_each_key(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[None] = []
    one = Reader(ws, lambda found: None, lambda: fetched.append(None))
    one.answer(Wanted(), renew=True)
    assert fetched == []
    monkeypatch.setattr(reader, "FAR", 0.0)
    one.answer(Wanted(), renew=False)
    assert fetched == []
    one.answer(Wanted(), renew=True)
    assert fetched == [None]


def test_whatever_goes_wrong_is_a_line(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr(pages, "read", fail)
    assert Reader(ws, lambda found: None).answer(Wanted()).problem == "RuntimeError: first"


def test_warnings_are_part_of_the_answer(ws: runstore.Workspace) -> None:
    finished(ws, "a")
    found = Reader(ws, lambda found: None).answer(Wanted(where="params.nothing is null"))
    assert found.warnings == ("no run has a param 'nothing'; it is NULL everywhere",)


def test_a_reader_that_stands_still_answers_only_new_questions(
    ws: runstore.Workspace, started: Reader, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "INTERVAL", 0.01)
    listed = counted(monkeypatch, pages)
    started.pause(True)
    started.want(Wanted())
    answers.get(timeout=20)
    started.want(Wanted(sort="name"))
    assert answers.get(timeout=20).wanted.sort == "name"
    assert len(listed) == 2
    assert answers.empty()
    started.pause(False)
    answers.get(timeout=20)
    answers.get(timeout=20)
