"""Azure ML SDK v1: ``azureml.widgets``."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from runstore.azureml.core.offline import _OfflineRun
from runstore.azureml.core.run import Run
from runstore.azureml.exceptions import UserErrorException
from runstore.azureml.translation import translated

_ENDED = ("Completed", "Failed", "Canceled")


@translated
class RunDetails:
    """The widget of a run: live in a notebook, text everywhere else."""

    def __init__(self, run_instance: Any) -> None:
        """Name the run."""
        self.run_instance = run_instance

    def show(self, render_lib: Any = None, widget_settings: Mapping[str, Any] | None = None) -> None:
        """Show the run until it has ended.

        A notebook goes on at once. Elsewhere this returns when the run has ended; one that this process logs itself is
        shown once, since waiting for it would never end.

        Args:
            render_lib: accepted.
            widget_settings: ``height`` of the widget in CSS pixels; others are accepted.

        Raises:
            UserErrorException: the run is an offline one, of which nothing is kept.
        """
        from runstore.view.notebook import showing, subjects

        height = (widget_settings or {}).get("height")
        tall = height if isinstance(height, int) and height > 0 else showing.HEIGHT
        showing.show(subjects.of_run(self._run()), height=tall, wait=True)

    def get_widget_data(self, widget_settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the widget shows, as plain values.

        Args:
            widget_settings: given back.

        Raises:
            UserErrorException: as ``show``.
        """
        run = self._run()
        details, children = run.get_details(), list(run.get_children())
        primary = _primary(details)
        return {
            "status": details["status"],
            "workbench_run_details_uri": run.get_portal_url(),
            "run_id": run.id,
            "run_properties": _properties(run, details),
            "child_runs": [_child(one, primary) for one in children],
            "children_metrics": _below(run, children, primary),
            "run_metrics": _metrics(run.id, Run.get_metrics(run)),
            "run_logs": _logs(run, details),
            "graph": None,
            "widget_settings": dict(widget_settings or {}),
        }

    def _run(self) -> Run:
        if isinstance(self.run_instance, _OfflineRun):
            raise UserErrorException("an offline run keeps nothing to show; start_logging() or submit() one")
        run: Run = self.run_instance
        return run


def _primary(details: Mapping[str, Any]) -> str | None:
    """The metric that a sweep is about."""
    told = details["properties"].get("primary_metric_config")
    found = json.loads(told) if told else None
    return str(found["name"]) if isinstance(found, dict) and "name" in found else None


def _properties(run: Run, details: Mapping[str, Any]) -> dict[str, Any]:
    folded = run._folded()
    definition = details.get("runDefinition") or {}
    names = sorted(details["logFiles"])
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.rpartition("/")[0], []).append(name)
    return {
        "run_id": run.id,
        "created_utc": details["startTimeUtc"],
        "end_time_utc": details.get("endTimeUtc"),
        "properties": details["properties"],
        "tags": run.get_tags(),
        "script_name": definition.get("script"),
        "arguments": " ".join(map(str, definition.get("arguments") or ())) or None,
        "status": details["status"],
        "log_files": {name: details["logFiles"][name] for name in names},
        "log_groups": list(groups.values()),
        "run_duration": _took(folded.started, folded.ended),
        "run_number": super(Run, run).number,  # without the warning that it is for people only
        "run_queued_details": {"status": details["status"], "details": None},
    }


def _took(began: int | None, ended: int | None) -> str | None:
    """How long, as hours, minutes and seconds; of a run that goes on, until now."""
    if began is None:
        return None
    seconds = max(0, ((ended if ended is not None else time.time_ns()) - began) // 10**9)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _child(run: Run, primary: str | None) -> dict[str, Any]:
    details = run.get_details()
    folded = run._folded()
    values = Run.get_metrics(run, primary).get(primary) if primary is not None else None
    return {
        "run_id": run.id,
        "run_number": super(Run, run).number,
        "status": details["status"],
        "run_type": run.type,
        "metric": values[-1] if isinstance(values, list) and values else values,
        "start_time": details["startTimeUtc"],
        "end_time": details.get("endTimeUtc"),
        "created_time": details["startTimeUtc"],
        "duration": _took(folded.started, folded.ended),
    }


def _below(run: Run, children: list[Run], primary: str | None) -> dict[str, Any]:
    """The metrics of the children by name, each run's beside the others; the one a sweep is about is named."""
    if not children:
        return {}
    logged = Run.get_metrics(run, recursive=True)
    ids = [one.id for one in children if one.id in logged]
    names = dict.fromkeys(name for one in ids for name in logged[one])
    series = {
        name: [{"run_id": one, "data": _listed(logged[one][name])} for one in ids if name in logged[one]]
        for name in names
    }
    return {"categories": ids, "series": series, "metricName": primary}


def _metrics(run_id: str, logged: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "run_id": run_id, **_series(value)} for name, value in logged.items()]


def _series(value: Any) -> dict[str, Any]:
    """A metric as columns: one of a series of values, one for each column of a table."""
    columns = [_listed(one) for one in value.values()] if isinstance(value, dict) else [_listed(value)]
    longest = max(map(len, columns), default=0)
    return {"categories": list(range(longest)), "series": [{"data": column} for column in columns]}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _logs(run: Run, details: Mapping[str, Any]) -> str:
    """The text of the newest log, and how the run ended, or that it goes on."""
    texts = run.get_details_with_logs()["logFiles"] if details["logFiles"] else {}
    text = list(texts.values())[-1] if texts else ""
    error = details.get("error", {}).get("error", {}).get("message")
    if error:
        closing = f"Error occurred: {error}"
    elif details["status"] in _ENDED:
        closing = f"Run is {details['status'].lower()}."
    else:
        closing = f"Run is {details['status'].lower()}; more may come."
    return f"{text.rstrip()}\n\n{closing}".lstrip("\n")
