"""outputs/ and logs/ are taken in while the run goes on, in whole when it ends, and never in the training's way."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files
from runstore.disk.capabilities import CAN
from runstore.errors import UsageError
from runstore.format import names
from runstore.runs import follow, state, watch
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace

PATIENCE = 30.0
PRESENT = lambda: {thread.name for thread in threading.enumerate()}  # noqa: E731


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    return tmp_path / "cwd"


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    assert true()


def start(workspace: Path, **kinds: Any) -> Any:
    return Workspace(workspace).experiment("e").start_logging(**{"outputs": True, **kinds})


def stored(run: Run) -> dict[str, int]:
    """The run's artifacts: name and size."""
    return {fact["name"]: fact["size"] for fact in state.fold(run.path).artifacts}


def text(run: Run) -> bytes:
    """What is kept of the one text log there is: a stream's file, or where there are none the artifact."""
    streams = sorted(run.path.glob("o-*.log"))
    if CAN.unlink_open:
        return b"".join(path.read_bytes() for path in streams)
    facts = [fact for fact in state.fold(run.path).artifacts if fact["name"].startswith("logs/")]
    if not facts:
        return b""
    (number, offset, *_), size = facts[-1]["pack"], facts[-1]["size"]
    pack = run.path / names.pack(facts[-1]["writer"], number)
    return pack.read_bytes()[offset : offset + size]


def write(path: str, data: bytes | str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data.encode() if isinstance(data, str) else data)


def test_the_directories_are_made_at_once(workspace: Path, here: Path) -> None:
    with start(workspace, logs=True):
        assert sorted(path.name for path in here.iterdir()) == ["logs", "outputs"]


def test_nothing_is_watched_unless_it_is_asked_for(workspace: Path, here: Path) -> None:
    with start(workspace, outputs=None), start(workspace, outputs=False, logs=False):
        assert list(here.iterdir()) == []
        assert watch._folders == []


def test_another_directory_may_be_named(workspace: Path, tmp_path: Path) -> None:
    with start(workspace, outputs=tmp_path / "other" / "place", logs=str(tmp_path / "told")) as run:
        write(f"{tmp_path}/other/place/a", "1")
        write(f"{tmp_path}/told/b", b"\0\1")
    assert stored(run) == {"outputs/a": 1, "logs/b": 2}


def test_a_file_is_taken_in_while_the_run_goes_on(workspace: Path) -> None:
    with start(workspace) as run:
        write("outputs/deep/down/model.pkl", b"x" * 300_000)
        until(lambda: stored(run) == {"outputs/deep/down/model.pkl": 300_000})


