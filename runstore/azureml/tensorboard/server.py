"""TensorBoard over the event files of runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runstore.azureml import later


class Tensorboard:
    """A TensorBoard of some runs: constructible; started when the page is built."""

    def __init__(
        self, runs: Any, local_root: str | None = None, port: int = 6006, use_display_name: bool = False
    ) -> None:
        """Name the runs and the port."""
        self.runs: Sequence[Any] = list(runs) if isinstance(runs, list | tuple) else [runs]
        self.local_root, self.port, self.use_display_name = local_root, port, use_display_name

    start = later.method("Tensorboard.start()", later.WIDGET)
    stop = later.method("Tensorboard.stop()", later.WIDGET)
