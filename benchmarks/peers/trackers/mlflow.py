"""MLflow, with its tracking store in a SQLite file."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from benchmarks.peers.trackers import Curve, Params, Tracker


class Mlflow(Tracker):
    """Its fluent calls for logging, its client for reading."""

    title = "MLflow"
    packages = ("mlflow", "SQLAlchemy")
    used = (
        "`sqlite:///` tracking URI, empty store made before; `log_metric`, `log_metrics(dict)`; the long curve written "
        "by `log_batch` of 1,000; `MlflowClient().search_runs`, `get_metric_history`"
    )
    slowness = 100
    variables: ClassVar[Mapping[str, str]] = {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "GIT_PYTHON_REFRESH": "quiet",
    }

    def _mlflow(self) -> Any:
        import mlflow

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        mlflow.set_tracking_uri(f"sqlite:///{self.place}/mlflow.db")
        return mlflow

    def prepare(self) -> None:
        self._mlflow().create_experiment("e", artifact_location=(self.place / "artifacts").as_uri())

    def start(self, name: str, params: Params) -> None:
        self._library = self._mlflow()
        self._library.set_experiment("e")
        self._library.start_run(run_name=name)
        self._library.log_params(params)

    def scalars(self, values: Iterable[float]) -> None:
        log = self._library.log_metric
        for step, value in enumerate(values):
            log("loss", value, step=step)

    def rows(self, rows: Iterable[Mapping[str, float]]) -> None:
        log = self._library.log_metrics
        for step, row in enumerate(rows):
            log(row, step=step)

    def finish(self) -> None:
        self._library.end_run()

    def fill(self, values: Iterable[float]) -> None:
        from mlflow.entities import Metric

        client, run_id = self._library.MlflowClient(), self._library.active_run().info.run_id
        points = enumerate(values)
        while some := list(itertools.islice(points, 1000)):
            now = int(time.time() * 1000)
            client.log_batch(run_id, metrics=[Metric("loss", value, now, step) for step, value in some])

    def _runs(self, **how: Any) -> list[Any]:
        self._client = self._mlflow().MlflowClient()
        experiment = self._client.get_experiment_by_name("e")
        return list(self._client.search_runs([experiment.experiment_id], **how))

    def leaderboard(self, params: Sequence[str]) -> list[tuple[Any, ...]]:
        runs = self._runs(order_by=["metrics.loss ASC"], max_results=50_000)
        return [(run.data.metrics["loss"], *(float(run.data.params[name]) for name in params)) for run in runs]

    def curve(self) -> Curve:
        (run,) = self._runs()
        points = self._client.get_metric_history(run.info.run_id, "loss")
        return [point.step for point in points], [point.value for point in points]


TRACKER = Mlflow
