"""Every kind of value is taken as it is given, and a full disk only costs what it can't hold."""

from __future__ import annotations

import errno
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from runstore.errors import InvalidValue, NotWritable, RunClosed, UsageError
from runstore.format import journal
from runstore.runs import forked, process, state
from runstore.runs.workspace import Workspace
from runstore.runs.writer import Writer

PNG = b"\x89PNG\r\n\x1a\n"
GREY = numpy.zeros((2, 3), "uint8")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.png").write_bytes(PNG)
    (tmp_path / "f.mp4").write_bytes(b"\0\0\0\x20ftypisom")
    (tmp_path / "f.mp3").write_bytes(b"ID3\x03")
    (tmp_path / "f.ply").write_bytes(b"ply\n")
    one = Workspace(tmp_path / "w").experiment("e").start_logging(run_id="r")
    yield one
    if one._writer is not None:
        one.complete()


class Plotly:
    def to_plotly_json(self) -> dict[str, Any]:
        return {}

    def to_json(self) -> str:
        return "{}"


class Plot:
    def savefig(self, to: io.BytesIO, format: str) -> None:
        to.write(PNG)


Call = Callable[[Any, str], None]
CALLS: dict[str, tuple[Call, str, str, str]] = {  # the call, the kind, the media type, the artifact's name
    "image": (lambda run, name: run.log_image(name, image=GREY, step=3), "image", "image/png", "*.png"),
    "plot": (lambda run, name: run.log_image(name, plot=Plot(), step=3), "image", "image/png", "*.png"),
    "image file": (lambda run, name: run.log_image(name, "./f.png", step=3), "image", "image/png", "f.png"),
    "figure": (lambda run, name: run.log_figure(name, Plot(), step=3), "figure", "image/png", "*.png"),
    "plotly": (
        lambda run, name: run.log_figure(name, Plotly(), step=3), "figure", "application/vnd.plotly.v1+json", "*.json",
    ),
    "frames": (lambda run, name: run.log_video(name, [GREY, GREY], step=3), "video", "image/apng", "*.png"),
    "video file": (lambda run, name: run.log_video(name, Path("f.mp4"), step=3), "video", "video/mp4", "f.mp4"),
    "text": (lambda run, name: run.log_text(name, "x", step=3), "text", "text/plain", "*.txt"),
    "html": (lambda run, name: run.log_html(name, "<b>x", step=3), "html", "text/html", "*.html"),
    "samples": (lambda run, name: run.log_audio(name, [0.5], 8000, step=3), "audio", "audio/wav", "*.wav"),
    "audio file": (lambda run, name: run.log_audio(name, "f.mp3", step=3), "audio", "audio/mpeg", "f.mp3"),
    "points": (lambda run, name: run.log_point_cloud(name, [[1, 2, 3]], step=3), "point_cloud", "model/ply", "*.ply"),
    "histogram": (lambda run, name: run.log_histogram(name, [1], step=3), "histogram", "application/json", "*.json"),
    "matrix": (
        lambda run, name: run.log_confusion_matrix(name, {}, step=3), "confusion_matrix", "application/json", "*",
    ),
    "counted matrix": (
        lambda run, name: run.log_confusion_matrix(name, y_true=[1], y_pred=[1], step=3),
        "confusion_matrix", "application/json", "*",
    ),
    "table": (lambda run, name: run.log_accuracy_table(name, "{}", step=3), "accuracy_table", "application/json", "*"),
    "residuals": (lambda run, name: run.log_residuals(name, {}, step=3), "residuals", "application/json", "*"),
    "counted residuals": (
        lambda run, name: run.log_residuals(name, y_true=[1], y_pred=[1], step=3), "residuals", "application/json", "*",
    ),
    "predictions": (lambda run, name: run.log_predictions(name, {}, step=3), "predictions", "application/json", "*"),
}  # fmt: skip
each = pytest.mark.parametrize("call", CALLS)


def facts(run: Any) -> list[dict[str, Any]]:
    return [fact for fact in state.fold(run.path).artifacts if "metric" in fact]


