"""Answers to a widget's questions: those of the page's server, without a server.

A question is the JSON text of a list: ``["get", address]``, ``["file", address]``, ``["post", path, body]`` or
``["curves", request]``; addresses are those below ``/api/``. Curves that are asked for together come in one frame.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import orjson

from runstore.view.notebook import frames
from runstore.view.server import arguments, edits, posted, problems
from runstore.view.server.problems import Problem
from runstore.view.server.questions import FILE, QUESTIONS, ZIP, Question, answering
from runstore.view.sql.questions import Questions

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST = 64 << 20
"""Bytes of a file that go through a kernel; a larger one would hold up whatever else it says."""

_TOGETHER = 64  # requests that one frame answers
_JSON = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class Told(NamedTuple):
    """Answers: what is said of each, and the bytes that these name by their place (``buffer``)."""

    about: list[dict[str, Any]]
    buffers: list[bytes]


class Answers:
    """Answers of one workspace. They come from any thread, and nothing is ever raised."""

    def __init__(self, ws: Workspace, editable: bool = False) -> None:
        """``editable``: tags, notes and the like may be changed from the page."""
        self.ws, self.editable = ws, editable and not ws.mirrors
        self._sql = Questions(ws.path)

    def close(self) -> None:
        """Leave no process behind."""
        self._sql.close()

    def to(self, keys: Sequence[str]) -> Told:
        """The answers to these questions."""
        told = Told([], [])
        curves: list[tuple[str, Any]] = []
        for key in keys:
            question = _question(key)
            if question[0] == "curves" and len(question) == 2:
                curves.append((key, question[1]))
            else:
                self._one(key, question, told)
        for at in range(0, len(curves), _TOGETHER):
            self._curves(curves[at : at + _TOGETHER], told)
        return told

    def _one(self, key: str, question: Sequence[Any], told: Told) -> None:
        try:
            data, media_type = self._answer(question)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is answered
            told.about.append({"key": key, **_refused(problem)})
        else:
            told.about.append({"key": key, "status": 200, "media_type": media_type, "buffer": len(told.buffers)})
            told.buffers.append(data)

    def _curves(self, asked: Sequence[tuple[str, Any]], told: Told) -> None:
        try:
            requests = [{**request, "key": str(at)} for at, (_, request) in enumerate(asked)]
            frame = posted.curves(self.ws, {"requests": requests})
        except Exception as problem:  # noqa: BLE001 - as above
            told.about.extend({"key": key, **_refused(problem)} for key, _ in asked)
            return
        errors = {one["key"]: one["error"] for one in frames.header(frame)["errors"]}
        for at, (key, _) in enumerate(asked):
            if (error := errors.get(str(at))) is not None:
                told.about.append({"key": key, "status": 400, "error": error})
            else:
                told.about.append({"key": key, "status": 200, "buffer": len(told.buffers), "part": str(at)})
        told.buffers.append(frame)

    def _answer(self, question: Sequence[Any]) -> tuple[bytes, str]:
        match question:
            case ["get", str(address)]:
                return self._get(address)
            case ["file", str(address)]:
                return frames.alone(*self._get(address))
            case ["post", str(path), dict(body)] if path in _POSTED:
                return orjson.dumps(_POSTED[path](self, body), option=_JSON), "application/json"
        raise Problem(404, "nothing answers that in a notebook", "`runstore ui` has every page.")

    def _get(self, address: str) -> tuple[bytes, str]:
        path, _, query = address.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        if path == "workspace":
            arguments.read(pairs, {})
            found = answering("workspace.workspace")(self.ws, editable=self.editable, url=self.ws.mirrors or None)
            return orjson.dumps(found, option=_JSON), "application/json"
        question, place = _named(path)
        given = arguments.read(pairs, question.known)
        lacking = [one for one in question.needs if one not in given]
        if lacking:
            raise Problem(400, f"{lacking[0]} is missing", f"Ask with ?{lacking[0]}=...")
        return self._asked(question, {**place, **given})

    def _asked(self, question: Question, given: dict[str, Any]) -> tuple[bytes, str]:
        asked = answering(question.asked)
        if question.sent == FILE:
            download = given.pop("download", False)
            content = asked(self.ws, **given)
            _modest(content.size)
            return content.read(), "application/octet-stream" if download else content.media_type
        if question.sent == ZIP:
            with tempfile.TemporaryDirectory(prefix="runstore-notebook-") as scratch:
                content = asked(self.ws, target=Path(scratch, "archive.zip"), **given)
                _modest(content.size)
                return content.read(), "application/octet-stream"
        return orjson.dumps(asked(self.ws, **given), option=_JSON), "application/json"

    def _edit(self, body: dict[str, Any]) -> object:
        if not self.editable:
            raise Problem(403, "this widget only shows", "show(editable=True) lets it change tags, notes and the like.")
        return {"run": answering("run.run")(self.ws, edits.edit(self.ws, body))}

    def _ask_sql(self, body: dict[str, Any]) -> object:
        query, rows = body.get("query"), body.get("rows")
        if not isinstance(query, str) or isinstance(rows, bool) or not isinstance(rows, int | None):
            raise Problem(400, "query is missing, or no text; or rows is no number", "Send one SELECT.")
        return self._sql.ask(query, rows)


_POSTED: dict[str, Callable[[Answers, dict[str, Any]], object]] = {
    "compare": lambda answers, body: posted.compare(answers.ws, body),
    "edits": Answers._edit,
    "sql": Answers._ask_sql,
}


def _question(key: str) -> list[Any]:
    try:
        found = orjson.loads(key)
    except orjson.JSONDecodeError:
        return [""]
    return found if isinstance(found, list) and found else [""]


def _patterns() -> Iterator[tuple[re.Pattern[str], Question]]:
    for question in QUESTIONS:
        path = re.escape(question.path.removeprefix("/api/")).replace(r"\{run_id\}", "(?P<run_id>[^/]+)")
        yield re.compile(path), question


_PATTERNS = tuple(_patterns())


def _named(path: str) -> tuple[Question, dict[str, str]]:
    for pattern, question in _PATTERNS:
        if found := pattern.fullmatch(path):
            return question, {name: unquote(value) for name, value in found.groupdict().items()}
    raise Problem(404, f"nothing is at {path[:200]!r}", "`runstore ui` has every page.")


def _refused(problem: Exception) -> dict[str, Any]:
    found = problems.of(problem)
    return {"status": found.status, **found.told}


def _modest(size: int) -> None:
    if size > MOST:
        raise Problem(413, f"{size:,} bytes are too many for a notebook", "run.download_file() writes it to disk.")