def test_a_thread_that_something_has_ended_is_replaced(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Thread(target=int)
    ended.start()
    ended.join()
    monkeypatch.setattr(watch, "_thread", ended)
    with start(workspace) as run:
        write("outputs/a", b"x")
        until(lambda: stored(run) == {"outputs/a": 1})


def test_a_file_that_changes_is_taken_in_again_under_its_name(workspace: Path) -> None:
    with start(workspace) as run:
        write("outputs/a", "1")
        until(lambda: stored(run) == {"outputs/a": 1})
        write("outputs/a.tmp", "22")
        os.replace("outputs/a.tmp", "outputs/a")
        until(lambda: stored(run).get("outputs/a") == 2)


def test_at_the_end_everything_is_in_with_what_earlier_runs_left(workspace: Path) -> None:
    write("outputs/stale", "old")
    run = start(workspace)
    write("outputs/last", "new")
    run.complete()
    assert stored(run) == {"outputs/stale": 3, "outputs/last": 3}


@pytest.mark.parametrize("how", ["complete", "fail", "cancel"])
def test_however_it_ends_it_is_in(workspace: Path, how: str) -> None:
    run = start(workspace)
    write("outputs/a", "1")
    getattr(run, how)()
    assert stored(run) == {"outputs/a": 1}


def test_text_logs_are_kept_live_and_in_whole(workspace: Path) -> None:
    with start(workspace, logs=True) as run:
        write("logs/train.log", "epoch 1\n")
        until(lambda: text(run) == b"epoch 1\n")
        with open("logs/train.log", "ab") as log:
            log.write(b"epoch 2\n")
        until(lambda: text(run) == b"epoch 1\nepoch 2\n")
        with open("logs/train.log", "ab") as log:
            log.write(b"the end")
    assert text(run) == b"epoch 1\nepoch 2\nthe end"


def test_a_text_log_made_just_before_the_end_is_in(workspace: Path) -> None:
    with start(workspace, logs=True) as run:
        write("logs/late.log", "late\n")
    assert text(run) == b"late\n"


def test_two_open_runs_both_get_the_files(workspace: Path) -> None:
    with start(workspace) as one, start(workspace) as other:
        write("outputs/a", "1")
        until(lambda: stored(one) == stored(other) == {"outputs/a": 1})


def test_a_file_deleted_here_stays_an_artifact(workspace: Path) -> None:
    with start(workspace) as run:
        write("outputs/a", "1")
        until(lambda: stored(run) == {"outputs/a": 1})
        os.unlink("outputs/a")
    assert stored(run) == {"outputs/a": 1}


def test_what_was_taken_in_survives_sigkill(workspace: Path, here: Path) -> None:
    program = (
        "import sys, time; from runstore.runs.workspace import Workspace\n"
        "run = Workspace(sys.argv[1]).experiment('e').start_logging(run_id='killed', outputs=True, logs=True)\n"
        "open('outputs/a', 'w').write('1'); open('logs/a.log', 'w').write('text'); time.sleep(1000)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(workspace)], cwd=here)
    try:
        until((workspace / "workspace.json").exists)
        run = Run(Workspace(workspace).experiment("e"), "killed")
        until(lambda: stored(run).get("outputs/a") == 1 and text(run) == b"text")
    finally:
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        process.wait()
    assert (stored(run)["outputs/a"], text(run)) == (1, b"text")


def test_a_process_that_just_ends_has_its_files_in(workspace: Path, here: Path) -> None:
    program = (
        "import sys; from runstore.runs.workspace import Workspace\n"
        "run = Workspace(sys.argv[1]).experiment('e').start_logging(run_id='left', outputs=True)\n"
        "open('outputs/a', 'w').write('1')\n"
    )
    subprocess.run([sys.executable, "-c", program, str(workspace)], cwd=here, check=True)
    assert stored(Run(Workspace(workspace).experiment("e"), "left")) == {"outputs/a": 1}


def test_a_forked_child_leaves_the_directory_to_its_parent(workspace: Path) -> None:
    if not CAN.fork:
        return
    run = start(workspace)
    child = os.fork()
    if child == 0:
        write("outputs/child", "1")
        watch.settle(run)
        run.log("loss", 0.5)
        run.complete()
        os._exit(not (watch._thread is None and watch._folders == []))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert stored(run) == {}
    run.complete()
    assert stored(run) == {"outputs/child": 1}


def test_no_thread_is_left_when_the_last_run_has_ended(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "WARM", 0.0)
    one, other = start(workspace), start(workspace)
    one.complete()
    assert "runstore-watch" in PRESENT()
    other.complete()
    until(lambda: not any(name.startswith(("runstore-watch", "Thread-")) for name in PRESENT()))


def test_without_notices_files_are_taken_in_all_the_same(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "WARM", 0.0)
    monkeypatch.setattr(follow.Notices, "follow", lambda self, directory: False)
    with start(workspace) as run:
        write("outputs/a", "1")
        until(lambda: stored(run) == {"outputs/a": 1})


def test_where_no_thread_is_to_be_had_files_are_taken_at_the_end(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    run = Workspace(workspace).experiment("e").start_logging()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        watch.start(run, outputs=True)
    write("outputs/a", "1")
    run.complete()
    assert stored(run) == {"outputs/a": 1}


def test_a_directory_that_cannot_be_made_is_warned_of_and_the_run_goes_on(
    workspace: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("file", "1")
    with start(workspace, outputs=here / "file" / "outputs") as run:
        run.log("loss", 0.5)
    assert "outputs can't be made" in capsys.readouterr().err
    assert (state.fold(run.path).status, state.fold(run.path).warnings) == ("Completed", 1)


def test_a_folder_that_fails_does_not_stop_the_others(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with start(workspace), start(workspace, outputs=tmp_path / "other") as other:
        for folder in watch._folders:
            if folder.root != tmp_path / "other":
                folder.work = None  # type: ignore[assignment,method-assign]
        write(f"{tmp_path}/other/a", "1")
        until(lambda: stored(other) == {"outputs/a": 1})
    assert capsys.readouterr().err.count("can't be followed") == 1


def test_ten_thousand_files_are_read_once(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(workspace)
    for number in range(2_000):
        write(f"outputs/{number % 20}/{number}", str(number))
    watch.settle(run)
    assert len(stored(run)) == 2_000
    for path in Path("outputs").rglob("*"):
        os.utime(path, (1, 1))
    watch.settle(run)
    before = len(state.fold(run.path).artifacts)
    monkeypatch.setattr(type(run), "_store", lambda *_, **__: files.read(Path("nothing is read again")))
    run.complete()
    assert len(state.fold(run.path).artifacts) == before


def test_what_is_there_can_be_referred_to_at_once(workspace: Path) -> None:
    with start(workspace) as run:
        write("outputs/a", "1")
        watch.settle(run)
        assert stored(run) == {"outputs/a": 1}


def test_a_file_taken_by_itself_may_be_uploaded_changed(workspace: Path) -> None:
    with start(workspace) as run:
        write("outputs/a", "1")
        until(lambda: stored(run) == {"outputs/a": 1})
        write("outputs/a", "22")
        run.upload_file("outputs/a", "outputs/a")
        assert stored(run) == {"outputs/a": 2}
    assert [fact["size"] for fact in state.fold(run.path).artifacts] == [1, 2]


def test_a_file_uploaded_by_a_call_and_by_itself_is_stored_once(workspace: Path) -> None:
    with start(workspace) as run:
        write("outputs/a", "1")
        run.upload_file("outputs/a", "outputs/a")
        run.upload_file("outputs/a", "outputs/a")
    assert [fact["size"] for fact in state.fold(run.path).artifacts] == [1]


def test_what_was_written_later_counts_in_the_end(workspace: Path, tmp_path: Path) -> None:
    write("outputs/stale", "old")
    write("outputs/fresh", "old")
    os.utime("outputs/stale", (1, 1))
    time.sleep(0.05)  # older than the file system's clock is coarse
    with start(workspace) as run:
        for name in ("stale", "fresh"):
            run.upload_file(f"outputs/{name}", io.BytesIO(b"by the call"), overwrite=True)
        write("outputs/fresh", "later")
    assert stored(run) == {"outputs/stale": 11, "outputs/fresh": 5}


def test_two_uploads_by_calls_of_other_bytes_are_refused_as_ever(workspace: Path) -> None:
    with start(workspace) as run:
        run.upload_file("outputs/a", io.BytesIO(b"1"))
        with pytest.raises(UsageError, match="other bytes"):
            run.upload_file("outputs/a", io.BytesIO(b"2"))


def test_disabled_the_directories_are_made_and_nothing_is_taken(
    workspace: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    with start(workspace, logs=True) as run:
        write("outputs/a", "1")
        run.upload_file("outputs/a", "outputs/a")
        watch.settle(run)
    assert sorted(path.name for path in here.iterdir()) == ["logs", "outputs"]
    assert (watch._folders, workspace.exists()) == ([], False)
