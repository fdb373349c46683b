"""Experiments and runs as they are there: found, or made once, whoever else makes them at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from runstore.errors import Refused, RemoteConflict
from runstore.sync.mlflow.picture import DELETED, KEY, RUN_NAME, Picture
from runstore.sync.mlflow.server import Missing, Server, understood
from runstore.sync.retry import retry


@dataclass(slots=True)
class There:
    """A run as MLflow has it. ``place``: where its artifacts go."""

    id: str
    place: str = ""
    status: str = ""
    end: int = 0
    name: str = ""
    active: bool = True
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def there(told: dict[str, Any]) -> There:
    """Out of what MLflow tells of a run.

    Raises:
        Refused: it is no run.
    """
    with understood("a run"):
        info, data = told["info"], told.get("data", {})
        params, tags = (
            {str(one["key"]): str(one.get("value", "")) for one in data.get(kind, ())} for kind in ("params", "tags")
        )
        return There(
            id=str(info.get("run_id") or info["run_uuid"]), place=str(info.get("artifact_uri", "")),
            status=str(info.get("status", "")), end=int(info.get("end_time") or 0),
            name=str(info.get("run_name") or tags.get(RUN_NAME, "")),
            active=info.get("lifecycle_stage", "active") == "active", params=params, tags=tags,
        )  # fmt: skip


class Catalog:
    """What was found there by now. Threads may share it."""

    def __init__(self, server: Server) -> None:
        self._server, self._lock = server, Lock()
        self._experiments: dict[str, str] = {}
        self._made: set[str] = set()  # by us, just now: nothing is in it but what we have tried to make
        self._tried: set[str] = set()

    def experiment(self, name: str) -> str:
        """The id of an experiment, made where there is none.

        Raises:
            Refused: it was deleted there.
        """
        with self._lock:
            if name not in self._experiments:
                self._experiments[name] = retry(lambda: self._experiment(name), self._server.patience)
            return self._experiments[name]

    def _experiment(self, name: str) -> str:
        found = self._named(name)
        if found is None:
            try:
                answer = self._server.ask("experiments/create", {"name": name})
                with understood("experiments/create"):
                    made = str(answer["experiment_id"])
                self._made.add(made)
                return made
            except RemoteConflict:  # somebody has made it just now
                found = self._named(name)
        if found is None or found.get("lifecycle_stage", "active") != "active":
            raise Refused(f"experiment {name!r} is deleted in MLflow; restore it there, or delete it for good")
        with understood("experiments/get-by-name"):
            return str(found["experiment_id"])

    def _named(self, name: str) -> dict[str, Any] | None:
        try:
            answer = self._server.ask("experiments/get-by-name", query={"experiment_name": name})
        except Missing:
            return None
        with understood("experiments/get-by-name"):
            return dict(answer["experiment"])

    def run(self, run_id: str) -> There | None:
        """A run by MLflow's id; None where there is none."""
        try:
            return there(self._server.sure("runs/get", query={"run_id": run_id, "run_uuid": run_id}).get("run", {}))
        except Missing:
            return None

    def find(self, experiment: str, key: str) -> There | None:
        """The run with this tag ``KEY``; of several, made by several at once, the one that all of them take."""
        if experiment in self._made and key not in self._tried:
            return None
        found = retry(lambda: self._find(experiment, key), self._server.patience)
        return found[0] if found else None

    def _find(self, experiment: str, key: str) -> list[There]:
        body = {
            "experiment_ids": [experiment], "filter": f"tags.`{KEY}` = '{key}'", "run_view_type": "ALL",
            "max_results": 100,
        }  # fmt: skip
        answer = self._server.ask("runs/search", body)
        with understood("runs/search"):
            found = [there(one) for one in answer.get("runs", ())]
        return sorted(found, key=lambda one: (not one.active and DELETED not in one.tags, one.id))

    def make(self, experiment: str, key: str, picture: Picture) -> There:
        """A run that was not found, made; after an answer that was lost, looked for before it is made again."""
        self._tried.add(key)
        tries = 0

        def once() -> There:
            nonlocal tries
            tries += 1
            if tries > 1 and (found := self._find(experiment, key)):
                return found[0]
            body = {
                "experiment_id": experiment, "start_time": picture.start, "run_name": picture.name,
                "user_id": picture.user, "tags": [{"key": KEY, "value": key}],
            }  # fmt: skip
            return there(self._server.ask("runs/create", body).get("run", {}))

        made = retry(once, self._server.patience)
        first = self.find(experiment, key)
        if first is None or first.id == made.id:
            return made
        self._server.sure("runs/delete", {"run_id": made.id})
        return first

    def files(self, run_id: str) -> dict[str, int]:
        """The artifacts of a run that are there, with their sizes."""
        found: dict[str, int] = {}
        folders = [""]
        while folders:
            query = {"run_id": run_id, "run_uuid": run_id, "path": folders.pop()}
            while True:
                answer = self._server.sure("artifacts/list", query={k: v for k, v in query.items() if v})
                with understood("artifacts/list"):
                    for one in answer.get("files", ()):
                        if one.get("is_dir"):
                            folders.append(str(one["path"]))
                        else:
                            found[str(one["path"])] = int(one.get("file_size") or 0)
                query["page_token"] = str(answer.get("next_page_token") or "")
                if not query["page_token"]:
                    break
        return found
