"""TensorBoard: written by TensorBoardX, read by TensorBoard's own reader of event files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers.trackers import Curve, Params, Tracker

SESSION = "_hparams_/session_start_info"


class Tensorboard(Tracker):
    """A directory of event files for each run."""

    title = "TensorBoardX"
    packages = ("tensorboardX", "tensorboard", "protobuf")
    used = (
        "`SummaryWriter(dir)` with its defaults; `add_scalar`, once for each metric (there is no call for many); "
        "params by `add_hparams`; reading by TensorBoard's `EventAccumulator`; values are float32"
    )
    slowness = 10

    def start(self, name: str, params: Params) -> None:
        from tensorboardX import SummaryWriter

        self._writer, self._params, self._loss = SummaryWriter(str(self.place / "logs" / name)), dict(params), 0.0

    def scalars(self, values: Iterable[float]) -> None:
        log = self._writer.add_scalar
        for step, value in enumerate(values):
            log("loss", value, step)

    def rows(self, rows: Iterable[Mapping[str, float]]) -> None:
        log = self._writer.add_scalar
        for step, row in enumerate(rows):
            for name, value in row.items():
                log(name, value, step)
            self._loss = row["loss"]

    def finish(self) -> None:
        if self._params:
            self._writer.add_hparams(self._params, {"final/loss": self._loss}, name="hparams")
        self._writer.close()

    def _read(self, path: Path) -> Any:
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        events = EventAccumulator(str(path), size_guidance={"scalars": 0})
        events.Reload()
        return events

    def leaderboard(self, params: Sequence[str]) -> list[tuple[Any, ...]]:
        from tensorboard.plugins.hparams.metadata import parse_session_start_info_plugin_data as parsed

        board = []
        for path in (self.place / "logs").iterdir():
            events = self._read(path / "hparams")  # the final value is among them: the run's own events needn't be read
            given = parsed(events.SummaryMetadata(SESSION).plugin_data.content).hparams
            board.append((events.Scalars("final/loss")[-1].value, *(given[name].number_value for name in params)))
        return sorted(board)

    def curve(self) -> Curve:
        (path,) = (self.place / "logs").iterdir()
        points = self._read(path).Scalars("loss")
        return [point.step for point in points], [point.value for point in points]


TRACKER = Tensorboard
