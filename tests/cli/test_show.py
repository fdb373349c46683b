"""One run on one screen, trouble first."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import runstore
from runstore.cli import follow, show
from runstore.cli.text import width
from runstore.launch.config import Environment, ScriptRunConfig
from tests.cli import scenes
from tests.cli.conftest import Call


@pytest.fixture
def rich(ws: runstore.Workspace) -> str:
    return scenes.rich(ws)


def test_everything_is_on_the_screen(rich: str, call: Call) -> None:
    shown = call("show", rich[:5]).stdout
    lines = shown.splitlines()
    assert lines[0] == "Failed  big"
    assert "! error: ZeroDivisionError: no\\nway" in lines
    for words in (
        ("id", rich), ("lr", "0.1"), ("o.n", "adam"), ("verdict", "good"), ("sample", "1"), ("t", "v"),
        ("commit", "abc"), ("description", "what", "it", "is", "for"), ("out/model.bin", "2", "kB"),
    ):  # fmt: skip
        assert any(line.split()[: len(words)] == list(words) for line in lines), words
    assert any(line.endswith("first note") for line in lines)
    (loss,) = [line.split() for line in lines if line.split()[:1] == ["loss"]]
    assert loss[1:5] == ["0.02", "0.02", "1", "50"]
    assert len(loss[5]) == 24
    assert loss[5][0] == "█"


def test_images_and_charts_are_told_by_their_names_not_file_by_file(ws: runstore.Workspace, call: Call) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    for step in range(3):
        run.log_predictions("predicted", {"n": step}, step=step)
    run.log_text("remark", "ok")
    run.upload_file("model.bin", io.BytesIO(b"x"))
    run.complete()
    lines = [line.split() for line in call("show", run.id).stdout.splitlines()]
    at = lines.index(["images,", "charts", "and", "the", "like"])
    assert lines[at + 1] == ["name", "kind", "count", "step", "newest"]
    assert lines[at + 2] == ["predicted", "predictions", "3", "2", "predicted_2"]
    assert lines[at + 3][:3] == ["remark", "text", "1"]
    (files,) = [place for place, line in enumerate(lines) if line == ["artifacts"]]
    assert [line[0] for line in lines[files + 2 :] if line][:1] == ["model.bin"]
    told = json.loads(call("show", run.id, "--json").stdout)
    assert [one["metric"] for one in told["artifacts"]] == [None, "predicted", "predicted", "predicted", "remark"]


@pytest.mark.parametrize("columns", [50, 80, 160])
def test_no_line_is_wider_than_the_terminal(
    rich: str, call: Call, terminal: Callable[[int], None], columns: int
) -> None:
    terminal(columns)
    assert max(map(width, call("show", rich).stdout.splitlines())) <= columns


def test_a_long_name_takes_one_line(ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]) -> None:
    runstore.start_run("mnist", name="x" * 200, workspace=ws).complete()
    terminal(80)
    assert width(call("show").stdout.splitlines()[0]) == 80


def test_points_that_could_not_be_kept_are_told_before_all_else(
    ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runstore.cli import show

    true = show.gather

    def lossy(*args: object) -> dict[str, object]:
        return {**true(*args), "dropped": 1234, "warnings": 2}  # type: ignore[arg-type]

    monkeypatch.setattr(show, "gather", lossy)
    lines = call("show", scenes.finished(ws)).stdout.splitlines()
    assert lines.index("! 1,234 points could not be kept (a full or failing disk); they are in no metric") < (
        lines.index("params")
    )
    assert "! 2 warnings recorded" in lines


def test_the_last_warnings_and_errors_are_told_in_a_line_each(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        handler = runstore.LogHandler(run)
        for number in range(4):
            handler.handle(logging.LogRecord("train", 30, "f", 1, "slow %d\nmore", (number,), None))
        handler.handle(logging.LogRecord("train", 40, "f", 1, "bad", (), (ValueError, ValueError("no"), None)))
    lines = call("show", run.id).stdout.splitlines()
    at = lines.index("! 4 warnings recorded")
    assert lines[at : at + 5] == [
        "! 4 warnings recorded", "! 1 error recorded", "!   WARNING train: slow 2", "!   WARNING train: slow 3",
        "!   ERROR train: bad: ValueError: no",
    ]  # fmt: skip


def test_without_a_name_the_newest_run_is_shown(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="old")
    scenes.finished(ws, run_id="new")
    assert json.loads(call("show", "--json").stdout)["run_id"] == "new"


def test_a_beginning_that_several_share_is_refused(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="same-a")
    scenes.finished(ws, run_id="same-b")
    done = call("show", "same")
    assert done.exit_code == 1
    assert "2 runs begin with 'same'" in done.stderr


def test_a_run_with_nothing_in_it_is_shown_too(ws: runstore.Workspace, call: Call) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    assert "Running" in call("show", run.id).stdout
    run.complete()


def test_following_goes_on_until_the_run_ends(
    ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runstore.start_run("mnist", workspace=ws)
    waits = iter([lambda: run.log("loss", 1.0), run.complete])
    monkeypatch.setattr(follow, "time", SimpleNamespace(sleep=lambda seconds: next(waits)()))
    done = call("show", run.id, "-f")
    assert done.stdout.startswith("Completed")
    assert "loss" in done.stdout


def test_what_is_logged_is_shown_harmless(ws: runstore.Workspace, call: Call) -> None:
    evil = "\x1b[2J\u202e"
    with runstore.start_run(evil, name=evil, params={evil: evil}, tags={evil: evil}, workspace=ws) as run:
        run.log(evil, evil)
        run.log_row(evil, x=1)
        run.upload_file(evil.replace("/", ""), io.BytesIO(b"x"))
    for options in ((), ("--json",)):
        shown = call("show", run.id, *options).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_the_command_line_and_the_snapshot_are_told(
    ws: runstore.Workspace, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNSTORE_PROVENANCE")
    monkeypatch.setattr(sys, "argv", ["train.py", "--lr", "0.1", "--token", "hunter2"])
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.chdir(tmp_path)
    with runstore.start_run("x", workspace=ws, snapshot_directory=tmp_path) as run:
        pass
    lines = [line.split(None, 1) for line in call("show").stdout.splitlines() if line]
    assert ["command", "train.py --lr 0.1 --token [redacted]"] in lines
    assert ["snapshot", run.get_snapshot_id()] in lines
    assert json.loads(call("show", "--json").stdout)["provenance"]["directory"]


def test_logs_and_models_are_told_by_their_names(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        print("hello")
        run.upload_file("outputs/m.bin", io.BytesIO(b"x"))
        run.register_model("digits", model_path="outputs/m.bin")
    lines = [line.split(None, 1) for line in call("show", run.id).stdout.splitlines() if line]
    assert ["models", "digits v1"] in lines
    assert ["logs", "user_logs/std_log.txt (6 B)"] in lines


def test_a_text_of_several_lines_takes_one(ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]) -> None:
    with runstore.start_run("mnist", workspace=ws) as run:
        run.description = "one\n  two"
        run.note("long " * 40)
    terminal(60)
    lines = call("show", run.id).stdout.splitlines()
    assert any(line.split() == ["description", "one", "two"] for line in lines)
    assert max(map(width, lines)) <= 60


def test_what_a_run_used_is_told_with_whose_it_is(ws: runstore.Workspace, call: Call) -> None:
    with runstore.start_run("mnist", run_id="maker-of-it", workspace=ws) as maker:
        maker.upload_file("m.bin", io.BytesIO(b"x"))
    with runstore.start_run("mnist", workspace=ws) as run:
        run.use_artifact(maker, "m.bin")
    lines = call("show", run.id).stdout.splitlines()
    assert ["used", "m.bin of maker-of-it"] in [line.split(None, 1) for line in lines]
    told = json.loads(call("show", run.id, "--json").stdout)
    assert told["inputs"] == [{"run_id": "maker-of-it", "name": "m.bin", "version": 1}]


def test_of_a_file_by_reference_is_told_where_it_lies(ws: runstore.Workspace, call: Call, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b")
    with runstore.start_run("mnist", workspace=ws) as run:
        run.upload_file("data.csv", path, reference=True)
        run.upload_file("copy.csv", path)
    lines = [line.split() for line in call("show", run.id).stdout.splitlines()]
    assert ["name", "size", "type", "sha256", "lies", "at"] in lines
    assert [line[-1] for line in lines if line[:1] == ["data.csv"]] == [path.as_uri()]
    told = {one["name"]: one["reference"] for one in json.loads(call("show", run.id, "--json").stdout)["artifacts"]}
    assert told == {"copy.csv": None, "data.csv": path.as_uri()}


def test_of_a_submitted_run_it_shows_what_was_asked_for(ws: runstore.Workspace, call: Call) -> None:
    run = runstore.start_run("mnist", run_id="mnist_1764067000_0a1b2c3d", workspace=ws)
    config = ScriptRunConfig("src", "train.py", ["--alpha", 0.4], environment=Environment("mine", packages=["scipy"]))
    run._record("definition", config.definition())
    run._phase("Preparing")
    lines = call("show", run.id).stdout.splitlines()
    assert lines[0] == "Preparing  mnist_1764067000_0a1b2c3d"
    told = [line.split(None, 1) for line in lines]
    assert ["script", "train.py --alpha 0.4"] in told
    assert ["environment", "mine (scipy)"] in told
    assert "duration" in [words[0] for words in told if words]
    assert json.loads(call("show", run.id, "--json").stdout)["definition"]["arguments"] == ["--alpha", "0.4"]


def test_of_a_sweep_that_was_cut_short_it_says_how_it_goes_on(ws: runstore.Workspace) -> None:
    told = {"error": "vanished", "dropped": 0, "warnings": 0, "errors": 0, "said": [], "type": "hyperdrive"}
    line = show._trouble({**told, "run_id": "HD_1"})[1]
    assert line == "! error: vanished (its process died without a word); `runstore submit --resume HD_1` goes on"
    assert "--resume" not in show._trouble({**told, "run_id": "a", "type": None})[1]
