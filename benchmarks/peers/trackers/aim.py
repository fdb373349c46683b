"""Aim, with its repository in a directory of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.peers.trackers import Curve, Params, Tracker


class Aim(Tracker):
    """Local: no server."""

    title = "Aim"
    packages = ("aim", "aimrocks")
    used = (
        "local repository, made before; system metrics and terminal capture off; `run.track(value, name=, step=)`, "
        "`run.track(dict, step=)`; reading by `Repo.query_runs`, `collect_sequence_info` and `run.metrics()`, after "
        "the `aim storage reindex` that they need"
    )
    slowness = 10
    variables: ClassVar[Mapping[str, str]] = {"AIM_UI_TELEMETRY_ENABLED": "0", "AIM_ANALYTICS_ENABLED": "0"}

    def prepare(self) -> None:
        import aim

        aim.Repo.from_path(str(self.place), init=True)

    def start(self, name: str, params: Params) -> None:
        import aim

        self._run = aim.Run(
            repo=str(self.place), experiment="e", system_tracking_interval=None, capture_terminal_logs=False
        )
        self._run.name = name
        self._run["params"] = dict(params)

    def scalars(self, values: Iterable[float]) -> None:
        track = self._run.track
        for step, value in enumerate(values):
            track(value, name="loss", step=step)

    def rows(self, rows: Iterable[Mapping[str, float]]) -> None:
        track = self._run.track
        for step, row in enumerate(rows):
            track(row, step=step)

    def finish(self) -> None:
        self._run.close()

    def _repo(self) -> Any:
        import aim

        return aim.Repo.from_path(str(self.place))

    def admit(self) -> None:
        """Until this is done queries find no run."""
        command = [str(Path(sys.executable).with_name("aim")), "storage", "--repo", str(self.place), "reindex", "-y"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    def leaderboard(self, params: Sequence[str]) -> list[tuple[Any, ...]]:
        board = []
        for found in self._repo().query_runs("", report_mode=0).iter_runs():
            given, metrics = found.run["params"], found.run.collect_sequence_info("metric")["metric"]
            (loss,) = (metric["values"]["last"] for metric in metrics if metric["name"] == "loss")
            board.append((loss, *(given[name] for name in params)))
        return sorted(board)

    def curve(self) -> Curve:
        (found,) = self._repo().query_runs("", report_mode=0).iter_runs()
        (metric,) = found.run.metrics()
        steps, columns = metric.data.view("val").numpy()
        return steps, columns[0]


TRACKER = Aim
