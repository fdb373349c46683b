"""A file in a run's directory asks its writers for their next journals; each request is answered once."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from runstore.format import names
from runstore.runs import flusher
from runstore.runs.turning import Requests
from runstore.runs.workspace import Workspace
from tests.runs.test_writer import gone, opened


class Told:
    """A stream that counts how often it was told, and says whether it could."""

    def __init__(self) -> None:
        self.turned, self.can = 0, True

    def turn(self) -> bool:
        self.turned += 1
        return self.can


def ask(directory: Path) -> None:
    """As another process does it."""
    fresh = directory / "fresh"
    fresh.write_bytes(b"x")
    os.replace(fresh, directory / names.ROTATE)


@pytest.fixture
def told() -> list[Told]:
    return [Told(), Told()]


def turns(told: list[Told]) -> list[int]:
    return [one.turned for one in told]


def test_every_stream_is_told_of_a_request_once(tmp_path: Path, told: list[Told]) -> None:
    requests = Requests(tmp_path)
    requests.answer(told)
    assert turns(told) == [0, 0]
    ask(tmp_path)
    for _ in range(3):
        requests.answer(told)
    assert turns(told) == [1, 1]


def test_a_request_from_before_the_writer_is_none_of_its_business(tmp_path: Path, told: list[Told]) -> None:
    ask(tmp_path)
    requests = Requests(tmp_path)
    requests.answer(told)
    assert turns(told) == [0, 0]
    ask(tmp_path)
    requests.answer(told)
    assert turns(told) == [1, 1]


def test_a_request_that_is_made_again_is_another_one(tmp_path: Path, told: list[Told]) -> None:
    requests = Requests(tmp_path)
    for number in range(1, 4):
        ask(tmp_path)
        requests.answer(told)
        assert turns(told) == [number, number]
    os.utime(tmp_path / names.ROTATE, ns=(1, 1))
    requests.answer(told)
    assert turns(told) == [4, 4]


def test_what_can_not_be_done_is_tried_again_by_those_who_could_not(tmp_path: Path, told: list[Told]) -> None:
    requests = Requests(tmp_path)
    ask(tmp_path)
    told[1].can = False
    requests.answer(told)
    requests.answer(told)
    told[1].can = True
    requests.answer(told)
    requests.answer(told)
    assert turns(told) == [1, 3]


def test_what_is_no_longer_asked_for_is_not_tried_again(tmp_path: Path, told: list[Told]) -> None:
    requests = Requests(tmp_path)
    ask(tmp_path)
    told[0].can = False
    requests.answer(told)
    (tmp_path / names.ROTATE).unlink()
    requests.answer(told)
    assert turns(told) == [1, 1]


# ---- a writer


def journals(path: Path) -> list[str]:
    return sorted(entry.name.rpartition("-")[2] for entry in path.glob("p-*.jsonl"))


def test_a_writer_leaves_its_points_and_its_side_at_the_next_beat(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.stream.hot.log("a", 1.0, step=0)
    one.side().system({"cpu": 1.0})
    ask(tmp_path)
    assert journals(tmp_path) == ["0000.jsonl"] * 2
    one.beat()
    assert journals(tmp_path) == ["0000.jsonl"] * 2 + ["0001.jsonl"] * 2
    closed = [path for path in tmp_path.glob("p-*.jsonl") if b'\n{"end":[' in path.read_bytes()]
    assert len(closed) == 2
    one.end("Completed", None, True, gone)


def test_a_writer_that_has_logged_nothing_since_keeps_its_journal(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.stream.hot.log("a", 1.0, step=0)
    for _ in range(3):
        ask(tmp_path)
        one.beat()
    assert journals(tmp_path) == ["0000.jsonl", "0001.jsonl"]
    one.end("Completed", None, True, gone)


def test_a_writer_that_has_ended_begins_nothing(tmp_path: Path) -> None:
    one = opened(tmp_path)
    one.stream.hot.log("a", 1.0, step=0)
    one.end("Completed", None, True, gone)
    ask(tmp_path)
    one.beat()
    assert journals(tmp_path) == ["0000.jsonl"]


def test_a_request_gives_no_trouble_to_a_writer_whose_directory_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests, told = Requests(tmp_path / "gone"), [Told()]
    requests.answer(told)
    assert turns(told) == [0]


def test_the_flusher_looks_by_itself(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flusher, "WINDOW", 0.01)
    run: Any = Workspace(workspace).experiment("e").start_logging()
    run.log("a", 1.0, step=0)
    ask(run.path)
    waiting = threading.Event()
    for _ in range(1000):
        if len(journals(run.path)) > 1:
            break
        waiting.wait(0.01)
    assert journals(run.path)[:2] == ["0000.jsonl", "0001.jsonl"]
    run.complete()
