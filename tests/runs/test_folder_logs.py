"""Logs: text is followed, the rest is stored without waiting for it to rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.disk.capabilities import CAN
from runstore.runs import folder
from tests.runs.takers import Taker, quick, root, run, watched

__all__ = ["quick", "root", "run"]


def test_a_text_log_is_followed_as_a_stream_and_not_stored(run: Taker, root: Path) -> None:
    (root / "train.log").write_text("epoch 1 ü\n", encoding="utf-8")
    one = watched(run, root, logs=True)
    one.work()
    with open(root / "train.log", "ab") as log:
        log.write(b"epoch 2\n")
    one.work()
    with open(root / "train.log", "ab") as log:
        log.write(b"end")
    one.finish()
    one.finish()
    assert run.logs == {"logs/train.log": "epoch 1 ü\nepoch 2\nend".encode()}
    assert run.stored == []


def test_a_log_that_is_rotated_goes_on_in_its_stream(run: Taker, root: Path) -> None:
    (root / "a.log").write_text("1")
    one = watched(run, root, logs=True)
    one.work()
    os.replace(root / "a.log", root / "a.log.1")
    (root / "a.log").write_text("2")
    one.finish()
    assert run.logs == {"logs/a.log": b"12", "logs/a.log.1": b"1"}


def test_what_a_full_disk_did_not_take_of_a_log_is_kept_later(run: Taker, root: Path) -> None:
    (root / "a.log").write_text("1")
    one = watched(run, root, logs=True)
    one.work()
    one._streams["a.log"]._file.refusal = 2  # type: ignore[attr-defined]
    with open(root / "a.log", "ab") as log:
        log.write(b"2")
    one.work()
    one.work()
    one.finish()
    assert run.logs == {"logs/a.log": b"12"}
    assert run.warned == [f"{root}/a.log is not kept in whole (No space left on device)"]


def test_where_open_files_cannot_be_renamed_a_text_log_is_stored(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "CAN", CAN._replace(unlink_open=False))
    (root / "a.log").write_text("1")
    watched(run, root, logs=True).work()
    assert (run.stored, run.logs) == ([("logs/a.log", b"1")], {})


def test_a_log_that_is_no_text_is_stored_though_it_does_not_rest(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "REST", 100.0)
    (root / "events.out").write_bytes(b"\0\1")
    watched(run, root, logs=True).work()
    assert (run.stored, run.kinds, run.logs) == ([("logs/events.out", b"\0\1")], {"log"}, {})


def test_an_empty_log_waits_to_be_one_thing_or_the_other_until_the_end(run: Taker, root: Path) -> None:
    (root / "a").touch()
    (root / "b").touch()
    one = watched(run, root, logs=True)
    one.work()
    (root / "a").write_text("text")
    one.work()
    assert run.stored == []
    one.finish()
    assert (set(run.logs), run.stored) == ({"logs/a"}, [("logs/b", b"")])


def test_only_so_many_logs_are_streams(run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "STREAMS", 2)
    for number in range(4):
        (root / str(number)).write_text("text")
    watched(run, root, logs=True).finish()
    assert (len(run.logs), len(run.stored)) == (2, 2)
