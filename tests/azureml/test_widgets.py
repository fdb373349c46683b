"""The widget of a run."""

from __future__ import annotations

import pytest

from runstore.azureml.core import Run
from runstore.azureml.exceptions import NotYetException
from runstore.azureml.widgets import RunDetails


def test_it_can_be_made_and_not_yet_shown(run: Run) -> None:
    widget = RunDetails(run)
    assert widget.run_instance is run
    for call in (widget.show, widget.get_widget_data):
        with pytest.raises(NotYetException):
            call()
