"""What each kind of fact says about a run: one function for each, called in the order of time by ``state.fold``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from runstore.runs.state import AttemptState, RunState, WriterState

    Take = Callable[[RunState, WriterState, AttemptState, int, Any], None]


def _start(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    part.start, part.started, part.opener = body, time, bool(body.get("opener"))
    part.rank, part.host, part.user, part.pid = body.get("rank"), body.get("host"), body.get("user"), body.get("pid")
    if attempt.started is None or part.opener:
        attempt.started = time
    if run.started is None or time < run.started:
        run.started, run.host, run.user = time, part.host, part.user
    if part.opener:
        run.name = body.get("name") or run.name
        run.parent_id = body.get("parent") or run.parent_id
        run.type = body.get("type") or run.type


def _params(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: list[tuple[str, Any]]) -> None:
    attempt.params.update(body)


def _tags(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.tags.update((key, (value, time)) for key, value in body.items())


def _untag(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: list[str]) -> None:
    for key in body:
        run.tags.pop(key, None)


def _properties(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    for key, value in body.items():
        run.properties.setdefault(key, (value, time))


def _artifact(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.artifacts.append({**body, "time": time, "writer": part.writer})


def _described(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, str]) -> None:
    run.descriptions[body["name"]] = body["text"]


def _points(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, int]) -> None:
    part.points = max(part.points, body["first"] + body["count"])


def _dropped(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    part.dropped += body["points"]


def _warning(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: Any) -> None:
    run.warnings += 1


def _error(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: Any) -> None:
    run.errors += 1


def _end(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    if part.end is None:
        part.end, part.ended, part.state, part.error = body, time, body["status"], body["error"]
        part.points = max(part.points, body["points"])


TAKERS: dict[str, Take] = {
    "start": _start,
    "params": _params,
    "tags": _tags,
    "untag": _untag,
    "properties": _properties,
    "artifact": _artifact,
    "description": _described,
    "points": _points,
    "dropped": _dropped,
    "warning": _warning,
    "error": _error,
    "end": _end,
}
