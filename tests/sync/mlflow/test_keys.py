from __future__ import annotations

import posixpath
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runstore.sync.mlflow import keys

ODD = st.text(st.sampled_from("ab/.-_ :*%#é字\0\n😀x0123456789abcdef"), min_size=1, max_size=40)
NAMES = st.one_of(ODD, st.text(min_size=1, max_size=300), st.from_regex(r"a-x[0-9a-f]{12}(\.txt)?", fullmatch=True))
MAPS = [keys.metric, keys.system_metric, keys.param, keys.tag, keys.changed_param]


@pytest.mark.parametrize("key", MAPS)
@given(NAMES)
@example("mlflow.runName")
@example("..")
@example(".../x")
@example("a//b")
@example("loss ")
@example("loss\n")
@example("x" * 251)
@example("😀" * 130)
def test_a_key_is_one_that_mlflow_takes(key: object, name: str) -> None:
    found = key(name)  # type: ignore[operator]
    assert re.fullmatch(r"[/\w.\- ]*", found)  # as mlflow.utils.validation wants it, on Windows too
    assert posixpath.normpath(found) == found
    assert not found.startswith(("/", "..")) and found != "." and found == found.strip()
    assert 0 < keys.length(found) <= 250


@pytest.mark.parametrize("key", [*MAPS, keys.experiment, keys.file])
@given(NAMES, NAMES)
@example("a*b", "a:b")
@example("a*b", "a_b")
@example("a-x0123456789ab", "a*")
def test_two_names_never_have_one_key(key: object, one: str, other: str) -> None:
    assert (key(one) == key(other)) is (one == other)  # type: ignore[operator]


def test_what_a_name_becomes_can_not_be_had_by_calling_another_so() -> None:
    made = keys.metric("a*b")
    assert keys.metric(made) not in (made, keys.metric("a*b"))


@pytest.mark.parametrize("name", ["loss", "val/loss", "Größe", "准确率", "a b", "optimizer.lr", "top-5", "x_1"])
def test_what_mlflow_takes_stays_as_it_is(name: str) -> None:
    assert keys.metric(name) == keys.param(name) == keys.tag(name) == name


def test_names_that_mean_something_there_are_kept_apart() -> None:
    assert keys.system_metric("cpu") == "system/cpu"
    for name in ("system/cpu", "/system/cpu", "..system/cpu", "system//cpu"):
        assert not keys.metric(name).startswith("system/")
    assert keys.tag("mlflow.note.content") == "mlflow.note.content"
    for name in ("runstore.key", "/runstore.key", "..runstore.key"):
        assert not keys.tag(name).startswith("runstore.")
    assert keys.changed_param("lr") == "runstore.param.lr"


@given(NAMES)
def test_the_path_of_an_artifact_stays_below_its_run(name: str) -> None:
    path = keys.file(name)
    assert path.count("/") == name.count("/")
    for part in path.split("/"):
        assert part not in ("", ".", "..") and not part.endswith((".", " "))
        assert not re.search(r"[#?%:\\\0\n]", part)
        assert len(part.encode()) <= 255
    assert path.split("/")[0] != "runstore"


def test_the_path_of_an_artifact_keeps_its_ending() -> None:
    assert keys.file("a/model#1.tar") == f"a/model_1-x{keys.file('model#1.tar')[9:21]}.tar"
    assert keys.file("out/plot 1 (b).png") == "out/plot 1 (b).png"


@given(NAMES, st.sampled_from(["", "/Users/me/"]))
def test_the_name_of_an_experiment_is_one_that_databases_take(name: str, prefix: str) -> None:
    found = keys.experiment(name, prefix)
    assert found.isprintable() and 0 < keys.length(found) <= 250
    assert found.startswith(prefix)


@given(st.text(max_size=80), st.integers(3, 40))
def test_a_value_that_is_too_long_is_shortened_and_looks_it(text: str, most: int) -> None:
    found = keys.value(text, most)
    assert keys.length(found) <= most
    assert found == text.replace("\0", "\ufffd") or found.endswith("…")
