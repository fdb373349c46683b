"""Each kind of fact says one thing about a run; how they add up is shown in test_state."""

from __future__ import annotations

from pathlib import Path

from runstore.disk.inventory import Inventory
from runstore.runs.facts import TAKERS
from runstore.runs.state import AttemptState, RunState, WriterState


def taken(*facts: tuple[str, object]) -> RunState:
    """A run after these facts of one writer, one a nanosecond."""
    run = RunState(Path("r"), Inventory(Path("r")))
    part, attempt = WriterState("ab" * 8, 1), AttemptState(1)
    for time, (kind, body) in enumerate(facts):
        TAKERS[kind](run, part, attempt, time, body)
    return run


def test_the_newest_tag_counts_and_one_that_was_taken_off_is_gone() -> None:
    run = taken(("tags", {"a": 1, "b": 2}), ("tags", {"a": 3}), ("untag", ["b", "never there"]))
    assert run.tags == {"a": (3, 1)}


def test_the_first_property_counts() -> None:
    assert taken(("properties", {"a": 1}), ("properties", {"a": 2, "b": 3})).properties == {"a": (1, 0), "b": (3, 1)}


def test_a_run_is_named_by_its_opener_only() -> None:
    assert taken(("start", {"opener": True, "name": "n"}), ("start", {"opener": False, "name": "m"})).name == "n"


def test_counts_of_warnings_and_errors_are_totals() -> None:
    run = taken(
        ("warning", {}), ("counted", {"warnings": 2, "errors": 0}), ("counted", {"warnings": 5, "errors": 1})
    )  # fmt: skip
    assert (run.warnings, run.errors) == (6, 1)
