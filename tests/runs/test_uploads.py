"""Files go into a run under names that keep their bytes, and equal bytes go in once."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import pack
from runstore.errors import InvalidValue, RunClosed, StoreError, UsageError
from runstore.format import names
from runstore.runs import state
from runstore.runs.uploads import path_name
from runstore.runs.workspace import Workspace


@pytest.fixture
def run(workspace: Path) -> Any:
    with Workspace(workspace).experiment("e").start_logging() as one:
        yield one


def facts(run: Any) -> list[dict[str, Any]]:
    """The artifacts that a test stored itself."""
    return [fact for fact in state.fold(run.path).artifacts if fact["kind"] in ("file", "image")]


def test_a_small_artifact_goes_to_the_pack_and_a_large_one_lies_loose(run: Any, tmp_path: Path) -> None:
    small, large = b"model", os.urandom(300_000)
    (tmp_path / "large").write_bytes(large)
    run.upload_file("outputs/model.pkl", io.BytesIO(small), step=3)
    run.upload_file("weights", tmp_path / "large")
    one, two = facts(run)
    assert (one["name"], one["size"], one["step"], one["pack"][0]) == ("outputs/model.pkl", 5, 3, 0)
    assert two["pack"] is None
    assert (run.experiment.workspace.path / names.blob(two["sha256"])).read_bytes() == large


def test_an_artifact_that_is_missing_says_which(run: Any, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check the path"):
        run.upload_file("m", tmp_path / "none")
    with pytest.raises(InvalidValue):
        run.upload_file("m", 3)


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/abs", "c:\\x", "C:x", "\\\\host\\x", "a\\..\\b", ""])
def test_a_name_that_leads_out_of_the_run_is_refused(run: Any, name: str) -> None:
    with pytest.raises(UsageError):
        run.upload_file(name, io.BytesIO(b"x"))
    assert facts(run) == []


@pytest.mark.parametrize(
    ("name", "kept"), [("./a", "a"), ("a//b/", "a/b"), ("a/./b", "a/b"), ("a..b/.c ", "a..b/.c "), ("ä b", "ä b")]
)
def test_a_name_is_kept_as_a_relative_path(name: str, kept: str) -> None:
    assert path_name(name) == kept


def test_what_is_logged_may_have_any_name(run: Any) -> None:
    for name in ("../../etc/passwd", "/abs", "a\0b", "c:\\x", "con"):
        assert run._store(name, b"x")["name"] == name


def test_the_same_bytes_under_the_same_name_are_no_news(run: Any) -> None:
    for _ in range(3):
        run.upload_file("a", io.BytesIO(b"data"))
    assert len(facts(run)) == 1


def test_other_bytes_under_the_same_name_are_refused_unless_asked_for(run: Any) -> None:
    run.upload_file("a", io.BytesIO(b"one"))
    with pytest.raises(UsageError, match="overwrite"):
        run.upload_file("a", io.BytesIO(b"other"))
    run.upload_file("a", io.BytesIO(b"other"), overwrite=True)
    assert [fact["sha256"] for fact in facts(run)] == [hashlib.sha256(d).hexdigest() for d in (b"one", b"other")]


def test_a_resumed_run_knows_its_names(run: Any) -> None:
    run.upload_file("a", io.BytesIO(b"one"))
    run.complete()
    with run.experiment.start_logging(run_id=run.id) as again:
        again.upload_file("a", io.BytesIO(b"one"))
        with pytest.raises(UsageError, match="overwrite"):
            again.upload_file("a", io.BytesIO(b"other"))
        assert len(facts(again)) == 1


def test_the_same_bytes_in_two_runs_are_stored_once(run: Any) -> None:
    run.upload_file("a", io.BytesIO(b"data"))
    first = run._store("a", b"data")["pack"]
    writer = run._writer.identity.writer
    run.complete()
    with run.experiment.start_logging() as other:
        assert other._store("b", b"data")["pack"] == [*first, writer, run.id]


def test_files_are_given_with_a_name_each(run: Any, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"1")
    run.upload_files(["x/one", "two"], [tmp_path / "one", io.BytesIO(b"2")])
    assert [fact["name"] for fact in facts(run)] == ["x/one", "two"]
    with pytest.raises(UsageError, match="1 names and 2 paths"):
        run.upload_files(["x"], ["a", "b"])


def test_of_a_repeated_name_the_last_file_counts_with_a_warning(run: Any) -> None:
    with pytest.warns(UserWarning, match="more than once"):
        run.upload_files(["a", "a"], [io.BytesIO(b"first"), io.BytesIO(b"last")])
    assert [fact["sha256"] for fact in facts(run)] == [hashlib.sha256(b"last").hexdigest()]


def test_a_folder_comes_with_everything_below_it(run: Any, tmp_path: Path) -> None:
    for name in ("top", "deep/er/file", ".hidden"):
        (tmp_path / "d" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "d" / name).write_text(name)
    run.upload_folder("data", tmp_path / "d")
    assert [fact["name"] for fact in facts(run)] == ["data/.hidden", "data/top", "data/deep/er/file"]
    with pytest.raises(UsageError, match="no directory"):
        run.upload_folder("data", tmp_path / "d" / "top")


def test_by_reference_only_the_place_is_recorded(run: Any, tmp_path: Path) -> None:
    (tmp_path / "big file").write_bytes(b"x" * pack.SMALL)
    run.upload_file("big", tmp_path / "big file", reference=True)
    (fact,) = facts(run)
    assert fact["reference"] == (tmp_path / "big file").as_uri()
    assert (fact["size"], fact["pack"]) == (pack.SMALL, None)
    assert not (run.experiment.workspace.path / names.blob(fact["sha256"])).exists()
    with pytest.raises(UsageError, match="only a path"):
        run.upload_file("other", io.BytesIO(b"x"), reference=True)


def test_what_is_removed_is_gone_and_its_name_is_free(run: Any) -> None:
    for name in ("a", "b", "c"):
        run.upload_file(name, io.BytesIO(b"data"))
    run.remove_files(["a", "b"])
    run.remove_files("c")
    assert facts(run) == []
    run.upload_file("a", io.BytesIO(b"data"))
    assert [fact["name"] for fact in facts(run)] == ["a"]
    with pytest.raises(UsageError, match="it has 'a'"):
        run.remove_files(["a", "b"])
    assert len(facts(run)) == 1


def test_an_ended_run_takes_no_files_but_lets_them_go(run: Any) -> None:
    run.upload_file("a", io.BytesIO(b"data"))
    run.complete()
    with pytest.raises(RunClosed):
        run.upload_file("b", io.BytesIO(b"data"))
    run.remove_files("a")
    assert facts(run) == []


def test_content_without_a_name_says_in_full_where_it_lies(run: Any) -> None:
    small = run._put(b"small")
    assert small["pack"][2:] == [run._writer.identity.writer, run.id]
    assert run._put(io.BytesIO(bytes(pack.SMALL)))["pack"] is None
    assert facts(run) == []


def test_threads_that_store_the_same_bytes_store_them_once(run: Any) -> None:
    def store(number: int) -> None:
        for name in range(50):
            run._store(f"{number}/{name}", b"content %d" % name, kind="image")

    threads = [threading.Thread(target=store, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(facts(run)) == 200
    assert len({tuple(fact["pack"]) for fact in facts(run)}) == 50


def test_where_runstore_is_disabled_nothing_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    run = Workspace(tmp_path / "none").experiment("e").start_logging()
    run.upload_file("a", tmp_path / "missing")
    run.remove_files("a")
    assert run._store("a", b"x") == run._put(b"x") == {}
