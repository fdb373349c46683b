"""Metrics as TensorBoard's event files."""

from __future__ import annotations

from runstore.azureml import later

export_to_tensorboard = later.method("export_to_tensorboard()", later.WIDGET)
