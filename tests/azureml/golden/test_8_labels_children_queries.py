"""Section 8: tags, properties, children, queries."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from runstore.azureml.core import Experiment, Run, ScriptRun
from runstore.azureml.exceptions import AzureMLException, UserErrorException
from runstore.azureml.train.hyperdrive import HyperDriveRun

# ---- tags


def test_tags_are_set_one_by_one_or_together_and_others_stay(run: Run) -> None:
    run.tag("a", "1")
    run.set_tags({"b": "2", "a": "3"})
    assert run.get_tags() == run.tags == {"a": "3", "b": "2"}


@pytest.mark.parametrize(("value", "text"), [(1, "1"), (0.5, "0.5"), (True, "True")])
def test_what_is_no_text_becomes_it_with_a_warning(run: Run, value: Any, text: str) -> None:
    with pytest.warns(UserWarning, match="kept as text"):
        run.tag("Rank", value)
    with pytest.warns(UserWarning, match="kept as text"):
        run.set_tags({"Again": value})
    assert run.get_tags() == {"Rank": text, "Again": text}


def test_a_tag_without_a_value_has_none(run: Run) -> None:
    run.tag("My Favorite Run")
    assert run.get_tags() == {"My Favorite Run": None}


def test_tags_are_removed_by_their_keys(run: Run) -> None:
    run.set_tags({"a": "1", "b": "2"})
    run.remove_tags(["a", "none"])
    assert run.get_tags() == {"b": "2"}


def test_an_ended_run_is_still_tagged(exp: Experiment, run: Run) -> None:
    run.complete()
    run.tag("late", "yes")
    Run(exp, run.id).tag("later", "too")
    assert run.get_tags() == {"late": "yes", "later": "too"}


# ---- properties


def test_properties_are_only_added(run: Run) -> None:
    run.add_properties({"author": "ann"})
    run.add_properties({"author": "ann", "team": "red"})
    assert run.get_properties() == run.properties == {"author": "ann", "team": "red"}


def test_another_value_is_refused_and_the_whole_call_with_it(run: Run) -> None:
    run.add_properties({"author": "ann"})
    with pytest.raises(UserErrorException, match="author"):
        run.add_properties({"new": "1", "author": "ben"})
    assert run.get_properties() == {"author": "ann"}


@pytest.mark.parametrize("properties", [None, {}])
def test_nothing_adds_nothing(run: Run, properties: Any) -> None:
    run.add_properties(properties)
    assert run.get_properties() == {}


# ---- children


def test_a_child_is_started_at_once_with_a_name_and_an_id(run: Run) -> None:
    child = run.child_run(name="fold", run_id="mine", outputs=None)
    assert (child.id, child.get_status(), child.parent.id) == ("mine", "Running", run.id)


def test_so_many_children_are_numbered_in_order(run: Run) -> None:
    children = run.create_children(count=3)
    assert [child.get_tags() for child in children] == [{"azureml.batch_child_number": str(n)} for n in range(3)]
    assert {child.get_status() for child in children} == {"Running"}


def test_one_for_each_value_of_a_tag(run: Run) -> None:
    children = run.create_children(tag_key="alpha", tag_values=["0.1", "0.2"])
    assert [child.get_tags() for child in children] == [{"alpha": "0.1"}, {"alpha": "0.2"}]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"count": 1, "tag_key": "a"},
        {"count": 1, "tag_values": ["a"]},
        {"count": 1, "tag_key": "a", "tag_values": ["b"]},
        {"tag_key": "a"},
        {"tag_values": ["a"]},
        {"count": 101},
    ],
    ids=repr,
)
def test_it_is_exactly_one_of_the_two_and_not_too_many(run: Run, given: dict[str, Any]) -> None:
    with pytest.raises(UserErrorException):
        run.create_children(**given)
    assert list(run.get_children()) == []


def test_children_come_one_after_another_the_newest_first(run: Run) -> None:
    one, two = run.child_run(), run.child_run()
    leaf = two.child_run()
    found = run.get_children()
    assert inspect.isgenerator(found)
    assert [child.id for child in found] == [two.id, one.id]
    assert [child.id for child in run.get_children(recursive=True)] == [leaf.id, two.id, one.id]


def test_each_is_of_the_class_of_its_type(run: Run) -> None:
    for kind in (None, ScriptRun.RUN_TYPE, "hyperdrive"):
        run.child_run(type=kind)
    assert [type(child) for child in run.get_children()] == [HyperDriveRun, ScriptRun, Run]


# ---- filters


@pytest.fixture
def three(exp: Experiment) -> dict[str, Run]:
    runs = {name: exp.start_logging(run_id=name, snapshot_directory=None) for name in ("one", "two", "three")}
    runs["one"].set_tags({"quality": "good", "seen": "yes"})
    runs["two"].set_tags({"quality": "bad"})
    runs["one"].add_properties({"author": "ann"})
    runs["three"].add_properties({"author": "ann", "azureml.runsource": "mine"})
    runs["two"].complete()
    return runs


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({}, ["three", "two", "one"]),
        ({"tags": "quality"}, ["two", "one"]),
        ({"tags": {"quality": "good"}}, ["one"]),
        ({"tags": {"quality": "good", "seen": "no"}}, []),
        ({"properties": "author"}, ["three", "one"]),
        ({"properties": {"author": "ann"}, "tags": "quality"}, ["one"]),
        ({"type": "mine"}, ["three"]),
    ],
    ids=repr,
)
def test_conditions_add_up(exp: Experiment, three: dict[str, Run], given: dict[str, Any], ids: list[str]) -> None:
    assert [run.id for run in exp.get_runs(**given)] == ids
    assert [run.id for run in Run.list(exp, **given)] == ids


def test_a_status_is_exact(exp: Experiment, three: dict[str, Run]) -> None:
    assert [run.id for run in Run.list(exp, status="Completed")] == ["two"]
    with pytest.raises(AzureMLException, match="status"):
        list(Run.list(exp, status="completed"))


def test_values_are_compared_as_text(exp: Experiment, run: Run) -> None:
    run.set_tags({"rank": "1"})
    assert [one.id for one in exp.get_runs(tags={"rank": 1})] == [run.id]


def test_children_are_filtered_alike(run: Run) -> None:
    run.child_run().tag("a", "1")
    two = run.child_run()
    two.tag("a", "2")
    two.complete()
    assert [child.id for child in run.get_children(tags={"a": "2"}, status="Completed")] == [two.id]
