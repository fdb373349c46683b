"""What goes wrong is said in one line, and what to do in another."""

from __future__ import annotations

import json
import re

import pytest

from runstore import errors
from runstore.view.server import problems
from runstore.view.server.problems import Problem


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (errors.RunNotFound("no run x"), 404),
        (errors.ModelNotFound("no model x"), 404),
        (errors.StoreError("no such artifact"), 404),
        (errors.NotWritable("read only"), 403),
        (errors.Damaged("not as it was written"), 422),
        (errors.QueryError("no column"), 400),
        (errors.InvalidValue("a list"), 400),
        (errors.Unreachable("nobody answers"), 502),
        (Problem(418, "tea"), 418),
        (KeyError("x"), 500),
    ],
)
def test_each_kind_has_its_status(problem: Exception, status: int) -> None:
    assert problems.of(problem).status == status


def test_what_to_do_stands_after_the_last_semicolon() -> None:
    found = problems.of(errors.QueryError("no column 'a;b'; the columns are x, y"))
    assert json.loads(bytes(found.answer().body)) == {"error": "no column 'a;b'", "hint": "the columns are x, y"}


def test_a_message_without_one_has_no_hint() -> None:
    assert json.loads(bytes(problems.of(errors.QueryError("no")).answer().body)) == {"error": "no", "hint": ""}


def test_what_nobody_foresaw_is_an_id_to_who_asked_and_a_trace_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    problem = problems.of(ZeroDivisionError("a secret"))
    answer = bytes(problem.answer().body).decode()
    assert re.fullmatch("unexpected error [0-9a-f]{8}", problem.error)
    assert "secret" not in answer
    assert "ZeroDivisionError" not in answer
    assert f"{problem.error}\n" in caplog.text
    assert "ZeroDivisionError: a secret" in caplog.text
