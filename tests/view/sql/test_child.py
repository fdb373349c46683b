"""The process that answers says one thing for each question, keeps to its limits, and goes when nobody asks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

import runstore
from runstore.disk.capabilities import CAN
from runstore.query import locked
from runstore.view.sql import child, exchange
from runstore.view.sql.exchange import Question
from runstore.view.sql.limits import Limits

LIMITS = Limits(rows=10, memory=256 << 20)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "place"
    path.mkdir()
    return path


@pytest.fixture
def process(ws: runstore.Workspace, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-m", "runstore.view.sql.child", str(ws.path), str(place), json.dumps(LIMITS)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as one:
        yield one
        one.kill()


def test_it_says_that_it_is_there_answers_and_goes_when_its_input_ends(
    process: subprocess.Popen[bytes], place: Path
) -> None:
    assert process.stdin
    assert process.stdout
    assert exchange.receive(process.stdout, 100) == b"{}"
    for query, answer in (("select 1 as a", [[1]]), ("select 2", [[2]])):
        exchange.send(process.stdin, exchange.dump(Question(9.0, query, 5)))
        exchange.receive(process.stdout, 1000)
        assert orjson.loads(exchange.receive(process.stdout, 1000))["rows"] == answer
    process.stdin.close()
    assert process.wait() == 0
    assert not place.exists()


def test_its_memory_is_limited(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout
    exchange.receive(process.stdout, 100)
    if CAN.confine:
        told = Path(f"/proc/{process.pid}/limits").read_text()
        assert f"Max address space         {(256 << 20) + (3 << 30)} " in told
        assert "Max core file size        0 " in told


def test_an_answer_is_made_of_rows_columns_and_warnings(ws: runstore.Workspace, place: Path) -> None:
    answer, sound = child.answered(
        ws.path, place, LIMITS, Question(9.0, "select params.lr, params.nope from runs order by 1", 1)
    )
    assert sound
    assert {**orjson.loads(answer.body), **answer.head} == {
        "columns": [{"name": "lr", "type": "DOUBLE"}, {"name": "nope", "type": "NULL"}],
        "rows": [[0.1, None]],
        "truncated": "rows",
        "warnings": ["no run has a param 'nope'; it is NULL everywhere"],
    }


def test_an_answer_without_rows_is_one(ws: runstore.Workspace, place: Path) -> None:
    answer, _ = child.answered(ws.path, place, LIMITS, Question(9.0, "select 1 as a where false", 1))
    assert orjson.loads(answer.body)["rows"] == []


def test_a_refusal_leaves_the_process_sound(ws: runstore.Workspace, place: Path) -> None:
    answer, sound = child.answered(ws.path, place, LIMITS, Question(9.0, "select nope", 1))
    assert answer.head.keys() == {"error", "kind"}
    assert sound


@pytest.mark.parametrize("problem", [MemoryError(), RuntimeError("of\nmany lines"), RecursionError()])
def test_after_a_failure_that_nobody_foresaw_the_process_ends(
    ws: runstore.Workspace, place: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def failing(*_: object) -> None:
        raise problem

    monkeypatch.setattr(locked, "answer", failing)
    answer, sound = child.answered(ws.path, place, LIMITS, Question(9.0, "select 1", 1))
    assert "\n" not in answer.head.get("error", "")
    assert type(problem).__name__ in answer.head.get("unexpected", "MemoryError")
    assert answer.head["last"]
    assert not sound


@pytest.mark.parametrize(("setting", "answers"), [("ANSWERS = 1", 1), ("IDLE = 0.3", 0)])
def test_it_goes_in_peace_after_many_answers_or_a_long_silence(
    ws: runstore.Workspace, place: Path, setting: str, answers: int
) -> None:
    begin = f"import sys; from runstore.view.sql import child; child.{setting}; sys.exit(child.main(sys.argv[1:]))"
    argv = [sys.executable, "-c", begin, str(ws.path), str(place), json.dumps(LIMITS)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        exchange.receive(process.stdout, 100)
        for _ in range(answers):
            exchange.send(process.stdin, exchange.dump(Question(9.0, "select 1", 5)))
            exchange.receive(process.stdout, 1000)
            exchange.receive(process.stdout, 1000)
        with pytest.raises(EOFError):
            exchange.receive(process.stdout, 100)
        assert process.wait() == 0


def test_one_that_nobody_ends_ends_itself(ws: runstore.Workspace, place: Path) -> None:
    begin = (
        "import sys, time; from runstore.view.sql import child; child.GRACE = -59.5; "
        "child.locked.answer = lambda *_: time.sleep(60); child.main(sys.argv[1:])"
    )
    argv = [sys.executable, "-c", begin, str(ws.path), str(place), json.dumps(LIMITS._replace(seconds=60.0))]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        exchange.receive(process.stdout, 100)
        exchange.send(process.stdin, exchange.dump(Question(60.0, "select 1", 5)))
        assert process.wait() == child.OVERDUE
