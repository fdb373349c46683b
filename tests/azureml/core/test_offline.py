"""The run that only prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core.offline import _OfflineRun
from runstore.azureml.exceptions import NotYetException, UserErrorException


def test_it_shows_itself_as_a_run() -> None:
    run = _OfflineRun()
    assert repr(run).startswith("Run(Experiment: offline,\nId: OfflineRun_")


def test_it_has_no_files() -> None:
    run = _OfflineRun()
    assert (run.get_file_names(), run.get_all_logs(), run.get_snapshot_id()) == ([], [], None)
    assert run.download_files("outputs") is None  # type: ignore[func-returns-value]
    with pytest.raises(UserErrorException, match="offline"):
        run.download_file("a.txt")


@pytest.mark.parametrize("call", ["restore_snapshot", "register_model", "submit_child", "get_environment"])
def test_what_it_cannot_do_says_so(call: str) -> None:
    with pytest.raises(NotYetException):
        getattr(_OfflineRun(), call)("x")


def test_details_have_the_keys_of_a_run() -> None:
    details = _OfflineRun().get_details()
    assert {"runId", "target", "status", "startTimeUtc", "properties", "logFiles"} <= set(details)
    assert "endTimeUtc" not in details


def test_a_table_is_kept_as_it_was_given() -> None:
    run = _OfflineRun()
    run.log_table("t", {"x": [1, 2]})
    assert run.get_metrics() == {"t": {"x": [1, 2]}}


def test_waiting_returns_at_once() -> None:
    run = _OfflineRun()
    assert run.wait_for_completion(show_output=True)["runId"] == run.id
    assert run.get_detailed_status() == {"status": "Running", "details": None}


def test_secrets_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "t")
    run = _OfflineRun()
    assert run.get_secret("token") == "t"
    assert run.get_secrets(["token", "none"]) == {"token": "t", "none": None}


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run: Any = _OfflineRun()
    with run:
        run.log("a", 1)
        run.upload_file("a", "b")
        run.take_snapshot(".")
        run.flush()
        run.start()
    assert list(tmp_path.iterdir()) == []


def test_create_children_takes_values_of_a_tag_too() -> None:
    assert len(_OfflineRun().create_children(tag_key="a", tag_values=["x", "y"])) == 2