def points(run: Any) -> list[list[Any]]:
    paths = sorted(run.path.glob("p-*[0-9a-f]-0000.jsonl"))
    return [item for path in paths for item in journal.read(path.read_bytes()).items()]


@each
def test_a_call_stores_an_artifact_of_its_kind_and_type_under_its_name_and_step(run: Any, call: str) -> None:
    log, kind, media_type, artifact = CALLS[call]
    log(run, "train/a b é ")
    ((fact),) = facts(run)
    assert (fact["metric"], fact["kind"], fact["media_type"], fact["step"]) == ("train/a b é ", kind, media_type, 3)
    if artifact.startswith("*."):
        stem, _, seconds = fact["name"].removesuffix(artifact[1:]).rpartition("_")
        assert stem == "train/a b é "
        assert int(seconds) == fact["time"] // 10**9
    else:
        assert fact["name"] == artifact.replace("*", "train/a b é ")


@each
def test_what_is_logged_again_is_another_artifact(run: Any, call: str) -> None:
    for _ in range(3):
        CALLS[call][0](run, "m")
    assert len({fact["name"] for fact in facts(run)}) == 3
    assert len({fact["sha256"] for fact in facts(run)}) == 1


@each
def test_a_name_that_holds_another_kind_is_refused(run: Any, call: str) -> None:
    run.log_row("m", a=1)
    with pytest.raises(UsageError, match=f"'m' holds a table in this run; log the {CALLS[call][1]} under another name"):
        CALLS[call][0](run, "m")
    assert facts(run) == []


@each
def test_a_name_is_text_and_a_step_an_integer(run: Any, call: str) -> None:
    with pytest.raises(InvalidValue):
        CALLS[call][0](run, 3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="empty"):
        CALLS[call][0](run, "")
    with pytest.raises(InvalidValue, match="step"):
        run.log_predictions("m", {}, step="late")
    assert facts(run) == []


@each
def test_a_full_disk_drops_it_with_one_warning_and_logging_goes_on(
    run: Any, call: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Writer, data: bytes, sha256: str) -> list[int]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "keep", full)
        for _ in range(2):
            CALLS[call][0](run, "m")
        with pytest.raises(NotWritable):
            run.upload_file("other", io.BytesIO(b"x"))
    CALLS[call][0](run, "m")
    run.complete()
    assert len(facts(run)) == 1
    assert state.fold(run.path).dropped == 2
    told = capsys.readouterr().err
    assert (told.count("can't write"), told.count("No space left")) == (1, 1)
    assert "2 points could not be kept" in told


@each
def test_an_ended_run_takes_none(run: Any, call: str) -> None:
    run.complete()
    with pytest.raises(RunClosed):
        CALLS[call][0](run, "m")


