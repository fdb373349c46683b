"""runstore, as installed where the comparison is started."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.peers.trackers import Curve, Params, Tracker


class Runstore(Tracker):
    """Everything on, as after ``import runstore``."""

    title = "runstore"
    packages = ("runstore", "duckdb", "pyarrow")
    used = (
        "defaults; `run.log(name, value, step=)`, `run.log(dict, step=)`; `ws.sql(...)`: `.fetchall()` of `runs`, "
        "`.to_arrow_table()` of `curve_points`; read after sealing and `runstore compact`"
    )

    def start(self, name: str, params: Params) -> None:
        import runstore

        self._run = runstore.start_run("e", name=name, params=params, workspace=runstore.Workspace(self.place / "ws"))

    def scalars(self, values: Iterable[float]) -> None:
        log = self._run.log
        for step, value in enumerate(values):
            log("loss", value, step=step)

    def rows(self, rows: Iterable[Mapping[str, float]]) -> None:
        log = self._run.log
        for step, row in enumerate(rows):
            log(row, step=step)

    def finish(self) -> None:
        self._run.complete()

    def settle(self) -> None:
        """Sealing goes on in a process of its own, of which only the one that logged knows; then compaction."""
        from benchmarks import clock

        clock.quiet()
        command = [sys.executable, "-m", "runstore", "compact", "--grace", "0", "-w", str(self.place / "ws")]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    def leaderboard(self, params: Sequence[str]) -> list[tuple[Any, ...]]:
        import runstore

        columns = ", ".join(f"params.{name}" for name in params)
        query = f"select last.loss, {columns} from runs order by last.loss"
        return runstore.Workspace(self.place / "ws").sql(query).fetchall()

    def curve(self) -> Curve:
        import runstore

        query = "select step, value from curve_points where name = 'loss'"
        table = runstore.Workspace(self.place / "ws").sql(query).to_arrow_table()
        return table.column(0), table.column(1)


TRACKER = Runstore
