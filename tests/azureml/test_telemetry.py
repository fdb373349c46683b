"""Nothing is collected."""

from __future__ import annotations

from runstore.azureml.telemetry import set_diagnostics_collection


def test_any_choice_is_accepted() -> None:
    for choice in (True, False):
        assert set_diagnostics_collection(send_diagnostics=choice) is None  # type: ignore[func-returns-value]
