"""What each kind of fact says about a run: one function for each, called in the order of time by ``state.fold``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from runstore.runs.state import AttemptState, RunState, WriterState

    Take = Callable[[RunState, WriterState, AttemptState, int, Any], None]


def _start(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    part.start, part.started, part.opener = body, time, bool(body.get("opener"))
    if body.get("edit"):
        part.edit = True
        return
    part.rank, part.host, part.user, part.pid = body.get("rank"), body.get("host"), body.get("user"), body.get("pid")
    if attempt.started is None or part.opener:
        attempt.started = time
    if part.opener:
        attempt.phase = str(body.get("status") or attempt.phase)
    if run.started is None or time < run.started:
        run.started, run.host, run.user = time, part.host, part.user
    if part.opener or body.get("queued"):
        run.name = body.get("name") or run.name
        run.parent_id = body.get("parent") or run.parent_id
        run.type = body.get("type") or run.type
        run.display_name = body.get("display_name") or run.display_name
        run.description = body.get("description") or run.description


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


def _describe(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.display_name = body.get("display_name", run.display_name)
    run.description = body.get("description", run.description)


def _note(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.notes.append((time, body["text"]))


def _archived(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.archived = bool(body["archived"])


def _deleted(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.deleted = time if body["deleted"] else None
    run.restored = run.restored if body["deleted"] else time


def _artifact(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.artifacts.append({**body, "time": time, "writer": part.writer})


def _removed(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, list[str]]) -> None:
    gone = set(body["artifacts"])
    run.artifacts = [fact for fact in run.artifacts if fact["name"] not in gone]


def _input(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.inputs.append({**body, "time": time})


def _repacked(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.repacked.setdefault((str(body["writer"]), int(body["number"])), []).append(body)


def _snapshot(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.snapshot = run.snapshot or body


def _provenance(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    for piece in (body["packages"], body.get("git", {}).get("diff")):
        if piece:  # the same in most runs, so kept once; the rest is read by who asks for it
            key = piece["sha256"], str(piece["pack"])
            run.refers.append(_SHARED.setdefault(key, {name: piece[name] for name in ("sha256", "size", "pack")}))


_SHARED: dict[tuple[str, str], dict[str, Any]] = {}


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


def _counted(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, int]) -> None:
    run.warnings += int(body["warnings"]) - part.counted[0]
    run.errors += int(body["errors"]) - part.counted[1]
    part.counted = int(body["warnings"]), int(body["errors"])


def _stream(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    told: dict[str, Any] = {"stream": str(body["stream"]), "size": None, "sha256": None, "time": time, "left": []}
    part.streams[int(body["number"])] = told


def _streamed(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    told = part.streams[int(body["number"])]
    told["size"], told["sha256"] = int(body["size"]), str(body["sha256"])
    told["left"].append((told["size"], time // 1000))


def _failure(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    part.failure = body


def _status(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, str]) -> None:
    if part.opener:
        attempt.phase = str(body["status"])


def _definition(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    run.definition = body


def _end(run: RunState, part: WriterState, attempt: AttemptState, time: int, body: dict[str, Any]) -> None:
    if part.end is None:
        part.end, part.ended, part.state, part.error = body, time, body["status"], body["error"]
        part.points = max(part.points, 0 if part.edit else body["points"])


TAKERS: dict[str, Take] = {
    "start": _start,
    "params": _params,
    "tags": _tags,
    "untag": _untag,
    "properties": _properties,
    "describe": _describe,
    "note": _note,
    "archived": _archived,
    "deleted": _deleted,
    "artifact": _artifact,
    "removed": _removed,
    "input": _input,
    "repacked": _repacked,
    "snapshot": _snapshot,
    "provenance": _provenance,
    "description": _described,
    "points": _points,
    "dropped": _dropped,
    "warning": _warning,
    "error": _error,
    "counted": _counted,
    "stream": _stream,
    "streamed": _streamed,
    "failure": _failure,
    "status": _status,
    "definition": _definition,
    "end": _end,
}
