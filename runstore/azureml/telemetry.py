"""Azure ML SDK v1: ``azureml.telemetry``. Nothing here reports anything to anybody."""

from __future__ import annotations


def set_diagnostics_collection(send_diagnostics: bool = True, verbosity: object = None) -> None:
    """Accept the choice; there is nothing to collect."""
