from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import Refused
from runstore.sync.mlflow import keys, labels
from runstore.sync.mlflow.picture import Picture
from runstore.sync.mlflow.there import Catalog, There
from tests.sync.mlflow.fake import Fake, Store

PARAMS = st.dictionaries(st.sampled_from("abc"), st.text("x", max_size=8000), max_size=3)


def made(store: Store) -> There:
    return Catalog(Fake(store)).make("1", "abc", Picture("n", "RUNNING", 1))


def send(store: Store, picture: Picture, before: list[str] | None = None) -> tuple[list[str], dict[str, str]]:
    refused: dict[str, str] = {}
    there = Catalog(Fake(store)).run(next(iter(store.runs)))
    assert there is not None
    return labels.send(Fake(store), there, picture, before or [], refused.__setitem__), refused


@given(PARAMS, PARAMS)
def test_params_are_new_or_the_same_or_changed(there: dict[str, str], wanted: dict[str, str]) -> None:
    new, changed = labels.params(there, wanted)
    assert new.keys() == wanted.keys() - there.keys()
    assert not new.keys() & changed.keys()
    assert all(wanted[key] == text for key, text in (new | changed).items())
    assert all(there[key] != wanted[key] for key in changed)


@given(st.text(min_size=1, max_size=8000), st.sampled_from([*labels.SHORTER, keys.PARAM]))
def test_a_param_that_was_shortened_is_the_same(text: str, most: int) -> None:
    wanted = keys.value(text, keys.PARAM)
    assert labels.params({"p": keys.value(wanted, most)}, {"p": wanted}) == ({}, {})


def test_what_is_there_already_is_not_sent() -> None:
    store = Store()
    made(store)
    picture = Picture("n", "RUNNING", 1, params={"p": "1"}, tags={"t": "v"})
    assert send(store, picture) == (["t"], {})
    before = len(store.asked)
    assert send(store, picture, ["t"]) == (["t"], {})
    assert store.asked[before:] == ["runs/get"]


def test_hundreds_go_in_requests_that_are_taken() -> None:
    store = Store()
    made(store)
    wide = {f"k{n}": "é" * 2500 for n in range(60)} | {f"s{n}": "v" for n in range(250)}
    send(store, Picture("n", "RUNNING", 1, params=wide, tags=wide))
    (run,) = store.runs.values()
    assert run["params"] == wide and run["tags"].items() >= wide.items()


def test_a_param_that_has_changed_is_a_tag_then_and_keeps_nothing_else() -> None:
    store = Store()
    made(store)
    send(store, Picture("n", "RUNNING", 1, params={"p": "1"}))
    set_now, refused = send(store, Picture("n", "RUNNING", 1, params={"p": "2", "q": "3"}))
    (run,) = store.runs.values()
    assert run["params"] == {"p": "1", "q": "3"} and run["tags"]["runstore.param.p"] == "2"
    assert set_now == ["runstore.param.p"] and not refused
    send(store, Picture("n", "RUNNING", 1, params={"p": "1", "q": "3"}), set_now)
    assert "runstore.param.p" not in run["tags"]


def test_tags_that_somebody_has_set_there_stay() -> None:
    store = Store()
    made(store)
    (run,) = store.runs.values()
    run["tags"] |= {"theirs": "x", "mlflow.parentRunId": "y", "runstore.sent.w": "0-4", "ours": "z"}
    send(store, Picture("n", "RUNNING", 1), ["ours", "mlflow.parentRunId", "runstore.sent.w", "gone"])
    assert run["tags"].items() >= {"theirs": "x", "mlflow.parentRunId": "y", "runstore.sent.w": "0-4"}.items()
    assert "ours" not in run["tags"]


def test_one_that_is_refused_is_told_and_the_others_are_there() -> None:
    store = Store()
    made(store)
    store.longest_param = 250
    mixed = {"poison": "1", "fine": "2", "long": "x" * 6000}
    _, refused = send(store, Picture("n", "RUNNING", 1, params=mixed, tags={"poison": "1", "fine": "2"}))
    (run,) = store.runs.values()
    assert refused.keys() == {"poison"} and run["tags"]["fine"] == "2"
    assert run["params"] == {"fine": "2", "long": "x" * 247 + "…"}


def test_a_run_that_takes_nothing_is_not_asked_for_each() -> None:
    store = Store()
    made(store)
    (run,) = store.runs.values()
    run["stage"] = "deleted"
    with pytest.raises(Refused, match="active"):
        send(store, Picture("n", "RUNNING", 1, tags={f"t{n}": "v" for n in range(50)}))
    assert len(store.asked) < 10


def test_status_end_and_name_are_set_where_they_differ() -> None:
    store = Store()
    there = made(store)
    labels.finish(Fake(store), there, Picture("n", "RUNNING", 1))
    assert "runs/update" not in store.asked
    labels.finish(Fake(store), there, Picture("m", "FAILED", 1, 9))
    (run,) = store.runs.values()
    assert (run["status"], run["end"], run["name"]) == ("FAILED", 9, "m")
