"""What a run is, as one dict and as one row."""

from __future__ import annotations

import logging
import re

import pytest

import runstore


def test_a_run_that_goes_on_has_no_end(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    run.add_properties({"p": 1, "q": "x"})
    found = run.get_details()
    assert (found["runId"], found["target"], found["status"]) == ("r", "local", "Running")
    assert (found["services"], found["inputDatasets"], found["outputDatasets"]) == ({}, [], [])
    assert (found["properties"]["p"], found["properties"]["q"]) == ("1", "x")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", found["startTimeUtc"])
    assert not {"endTimeUtc", "error", "warnings"} & found.keys()
    run.complete()
    assert found["startTimeUtc"] < run.get_details()["endTimeUtc"]


def test_an_error_is_told_in_its_own_error(ws: runstore.Workspace) -> None:
    with pytest.raises(ValueError, match="bad"), ws.experiment("e").start_logging() as run:
        raise ValueError("bad\nthing")
    error = run.get_details()["error"]["error"]
    assert (error["code"], error["debug_type"], error["debug_message"]) == ("UserError", "ValueError", "bad\nthing")
    assert "ValueError" in error["message"]
    assert "test_an_error_is_told" in error["debug_stack_trace"]
    assert run.error == "ValueError: bad\nthing"


@pytest.mark.parametrize("outside", [False, True])
def test_an_error_told_as_text_has_a_code_and_a_message(ws: runstore.Workspace, outside: bool) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    (ws.get_run("r") if outside else run).fail("no data", "DataError")
    if outside:
        run.fail("something else")
    assert run.get_details()["error"] == {"error": {"code": "DataError", "message": "no data"}}
    assert run.get_details()["status"] == "Failed"


def test_a_canceled_run_has_no_error(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging(run_id="r")
    ws.get_run("r").cancel()
    run.fail("late")
    assert (run.status, run.error, "error" in run.get_details()) == ("Canceled", None, False)


@pytest.mark.parametrize("error", [3, ["a"], object(), b"bytes"])
def test_an_error_is_text_or_an_exception(ws: runstore.Workspace, error: object) -> None:
    run = ws.experiment("e").start_logging()
    with pytest.raises(TypeError):
        run.fail(error)  # type: ignore[arg-type]
    assert run.status == "Running"
    run.complete()


def test_names_are_data_in_html_too(ws: runstore.Workspace) -> None:
    run = ws.experiment("<script>").start_logging(run_id="a&b", type='"<b>')
    run.complete()
    for text in (run._repr_html_(), run.experiment._repr_html_()):
        assert not re.search("<script>|<b>|a&b", text)
        assert "&lt;script&gt;" in text


def test_logs_are_named_with_their_place_or_their_text(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging(run_id="a run") as run:
        run._store("logs/é.txt", b"line\n\xff")
        run._store("outputs/model.pkl", b"bytes")
        run.attach_log("system_logs/tool.txt", b"started\n")
    places = run.get_details()["logFiles"]
    assert places["logs/é.txt"] == f"{run.path.as_uri()}#logs/%C3%A9.txt"
    assert places["system_logs/tool.txt"].startswith("file:///")
    texts = run.get_details_with_logs()["logFiles"]
    assert texts.keys() == places.keys() >= {"logs/é.txt", "system_logs/tool.txt"}
    assert (texts["logs/é.txt"], texts["system_logs/tool.txt"]) == ("line\n\N{REPLACEMENT CHARACTER}", "started\n")


def test_warnings_are_told(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        logging.getLogger("trainer").warning("careful")
    assert run.get_details()["warnings"] == [{"message": "careful"}]
