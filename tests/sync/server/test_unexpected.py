"""What nobody foresaw is known outside by an id alone."""

from __future__ import annotations

import logging

import pytest

from runstore.sync.server import unexpected


def test_the_log_has_the_trace_under_the_id_that_is_given(caplog: pytest.LogCaptureFixture) -> None:
    incident = unexpected.log(logging.getLogger("x"), ZeroDivisionError("a secret"))
    assert incident.isalnum()
    assert f"{unexpected.MESSAGE} {incident}" in caplog.text
    assert "ZeroDivisionError: a secret" in caplog.text


def test_each_exception_has_an_id_of_its_own() -> None:
    problem = ZeroDivisionError("a secret")
    assert unexpected.log(logging.getLogger("x"), problem) != unexpected.log(logging.getLogger("x"), problem)
