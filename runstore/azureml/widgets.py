"""Azure ML SDK v1: ``azureml.widgets``."""

from __future__ import annotations

from typing import Any

from runstore.azureml import later


class RunDetails:
    """The widget of a run: constructible; shown when the page and the widget are built."""

    def __init__(self, run_instance: Any) -> None:
        """Name the run."""
        self.run_instance = run_instance

    show = later.method("RunDetails.show()", later.WIDGET)
    get_widget_data = later.method("RunDetails.get_widget_data()", later.WIDGET)
