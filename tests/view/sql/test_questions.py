"""A page gets the rows it asked for, or one line that says why not; whatever it asks, the next one is answered."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import runstore
from runstore.disk.capabilities import CAN
from runstore.errors import QueryError
from runstore.query.stopping import Stop
from runstore.view.sql import children
from runstore.view.sql.limits import Limits
from runstore.view.sql.questions import LONGEST, Questions

Opened = Callable[[Limits], Questions]
COUNT = "select count(*) as n from metrics"


def pids(questions: Questions) -> list[int]:
    return [child.pid for child in questions._idle]


def test_an_answer_has_columns_rows_and_what_else_a_page_shows(questions: Questions) -> None:
    answer = questions.ask("select params.lr, last.loss, last.nope, status from runs order by 1")
    assert answer["columns"] == [
        {"name": "lr", "type": "DOUBLE"}, {"name": "loss", "type": "DOUBLE"}, {"name": "nope", "type": "NULL"},
        {"name": "status", "type": "VARCHAR"},
    ]  # fmt: skip
    assert answer["rows"] == [[0.1, 0.01, None, "Completed"], [0.2, "NaN", None, "Running"]]
    assert answer["truncated"] is None
    assert answer["warnings"] == ["no run has a metric 'nope'; it is NULL everywhere"]
    assert answer["ms"] > 0
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def test_a_point_logged_after_the_child_was_started_is_seen(questions: Questions, ws: runstore.Workspace) -> None:
    assert questions.ask(COUNT)["rows"] == [[101]]
    run = ws.experiment("e").start_logging()
    run.log("loss", 1.0, step=1)
    run.flush()
    assert questions.ask(COUNT)["rows"] == [[102]]


def test_one_child_answers_one_question_after_another(questions: Questions) -> None:
    questions.warm()
    first = pids(questions)
    for query in (COUNT, "from runs", COUNT):
        questions.ask(query)
    with pytest.raises(QueryError):
        questions.ask("select nope from runs")
    assert pids(questions) == first


def test_no_more_rows_come_than_were_asked_for_and_never_more_than_the_limit(opened: Opened) -> None:
    questions = opened(Limits(rows=5, memory=256 << 20))
    for asked, given in ((3, 3), (0, 0), (None, 5), (9, 5), (-1, 0)):
        answer = questions.ask("from range(1000000000)", asked)
        assert (len(answer["rows"]), answer["truncated"]) == (given, "rows")


def test_no_more_bytes_come_than_the_limit(opened: Opened) -> None:
    questions = opened(Limits(size=100_000, memory=256 << 20))
    answer = questions.ask("select repeat('x', 1000) from range(1000000)")
    assert (len(answer["rows"]), answer["truncated"]) == (99, "bytes")
    with pytest.raises(QueryError, match="more than 100,000 bytes"):
        questions.ask("select repeat('x', 100001)")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select 1; select 2", "one SELECT at a time"),
        ("copy (select 1) to 'x'", "one SELECT at a time"),
        ("with a as (copy (select 1) to 'x') from a", "which only reads"),
        ("attach 'x.db'", "one SELECT at a time"),
        ("set threads = 1", "one SELECT at a time"),
        ("pragma version", "one SELECT at a time"),
        ("install httpfs", "one SELECT at a time"),
        ("from read_csv('/etc/passwd')", r"read_csv\(\) is not for use here"),
        ("select * from '/etc/passwd.csv'", "only the workspace's views can be read here"),
        ("select getenv('HOME')", r"getenv\(\) is not for use here"),
        ("select\n nope from runs", r"\(line 2, column 2\)"),
        ("", "one SELECT at a time"),
        ("select '\ud800'", "surrogate"),
        ("select '" + "x" * LONGEST + "'", "at most 100,000"),
    ],
)
def test_what_is_refused_is_told_in_one_line(questions: Questions, query: str, told: str) -> None:
    with pytest.raises(QueryError, match=told) as refused:
        questions.ask(query)
    assert "\n" not in str(refused.value)
    assert questions.ask(COUNT)["rows"] == [[101]]


@pytest.mark.parametrize(
    "query",
    [
        "select list(range) from range(1000000000)",
        "select string_agg(repeat('x', 1000000), '') from range(100000)",
    ],
)
def test_what_eats_memory_is_refused_and_the_next_one_answered(questions: Questions, query: str) -> None:
    with pytest.raises(QueryError, match="needs more than the 256 MiB"):
        questions.ask(query)
    assert questions.ask(COUNT)["rows"] == [[101]]


@pytest.mark.parametrize(
    ("query", "huge", "large"),
    [
        ("select repeat('x', {})", 3_000_000_000, 2_000_000),
        ("select [repeat('x', {})]", 3_000_000_000, 2_000_000),
        ("select range({})", 1_000_000_000, 200_000),
    ],
)
def test_a_huge_value_is_refused_and_the_next_one_answered(opened: Opened, query: str, huge: int, large: int) -> None:
    questions = opened(Limits(size=1 << 20, memory=256 << 20))
    if CAN.confine:  # elsewhere nothing but its time keeps a process from taking all the memory there is
        with pytest.raises(QueryError, match="needs more than the 256 MiB"):
            questions.ask(query.format(huge))
    with pytest.raises(QueryError, match="more than 1,048,576 bytes"):
        questions.ask(query.format(large))
    assert questions.ask(COUNT)["rows"] == [[101]]


def test_what_runs_for_ever_is_stopped_and_its_child_stays(opened: Opened) -> None:
    questions = opened(Limits(seconds=3.0, memory=256 << 20))
    questions.ask(COUNT)
    first = pids(questions)
    with pytest.raises(QueryError, match="took longer than 3 s"):
        questions.ask("select count(*) from range(100000000000) a, range(100000000000) b where a.range = -b.range - 1")
    assert questions.ask(COUNT)["rows"] == [[101]]
    assert pids(questions) == first


def test_a_child_that_does_not_stop_is_ended(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "GRACE", 0.1)
    questions = opened(Limits(seconds=3.0, memory=256 << 20))
    questions.ask(COUNT)
    (first,) = pids(questions)
    stopping = threading.Timer(0.0, os.kill, (first, signal.SIGSTOP))
    stopping.start()
    stopping.join()
    with pytest.raises(QueryError, match="took longer than 3 s and was ended"):
        questions.ask(COUNT)
    assert questions.ask(COUNT)["rows"] == [[101]]
    assert first not in pids(questions)


def test_a_child_that_dies_while_it_answers_is_told_and_replaced(questions: Questions) -> None:
    questions.warm()
    (first,) = pids(questions)
    endless = "select count(*) from range(100000000000) a, range(100000000000) b where a.range = -b.range - 1"
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(questions.ask, endless)
        while not questions._busy:
            threading.Event().wait(0.01)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(QueryError, match=r"has broken \(signal 9\)"):
            asked.result()
    assert questions.ask(COUNT)["rows"] == [[101]]


def test_a_child_that_has_died_between_two_questions_is_not_noticed(questions: Questions) -> None:
    questions.ask(COUNT)
    (first,) = pids(questions)
    os.kill(first, signal.SIGKILL)
    while questions._idle[0].living:
        threading.Event().wait(0.01)
    assert questions.ask(COUNT)["rows"] == [[101]]


def test_two_are_answered_at_once_and_one_child_is_kept(questions: Questions) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(questions.ask, [COUNT] * 6))
    assert [answer["rows"] for answer in answers] == [[[101]]] * 6
    assert len(pids(questions)) == 1


def test_who_waits_when_all_is_closed_is_told_so(questions: Questions) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            questions.ask,
            "select count(*) from range(100000000000) a, range(100000000000) b where a.range = -b.range - 1",
        )
        while not questions._busy:
            threading.Event().wait(0.01)
        questions.close()
        with pytest.raises(QueryError, match="the server is ending"):
            asked.result()
    with pytest.raises(QueryError, match="the server is ending"):
        questions.ask(COUNT)


def test_nothing_is_left_on_the_disk(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(children.tempfile, "tempdir", str(place))
    questions = opened(Limits(memory=64 << 20, seconds=3.0))
    with pytest.raises(QueryError):
        questions.ask("from range(1000000000) t(i), range(3) order by hash(i) offset 1000000000")
    questions.ask(COUNT)
    assert len(list(place.iterdir())) == 1
    questions.close()
    assert list(place.iterdir()) == []


def test_no_secret_of_the_server_is_within_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("RUNSTORE_TOKEN", "secret")
    assert "secret" not in children._environment("place").values()


def test_a_statement_is_stopped_and_the_process_that_works_on_it_ends(questions: Questions) -> None:
    stop, pool = Stop(), ThreadPoolExecutor(1)

    def ask() -> object:
        with stop.of_this_thread():
            return questions.ask("select count(*) from range(10000000000000) where random() < 2")

    slow = pool.submit(ask)
    while not questions._busy:
        assert not slow.done()
    (child,) = questions._busy
    stop.now()
    with pytest.raises(QueryError, match="was stopped"):
        slow.result(30)
    assert not child.living
    assert questions.ask(COUNT)["rows"] == [[101]]
    pool.shutdown()


def test_a_statement_that_was_stopped_before_its_turn_is_not_begun(questions: Questions) -> None:
    stop = Stop()
    stop.now()
    with stop.of_this_thread(), pytest.raises(QueryError, match="was stopped"):
        questions.ask(COUNT)
