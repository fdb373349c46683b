"""Log files of a run."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import runstore
from runstore.errors import UsageError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Run:
    monkeypatch.chdir(tmp_path)
    with runstore.start_run("x", run_id="r", workspace=tmp_path / "ws") as run:
        print("one")
        run.attach_log("system_logs/container/main.txt", b"two\n")
        run.upload_file("logs/own.txt", io.BytesIO(b"three\n"))
        run.upload_file("outputs/model.bin", io.BytesIO(b"no log"))
    return run


def test_every_log_is_written_below_the_run_s_id(run: runstore.Run) -> None:
    paths = run.get_all_logs()
    assert {Path(path).as_posix(): Path(path).read_text() for path in paths} == {
        "r/logs/own.txt": "three\n",
        "r/system_logs/container/main.txt": "two\n",
        "r/user_logs/std_log.txt": "one\n",
    }


def test_the_directory_may_be_named_and_must_not_be_a_file(run: runstore.Run, tmp_path: Path) -> None:
    assert all(Path(path).is_relative_to(tmp_path / "there") for path in run.get_all_logs(tmp_path / "there"))
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        run.get_all_logs(tmp_path / "file")


def test_a_log_is_a_file_of_the_run_also_under_its_old_name(run: runstore.Run, tmp_path: Path) -> None:
    assert "user_logs/std_log.txt" in run.get_file_names()
    assert "azureml-logs/70_driver_log.txt" not in run.get_file_names()
    run.download_file("azureml-logs/70_driver_log.txt", tmp_path / "old.txt")
    assert (tmp_path / "old.txt").read_text() == "one\n"


def test_details_name_the_logs_or_hold_their_texts(run: runstore.Run) -> None:
    assert set(run.get_details()["logFiles"]) == {
        "logs/own.txt", "system_logs/container/main.txt", "user_logs/std_log.txt",
    }  # fmt: skip
    assert run.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"] == "one\n"
