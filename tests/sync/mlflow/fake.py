"""An MLflow tracking server within the process: what its REST API does, with the faults that a network has."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any

import orjson

from runstore.errors import Refused, RemoteConflict
from runstore.sync.mlflow.server import Missing, Server
from runstore.sync.retry import Patience

AT_ONCE = Patience(first=0.0, longest=0.0, total=60.0)
LIMITS = {"metrics": 1000, "params": 100, "tags": 100}
KEY = re.compile(r"^[/\w.\- ]*$")


class Store:
    """What is kept there. ``idempotent``: a point that is there already is not added again, as in SQL stores."""

    def __init__(self, idempotent: bool = True) -> None:
        self.idempotent = idempotent
        self.experiments: dict[str, str] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self.files: dict[tuple[str, str], bytes] = {}
        self.asked: list[str] = []
        self.longest_param = 6000

    @property
    def live(self) -> list[dict[str, Any]]:
        return [run for run in self.runs.values() if run["stage"] == "active"]

    def run(self, key: str) -> dict[str, Any]:
        """The run with a tag ``runstore.run_id``."""
        (found,) = [run for run in self.live if run["tags"].get("runstore.run_id") == key]
        return found


class Fake(Server):
    """The door to a store, in the place of a real one.

    Args:
        store: what it opens.
        fault: called before (False) and after (True) each request with its name; what it raises is what happens.
    """

    def __init__(
        self,
        store: Store,
        fault: Callable[[str, bool], None] = lambda what, done: None,
        patience: Patience = AT_ONCE,
    ) -> None:
        super().__init__("mlflow+http://127.0.0.1:1", patience)
        self.kept, self._fault, self._lock = store, fault, RLock()

    def ask(self, what: str, body: object = None, *, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        with self._lock:
            self._fault(what, False)
            self.kept.asked.append(what)
            given = orjson.loads(body) if isinstance(body, bytes) else body if body is not None else query
            answer = getattr(self, "_" + re.sub(r"\W", "_", what))(given)
            self._fault(what, True)
            return dict(answer or {})

    def upload(self, place: str, path: str, write: Callable[[Path], bool]) -> int:
        with TemporaryDirectory() as directory:
            local = Path(directory, path.rpartition("/")[2])
            if not write(local):
                return 0
            with self._lock:
                self._fault("upload", False)
                self.kept.files[place, path] = local.read_bytes()
                self._fault("upload", True)
                return local.stat().st_size

    def download(self, place: str, path: str) -> bytes:
        return self.kept.files[place, path]

    def store(self, place: str) -> Any:
        return None

    @property
    def version(self) -> str:
        return "3"

    # ---- experiments

    def _experiments_search(self, given: Any) -> Any:
        return {"experiments": []}

    def _experiments_get_by_name(self, given: Any) -> Any:
        if given["experiment_name"] not in self.kept.experiments:
            raise Missing("no such experiment")
        return {"experiment": {"experiment_id": self.kept.experiments[given["experiment_name"]]}}

    def _experiments_create(self, given: Any) -> Any:
        if given["name"] in self.kept.experiments:
            raise RemoteConflict("it is there")
        found = self.kept.experiments[given["name"]] = str(len(self.kept.experiments) + 1)
        return {"experiment_id": found}

    # ---- runs

    def _found(self, given: Any) -> dict[str, Any]:
        if given["run_id"] not in self.kept.runs:
            raise Missing("no such run")
        return self.kept.runs[given["run_id"]]

    def _active(self, given: Any) -> dict[str, Any]:
        found = self._found(given)
        if found["stage"] != "active":
            raise Refused("the run must be in the 'active' state")
        return found

    def _told(self, run_id: str) -> dict[str, Any]:
        run = self.kept.runs[run_id]
        info = {
            "run_id": run_id, "artifact_uri": f"mlflow-artifacts:/{run_id}", "status": run["status"],
            "lifecycle_stage": run["stage"], "run_name": run["name"], "end_time": run["end"],
        }  # fmt: skip
        data = {kind: [{"key": k, "value": v} for k, v in run[kind].items()] for kind in ("params", "tags")}
        return {"run": {"info": info, "data": data}}

    def _runs_create(self, given: Any) -> Any:
        run_id = f"{len(self.kept.runs) + 1:032x}"
        self.kept.runs[run_id] = {
            "experiment": given["experiment_id"], "status": "RUNNING", "stage": "active", "name": given["run_name"],
            "start": given["start_time"], "end": None, "params": {}, "points": [],
            "tags": {one["key"]: one["value"] for one in given["tags"]},
        }  # fmt: skip
        return self._told(run_id)

    def _runs_search(self, given: Any) -> Any:
        match = re.fullmatch(r"tags\.`(.+)` = '(.+)'", given["filter"])
        assert match
        found = [
            self._told(run_id)["run"]
            for run_id, run in self.kept.runs.items()
            if run["tags"].get(match[1]) == match[2] and run["experiment"] in given["experiment_ids"]
        ]
        return {"runs": found}

    def _runs_get(self, given: Any) -> Any:
        self._found(given)
        return self._told(given["run_id"])

    def _runs_update(self, given: Any) -> Any:
        run = self._active(given)
        run["status"], run["name"] = given["status"], given["run_name"]
        run["end"] = given.get("end_time", run["end"])

    def _runs_delete(self, given: Any) -> Any:
        self._active(given)["stage"] = "deleted"

    def _runs_restore(self, given: Any) -> Any:
        self._found(given)["stage"] = "active"

    def _runs_set_tag(self, given: Any) -> Any:
        self._active(given)["tags"][given["key"]] = given["value"]

    def _runs_delete_tag(self, given: Any) -> Any:
        if self._active(given)["tags"].pop(given["key"], None) is None:
            raise Missing("no such tag")

    # ---- what is logged

    def _runs_log_batch(self, given: Any) -> Any:
        run = self._active(given)
        for kind, most in LIMITS.items():
            assert len(given.get(kind, ())) <= most
        assert sum(len(given.get(kind, ())) for kind in LIMITS) <= 1000
        for one in [one for kind in LIMITS for one in given.get(kind, ())]:
            if not KEY.fullmatch(one["key"]) or len(one["key"].encode()) > 250 or "poison" in one["key"]:
                raise Refused(f"bad key {one['key']}")
        for one in given.get("params", ()):
            if len(one["value"].encode()) > self.kept.longest_param:
                raise Refused("the value is too long")
            if run["params"].setdefault(one["key"], one["value"]) != one["value"]:
                raise Refused("changing param values is not allowed")
        for one in given.get("metrics", ()):
            assert one["timestamp"] >= 0
            point = one["key"], float(one["value"]), one["timestamp"], one["step"]
            if not (self.kept.idempotent and any(same(point, other) for other in run["points"])):
                run["points"].append(point)
            self._fault("point", True)
        for one in given.get("tags", ()):
            assert len(one["value"].encode()) <= 5000
            run["tags"][one["key"]] = one["value"]

    def _metrics_get_history(self, given: Any) -> Any:
        run = self._found(given)
        found = [point for point in run["points"] if point[0] == given["metric_key"]]
        start = int(given.get("page_token", 0))
        page = [{"key": k, "value": v, "timestamp": t, "step": s} for k, v, t, s in found[start : start + 100]]
        return {"metrics": page} | ({"next_page_token": str(start + 100)} if len(found) > start + 100 else {})

    def _artifacts_list(self, given: Any) -> Any:
        under, found = given.get("path", ""), {}
        for (place, path), data in self.kept.files.items():
            if place == f"mlflow-artifacts:/{given['run_id']}" and path.startswith(f"{under}/" if under else ""):
                rest = path[len(under) + 1 :] if under else path
                name = f"{under}/{rest.partition('/')[0]}".lstrip("/")
                found[name] = {"path": name, "is_dir": "/" in rest, "file_size": len(data)}
        return {"files": list(found.values())}


def same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two points are one to MLflow's SQL stores."""
    alike = one[1] == other[1] or (math.isnan(one[1]) and math.isnan(other[1]))
    return alike and one[:1] + one[2:] == other[:1] + other[2:]
