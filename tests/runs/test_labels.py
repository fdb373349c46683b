"""Tags change, properties never do, and words are kept as they were written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runstore.errors import InvalidValue, UsageError
from runstore.runs.experiment import Experiment
from runstore.runs.media import MediaRun
from runstore.runs.workspace import Workspace


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    return Workspace(tmp_path / "w").experiment("e")


@pytest.fixture(params=["logs", "ended", "found"])
def run(request: pytest.FixtureRequest, experiment: Experiment) -> MediaRun:
    """A run that logs, one that has ended, and one that is found by its id."""
    run: MediaRun = experiment.start_logging()
    if request.param == "ended":
        run.complete()
    return MediaRun(experiment, run.id) if request.param == "found" else run


def test_the_newest_tag_counts_and_the_others_stay(run: MediaRun) -> None:
    run.tag("stage", "first")
    run.set_tags({"stage": "second", "flag": None})
    run.tag("rank", 1)
    assert run.tags == run.get_tags() == {"stage": "second", "flag": None, "rank": 1}


def test_tags_are_taken_off(run: MediaRun) -> None:
    run.set_tags({"a": 1, "b": 2, "c": 3})
    run.remove_tags(["a", "c", "never there"])
    assert run.tags == {"b": 2}
    with pytest.raises(InvalidValue, match="list"):
        run.remove_tags("b")


def test_what_is_got_is_a_copy(run: MediaRun) -> None:
    run.tag("a", 1)
    run.tags["a"] = 2
    run.get_properties()["p"] = 1
    assert (run.tags, run.properties) == ({"a": 1}, {})


def test_values_keep_their_types(run: MediaRun) -> None:
    given = {"i": 2**70, "f": 0.5, "inf": float("inf"), "b": True, "s": "é😀\0", "n": None}
    run.set_tags(given)
    run.add_properties(given)
    assert run.tags == run.properties == given


def test_a_property_never_changes_and_the_whole_call_does_nothing(run: MediaRun) -> None:
    run.add_properties({"data": "v1"})
    with pytest.raises(UsageError, match="'data'"):
        run.add_properties({"new": 1, "data": "v2"})
    assert run.properties == {"data": "v1"}


def test_the_same_property_again_is_no_error(run: MediaRun) -> None:
    run.add_properties({"data": "v1", "nan": float("inf")})
    run.add_properties({"data": "v1", "nan": float("inf"), "more": 2})
    run.add_properties({})
    assert run.properties == {"data": "v1", "nan": float("inf"), "more": 2}


def test_a_number_of_another_type_is_another_value(run: MediaRun) -> None:
    run.add_properties({"one": 1})
    for other in (1.0, True, "1", None):
        with pytest.raises(UsageError):
            run.add_properties({"one": other})


def test_labels_are_checked_before_anything_is_kept(run: MediaRun) -> None:
    with pytest.raises(InvalidValue):
        run.set_tags({"a": 1, "b": object()})
    with pytest.raises(UsageError, match="dict"):
        run.set_tags([("a", 1)])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="empty"):
        run.tag("")
    assert run.tags == {}


@pytest.mark.parametrize("tags", [{"k" * 101: 1}, {"k": "v" * 1001}, {str(n): n for n in range(51)}])
def test_what_another_workspace_would_refuse_is_kept_with_a_warning(run: MediaRun, tags: dict[str, object]) -> None:
    with pytest.warns(UserWarning, match="kept here"):
        run.set_tags(tags)
    assert run.tags == tags


def test_a_name_and_a_description_may_be_set_at_any_time(experiment: Experiment) -> None:
    run = experiment.start_logging("given", display_name="shown", description="first")
    assert (run.display_name, run.description) == ("shown", "first")
    run.complete()
    run.display_name = "é😀\n"
    assert (run.display_name, run.description) == ("é😀\n", "first")
    run.description = ""
    assert (run.display_name, run.description) == ("é😀\n", "")


def test_without_a_display_name_the_given_name_is_shown(experiment: Experiment) -> None:
    run = experiment.start_logging("given")
    assert (run.display_name, run.description) == ("given", None)
    run.complete()


def test_words_must_be_text(run: MediaRun) -> None:
    with pytest.raises(InvalidValue):
        run.description = 3  # type: ignore[assignment]
    with pytest.raises(UsageError, match="empty"):
        run.display_name = ""
    with pytest.raises(UsageError, match="empty"):
        run.note("")


def test_notes_add_up_in_the_order_of_writing(run: MediaRun) -> None:
    run.note("first")
    run.note("second\nline")
    assert [note.text for note in run.notes] == ["first", "second\nline"]
    assert abs(run.notes[0].time - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_run_is_archived_and_reactivated(run: MediaRun) -> None:
    assert not run.archived
    run.archive()
    assert run.archived
    run.reactivate()
    assert not run.archived
