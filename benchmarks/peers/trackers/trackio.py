"""Trackio, with its database in a directory of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from benchmarks.peers.trackers import Curve, Params, Tracker

FINAL = """
SELECT m.run_id, m.metrics FROM metrics m JOIN (SELECT run_id, max(step) AS step FROM metrics GROUP BY run_id) l
ON m.run_id = l.run_id AND m.step = l.step
"""


class Trackio(Tracker):
    """Local: nothing is sent anywhere."""

    title = "Trackio"
    packages = ("trackio",)
    used = (
        "local SQLite, monitors of the machine off; `trackio.log(dict, step=)`; reading by its `SQLiteStorage`: "
        "`query_project` (SQL) with `get_all_run_configs`, `get_metric_values`"
    )
    slowness = 5
    variables: ClassVar[Mapping[str, str]] = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}

    def _trackio(self) -> Any:
        os.environ["TRACKIO_DIR"] = str(self.place / "trackio")  # read when it is imported
        import trackio

        return trackio

    def start(self, name: str, params: Params) -> None:
        self._library = self._trackio()
        self._library.init(project="p", name=name, config=dict(params), auto_log_gpu=False, auto_log_cpu=False)

    def scalars(self, values: Iterable[float]) -> None:
        log = self._library.log
        for step, value in enumerate(values):
            log({"loss": value}, step=step)

    def rows(self, rows: Iterable[Mapping[str, float]]) -> None:
        log = self._library.log
        for step, row in enumerate(rows):
            log(row, step=step)

    def finish(self) -> None:
        self._library.finish()

    def leaderboard(self, params: Sequence[str]) -> list[tuple[Any, ...]]:
        self._trackio()
        from trackio.sqlite_storage import SQLiteStorage

        configs = SQLiteStorage.get_all_run_configs("p")
        board = []
        for row in SQLiteStorage.query_project("p", FINAL)["rows"]:
            metrics, config = row["metrics"], configs[row["run_id"]]
            metrics = metrics if isinstance(metrics, dict) else json.loads(metrics)
            board.append((metrics["loss"], *(config[name] for name in params)))
        return sorted(board)

    def curve(self) -> Curve:
        self._trackio()
        from trackio.sqlite_storage import SQLiteStorage

        runs = SQLiteStorage.get_runs("p")  # none where it was killed before it had saved anything
        points = [point for run in runs for point in SQLiteStorage.get_metric_values("p", run, "loss")]
        return [point["step"] for point in points], [point["value"] for point in points]


TRACKER = Trackio
