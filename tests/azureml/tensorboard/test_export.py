"""Metrics for TensorBoard."""

from __future__ import annotations

import pytest

from runstore.azureml.exceptions import NotYetException
from runstore.azureml.tensorboard.export import export_to_tensorboard


def test_exporting_is_not_built_yet() -> None:
    with pytest.raises(NotYetException, match="export_to_tensorboard"):
        export_to_tensorboard([], "logs")
