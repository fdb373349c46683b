"""Section 9: status and details."""

from __future__ import annotations

import re

import pytest

from runstore.azureml.core import Experiment, Run
from runstore.azureml.exceptions import UserErrorException

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def test_the_detailed_status_says_no_more_where_nothing_is_queued(run: Run) -> None:
    assert run.get_detailed_status() == {"status": "Running", "details": None}


def test_details_of_a_run_that_goes_on(run: Run) -> None:
    run.add_properties({"a": "b"})
    details = run.get_details()
    assert set(details) == {
        "runId", "target", "status", "startTimeUtc", "services", "properties", "inputDatasets", "outputDatasets",
        "logFiles", "submittedBy",
    }  # fmt: skip
    assert (details["runId"], details["status"]) == (run.id, "Running")
    assert TIME.fullmatch(details["startTimeUtc"])
    assert details["properties"] == {"a": "b"}
    assert (details["services"], details["inputDatasets"], details["outputDatasets"]) == ({}, [], [])


def test_of_one_that_has_ended(run: Run) -> None:
    run.complete()
    details = run.get_details()
    assert TIME.fullmatch(details["endTimeUtc"])
    assert details["endTimeUtc"] >= details["startTimeUtc"]
    assert "error" not in details


def test_an_error_is_nested_twice(run: Run) -> None:
    run.fail("no memory")
    assert run.get_details()["error"]["error"]["message"] == "no memory"


def test_only_a_submitted_run_has_a_definition(run: Run) -> None:
    assert "runDefinition" not in run.get_details()


def test_logs_are_links_or_their_text(exp: Experiment) -> None:
    with exp.start_logging(snapshot_directory=None) as run:
        print("hello")
    links, texts = run.get_details()["logFiles"], run.get_details_with_logs()["logFiles"]
    assert links.keys() == texts.keys()
    assert links["user_logs/std_log.txt"].startswith("file:")
    assert texts["user_logs/std_log.txt"] == "hello\n"


def test_an_interactive_run_has_no_environment(run: Run) -> None:
    with pytest.raises(UserErrorException):
        run.get_environment()
