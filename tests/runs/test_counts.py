"""Warnings and errors, counted and rarely told."""

from __future__ import annotations

from typing import Any

import pytest

from runstore.errors import RunClosed
from runstore.runs import counts
from runstore.runs.counts import Counts


def test_the_first_is_told_at_once_and_the_rest_together(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    found = Counts(lambda kind, body: told.append((kind, body)))
    for level in (10, 20, 30, 35, 40, 50):
        found.add(level)
    found.tell()
    assert told == [("counted", {"warnings": 1, "errors": 0})]
    found.tell(now=True)
    found.tell(now=True)
    assert told[1:] == [("counted", {"warnings": 2, "errors": 2})]
    monkeypatch.setattr(counts, "PAUSE", 0.0)
    found.add(30)
    assert told[2:] == [("counted", {"warnings": 3, "errors": 2})]


def test_where_nothing_was_wrong_nothing_is_told() -> None:
    told: list[Any] = []
    found = Counts(lambda kind, body: told.append(body))
    found.add(20)
    found.tell(now=True)
    assert told == []


def test_a_writer_that_has_ended_is_no_fault() -> None:
    def closed(kind: str, body: Any) -> None:
        raise RunClosed("ended")

    Counts(closed).add(40)
