from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.runs import state
from runstore.runs.state import RunState
from runstore.sync.mlflow import keys, picture


def folded(**told: object) -> RunState:
    run = RunState(Path("runs/ab/cd"), None, run_id="r", experiment="ex", started=1_700_000_000_123_999_999)  # type: ignore[arg-type]
    for name, value in told.items():
        setattr(run, name, value)
    return run


@pytest.mark.parametrize(
    ("status", "theirs"),
    [
        ("Completed", "FINISHED"),
        ("Failed", "FAILED"),
        ("Canceled", "KILLED"),
        ("Running", "RUNNING"),
        ("NotResponding", "RUNNING"),
        ("Finalizing", "RUNNING"),
        ("Queued", "SCHEDULED"),
        ("Preparing", "SCHEDULED"),
        ("NotStarted", "SCHEDULED"),
    ],
)
def test_every_status_is_one_of_mlflows(status: str, theirs: str) -> None:
    assert picture.of(folded(status=status), "k").status == theirs


def test_all_statuses_are_thought_of() -> None:
    known = {"FINISHED", "FAILED", "KILLED", "RUNNING", "SCHEDULED"}
    assert {picture.of(folded(status=status), "k").status for status in state.STATUSES} == known


def test_only_a_run_that_is_over_has_an_end() -> None:
    ended = 1_700_000_001_000_000_000
    assert picture.of(folded(status="Completed", ended=ended), "k").end == 1_700_000_001_000
    assert picture.of(folded(status="NotResponding", ended=ended), "k").end is None


def test_times_are_cut_to_milliseconds_and_none_is_before_1970() -> None:
    assert picture.of(folded(), "k").start == 1_700_000_000_123
    assert picture.millis(-5) == 0


def test_a_run_is_called_by_its_display_name_its_name_or_its_id() -> None:
    assert picture.of(folded(display_name="d", name="n"), "k").name == "d"
    assert picture.of(folded(name="n"), "k").name == "n"
    assert picture.of(folded(), "k").name == "r"


def test_what_runstore_says_stands_over_a_users_tag_and_a_tag_over_a_property() -> None:
    run = folded(
        description="about", notes=[(1, "later")], parent_id="p", error="it broke",
        properties={"a": (1, 0), "git.commit": ("c0ffee", 0), "git.dirty": (True, 0)},
        tags={"a": (2.5, 0), "mlflow.note.content": ("mine", 0), "runstore.key": ("mine", 0), "none": (None, 0)},
    )  # fmt: skip
    tags = picture.of(run, "k", parent="above", script="train.py").tags
    assert tags["a"] == "2.5" and tags["none"] == "" and tags["runstore.key"] == "k"
    assert tags["mlflow.note.content"] == "about\n\nlater"
    assert tags["mlflow.parentRunId"] == "above" and tags["runstore.parent_id"] == "p"
    assert tags["mlflow.source.git.commit"] == "c0ffee" and tags["mlflow.source.git.dirty"] == "true"
    assert tags["mlflow.source.name"] == "train.py" and tags["runstore.error"] == "it broke"


def test_params_are_whole_texts_by_their_leaves(workspace: Path) -> None:
    given = {"lr": 0.1, "n": 3, "big": 2**70, "on": True, "none": None, "opt": {"betas": [0.9, None]}, "s": "text"}
    with runstore.start_run("ex", params=given, workspace=runstore.Workspace(workspace)) as run:
        pass
    found = picture.of(state.fold(run.path), "k").params
    assert found == {
        "lr": "0.1", "n": "3", "big": str(2**70), "on": "true", "none": "None", "opt.betas": "[0.9,null]", "s": "text",
    }  # fmt: skip


def test_long_values_are_shortened_here_and_whole_in_the_document(workspace: Path) -> None:
    long = "y" * 9000
    with runstore.start_run("ex", params={"p": long}, workspace=runstore.Workspace(workspace)) as run:
        run.note(long)
        with pytest.warns(UserWarning, match="kept here"):
            run.tag("t", long)
    told = state.fold(run.path)
    seen = picture.of(told, "k")
    lengths = [keys.length(text) for text in (seen.params["p"], seen.tags["t"], seen.tags[picture.NOTE])]
    assert lengths == [6000, 5000, 5000]
    whole = picture.whole(told, {"a": "b"})
    assert whole["attempts"][0]["params"]["p"] == whole["tags"]["t"] == whole["notes"][0][1] == long
    assert whole["files"] == {"a": "b"} and whole["attempts"][0]["started"].endswith("Z")
