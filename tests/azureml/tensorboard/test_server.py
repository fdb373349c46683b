"""TensorBoard over runs."""

from __future__ import annotations

import pytest

from runstore.azureml.core import Run
from runstore.azureml.exceptions import NotYetException
from runstore.azureml.tensorboard import Tensorboard


def test_it_can_be_made_for_one_run_or_several_and_not_yet_started(run: Run) -> None:
    board = Tensorboard([run, run], local_root="logs", port=6007)
    assert (board.runs, board.local_root, board.port) == ([run, run], "logs", 6007)
    assert Tensorboard(run).runs == [run]
    for call in (board.start, board.stop):
        with pytest.raises(NotYetException):
            call()
