"""Values that are printed."""

from __future__ import annotations

import io
import sys

import pytest

from runstore.azureml.core import printing


def test_what_is_printed_goes_where_stdout_leads_then(monkeypatch: pytest.MonkeyPatch) -> None:
    swapped = io.StringIO()
    monkeypatch.setattr(sys, "stdout", swapped)
    printing.PrintingRun("r").log("loss", 0.5)
    assert swapped.getvalue().splitlines()[1] == "0.5"


def test_a_generator_is_read_once_and_shown() -> None:
    run = printing.PrintingRun("r")
    run.log_list("n", (number for number in range(2)))
    run.log_list("n", 3)
    assert run.get_metrics() == {"n": [0, 1, 3]}


def test_rows_with_gaps_are_columns_of_one_length() -> None:
    run = printing.PrintingRun("r")
    run.log_row("t", x=1)
    run.log_row("t", y=2)
    assert run.get_metrics() == {"t": {"x": [1, None], "y": [None, 2]}}