@pytest.mark.parametrize("call", [*CALLS, "list", "batch", "rows"])
def test_a_disabled_run_takes_everything_and_does_nothing(
    tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    one: Any = Workspace(tmp_path / "none").experiment("e").start_logging()
    if call in CALLS:
        CALLS[call][0](one, "m")
    one.log_list("l", [1])
    one.log_batch("b", [1])
    one.log_table("t", {"a": [1]})
    one.complete()
    assert not (tmp_path / "none").exists()


def test_a_description_is_said_of_every_kind(run: Any) -> None:
    run.log_list("list", [1], "of a list")
    run.log_table("table", {"a": [1]}, "of a table")
    run.log_text("text", "x", "of a text")
    run.log_predictions("chart", {}, "of a chart")
    run.log_image("image", "f.png", None, "of an image")
    assert state.fold(run.path).descriptions == {
        "list": "of a list", "table": "of a table", "text": "of a text", "chart": "of a chart", "image": "of an image",
    }  # fmt: skip


def test_a_generator_is_read_once_and_an_empty_list_logs_nothing(run: Any) -> None:
    taken: list[int] = []
    run.log_list("g", (taken.append(n) or n for n in range(3)))
    for empty in ([], (), iter([]), numpy.array([])):
        run.log_list("e", empty)
        run.log_batch("e", empty)
    run.log_table("e", {})
    assert taken == [0, 1, 2]
    assert [item[:3] for item in points(run)] == [["g", {"list": [0, 1, 2]}, [0]]]


def test_a_list_may_have_one_step_and_a_batch_its_own(run: Any) -> None:
    run.log_list("l", [1, 2], step=7)
    run.log_batch("b", numpy.array([0.5, 1.5]), steps=numpy.array([3, 4]), times=numpy.array([1, 2], "M8[us]"))
    run.log_batch("b", [2.5])
    (listed, batch, later) = points(run)
    assert listed[:3] == ["l", {"list": [1, 2]}, 7]
    assert batch == ["b", {"list": [0.5, 1.5], "steps": [3, 4], "times": [1000, 2000]}, 3, 1000]
    assert later[:3] == ["b", {"list": [2.5]}, [0]]


@pytest.mark.parametrize(
    ("log", "problem"),
    [
        (lambda run: run.log_list("x", [[1]]), "list"),
        (lambda run: run.log_list("x", "text"), "takes a list"),
        (lambda run: run.log_batch("x", [1, 2], steps=[1]), "1 steps for 2 values"),
        (lambda run: run.log_batch("x", [1, 2], times=[1]), "1 times for 2 values"),
        (lambda run: run.log_table("x", {"a": [1], "b": []}), "unequal length"),
        (lambda run: run.log_table("x", {"a": [b"x"], "b": [1]}), "bytes"),
        (lambda run: run.log_image("x"), "none"),
        (lambda run: run.log_text("x", 3), "takes text"),
        (lambda run: run.log_predictions("x", "{"), "no JSON"),
        (lambda run: run.log_predictions("x", [1]), "a dict or JSON text"),
        (lambda run: run.log_confusion_matrix("x"), "y_true"),
    ],
)
def test_what_is_wrong_raises_at_once_and_stores_nothing(run: Any, log: Callable[[Any], None], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        log(run)
    assert (points(run), facts(run)) == ([], [])


def test_threads_that_log_one_name_at_one_moment_lose_none(run: Any) -> None:
    def log(number: int) -> None:
        for turn in range(20):
            run.log_image("i", plot=Plot())
            run.log_predictions("p", {"n": number, "turn": turn})

    threads = [threading.Thread(target=log, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({fact["name"] for fact in facts(run)}) == len(facts(run)) == 160


def test_a_resumed_run_leaves_the_names_of_the_attempt_before_alone(run: Any) -> None:
    run.log_predictions("p", {"a": 1})
    run.log_image("i", "f.png")
    run.complete()
    again: Any = run.experiment.start_logging(run_id="r")
    again.log_predictions("p", {"a": 2})
    again.log_image("i", "f.png")
    again.complete()
    assert [fact["name"] for fact in facts(run)] == ["p", "f.png", "p_1", "f_1.png"]


def test_ranks_give_names_of_their_own(run: Any) -> None:
    other: Any = run.experiment.start_logging(run_id="r", rank=3)
    run.log_predictions("p", {})
    other.log_predictions("p", {})
    other.log_image("i", "f.png")
    other.complete()
    assert [fact["name"] for fact in facts(run)] == ["p", "p_rank3", "f_rank3.png"]


def test_a_file_that_was_uploaded_before_keeps_its_name(run: Any) -> None:
    run.upload_file("f.png", "f.png")
    run.log_image("i", "f.png")
    assert [(fact["name"], fact["metric"]) for fact in facts(run)] == [("f.png", "i")]


def test_a_forked_child_gives_names_of_its_own_and_never_raises_where_it_gets_no_writer(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forked, "RETRY", 0.0)
    run.log_predictions("p", {})
    process.unwatch(run)
    run.forked()
    with monkeypatch.context() as patch:
        patch.setattr(run, "_new_writer", _refused)
        run.log_list("l", [1, 2, 3])
        run.log_table("t", {"a": [1, 2]})
        run.log_row("t", a=1)
        run.log_predictions("p", {})
    run.log_predictions("p", {})
    child = run._live().identity.writer
    run.complete()
    assert [fact["name"] for fact in facts(run)] == ["p", f"p_{child[:8]}"]
    assert state.fold(run.path).dropped == 7


def _refused(*_: Any) -> Writer:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
