"""The OpenAPI description of the server, as ``docs/workspace-api.md`` shows it. A test holds it against the app."""

from __future__ import annotations

from typing import Any

from runstore import __version__
from runstore.sync.piece import KINDS, SEGMENTS

_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": (1 << 62) - 1}
_PIECE = {
    "type": "object",
    "description": "Bytes of a file of a workspace; see docs/workspace-api.md.",
    "required": ["path", "kind"],
    "additionalProperties": False,
    "properties": {
        "path": _TEXT, "kind": {"type": "string", "enum": list(KINDS)}, "run_id": _TEXT, "experiment": _TEXT,
        "offset": _NUMBER, "size": _NUMBER, "sha256": _TEXT,
        "spans": {
            "type": "array",
            "items": {
                "type": "array", "prefixItems": [_TEXT, _NUMBER, _NUMBER], "minItems": 3, "maxItems": 3, "items": False,
            },
        },
        "needs": {"type": "array", "items": _TEXT}, "rows": _NUMBER, "thinned": {"type": "boolean"},
        "modified": _NUMBER, "object": _TEXT, "at": _NUMBER, "pusher": _TEXT, "time": _NUMBER,
    },
}  # fmt: skip
_ERROR = {
    "type": "object",
    "required": ["error", "do"],
    "additionalProperties": False,
    "properties": {"error": {**_TEXT, "description": "What happened."}, "do": {**_TEXT, "description": "What to do."}},
}
_SAID = {
    400: "What was asked can't be understood.",
    401: "No token, or none that is good.",
    403: "The token is not good for this; or the server is called by a name that it does not have.",
    404: "It is not there.",
    405: "Not this way.",
    408: "The body came too slowly.",
    409: "Something else is there.",
    411: "No Content-Length.",
    413: "Too much at once.",
    414: "Too long an address.",
    415: "Not of the type that is understood, or compressed.",
    422: "It can't be taken, now or later.",
    429: "Too many requests; Retry-After says how many seconds to wait.",
    431: "Too many headers.",
    500: "Something went wrong in the server.",
    503: "Not now; Retry-After says how many seconds to wait.",
    507: "There is no room, or the quota is used up.",
}
_ALWAYS = (400, 401, 403, 405, 409, 414, 429, 431, 500, 503)
_BODY = (408, 411, 413, 415, 422)


def document() -> dict[str, Any]:
    """The description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "runstore workspace server",
            "version": __version__,
            "description": "A workspace of machine-learning runs, to sync with. See docs/workspace-api.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Piece": _PIECE, "Error": _ERROR, "Info": _info()},
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "/": {"get": _open(_operation("page", "What this is, for a browser", {200: _content("text/html", _TEXT)}))},
        "/api/v1/openapi.json": {
            "get": _open(_operation("description", "This description", {200: _json({"type": "object"})}))
        },
        "/api/v1/info": {
            "get": _operation("info", "What this is, and what the token is good for", {200: _json(_ref("Info"))})
        },
        "/api/v1/pieces": {"post": _pieces()},
        "/api/v1/bytes": {"get": _bytes()},
        "/api/v1/objects": {"post": _lacking()},
        "/api/v1/objects/{sha256}": {
            "parameters": [{"name": "sha256", "in": "path", "required": True, "schema": _SHA256}],
            "head": _head(),
            "put": _put(),
        },
        "/api/v1/commits": {"post": _commits()},
        "/api/v1/audit": {"get": _audit()},
    }


def _pieces() -> dict[str, Any]:
    line = {
        "anyOf": [
            _ref("Piece"),
            {"type": "object", "required": ["cursor"], "properties": {"cursor": _TEXT}},
            {"type": "object", "required": ["error"], "properties": {"error": _TEXT}},
        ]
    }
    body = {
        "cursor": {**_TEXT, "maxLength": 1 << 16, "description": "Only what came since; empty for everything."},
        "runs": {
            "type": ["array", "null"], "items": _TEXT,
            "description": "Only of these runs, by their ids; the empty id: what belongs to no run.",
        },
    }  # fmt: skip
    answer = _content("application/jsonl", _TEXT, "One piece a line; the last line has the next cursor, or an error.")
    answer["content"]["application/jsonl"]["x-line"] = line
    return _operation("pieces", "What there is", {200: answer}, _BODY, body=_object(body))


def _bytes() -> dict[str, Any]:
    about: dict[str, dict[str, Any]] = {"path": _TEXT, "kind": {"type": "string", "enum": list(KINDS)}}
    told: dict[str, dict[str, Any]] = {
        "run_id": _TEXT,
        "offset": _NUMBER,
        "size": _NUMBER,
        "sha256": _TEXT,
        "object": _TEXT,
        "at": _NUMBER,
    }
    parameters = [_query(name, schema, True) for name, schema in about.items()]
    parameters += [_query(name, schema) for name, schema in told.items()]
    parameters.append({"name": "Range", "in": "header", "schema": {"type": "string", "pattern": "^bytes=[0-9]+-$"}})
    answers = {200: _content("application/octet-stream", {}), 206: _content("application/octet-stream", {})}
    return _operation("bytes", "The bytes of a piece", answers, (404, 422), parameters)


def _lacking() -> dict[str, Any]:
    kind = {"type": "string", "enum": ["", *SEGMENTS]}
    one = _object({"sha256": _SHA256, "size": _NUMBER, "kind": kind}, ["sha256", "size"])
    body = _object({"objects": {"type": "array", "items": one}}, ["objects"])
    answer = _json(_object({"lacking": {"type": "array", "items": _SHA256}}, ["lacking"]))
    return _operation("lacking", "Which objects are not there", {200: answer}, _BODY, body=body)


def _head() -> dict[str, Any]:
    received = {"Runstore-Received": {"description": "Bytes of it that this sender has sent.", "schema": _NUMBER}}
    answers = {
        200: {"description": "It is there.", "headers": received},
        404: {"description": "It is not there, or not all of it.", "headers": received},
    }
    made = _operation("received", "Whether an object is there", answers, (), [_query("size", _NUMBER, True)])
    for status, answer in made["responses"].items():
        made["responses"][status] = {key: value for key, value in answer.items() if key != "content"}
    return made


def _put() -> dict[str, Any]:
    kind = {"type": "string", "enum": ["", *SEGMENTS]}
    parameters = [
        _query("size", _NUMBER, True), _query("kind", kind), _query("offset", _NUMBER),
    ]  # fmt: skip
    answer = _json(_object({"received": _NUMBER}, ["received"]))
    said = {200: "It was there.", 201: "All of it is there now.", 202: "More is to come."}
    answers = {status: {**answer, "description": text} for status, text in said.items()}
    made = _operation("put", "Put an object, or the rest of it", answers, (*_BODY, 507), parameters)
    made["requestBody"] = {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
    return made


def _commits() -> dict[str, Any]:
    body = _object({"pieces": {"type": "array", "items": _ref("Piece")}}, ["pieces"])
    key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}
    answer = _json(_object({"committed": _NUMBER}, ["committed"]))
    return _operation("commit", "Make pieces count", {200: answer}, (*_BODY, 507), [key], body)


def _audit() -> dict[str, Any]:
    last = _query("last", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})
    answer = _json(_object({"lines": {"type": "array", "items": {"type": "object"}}}, ["lines"]))
    return _operation("audit", "The last lines of the audit log (scope admin)", {200: answer}, (), [last])


# ---- how a description is written


def _info() -> dict[str, Any]:
    limits = _object({"object": _NUMBER, "request": _NUMBER, "pieces": _NUMBER}, ["object", "request", "pieces"])
    scope = {"type": "string", "enum": ["read", "write", "admin"]}
    told = {
        "id": _TEXT, "label": _TEXT, "runstore": _TEXT, "api": _NUMBER, "limits": limits, "token": _TEXT,
        "scope": scope,
    }  # fmt: skip
    return _object(told, list(told))


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    made = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**made, "required": required} if required else made


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _query(name: str, schema: dict[str, Any], required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _content(media: str, schema: dict[str, Any], said: str = "It is.") -> dict[str, Any]:
    return {"description": said, "content": {media: {"schema": schema}}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return _content("application/json", schema)


def _operation(
    name: str, summary: str, answers: dict[int, Any], more: tuple[int, ...] = (),
    parameters: list[dict[str, Any]] | None = None, body: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    errors = {status: {**_json(_ref("Error")), "description": _SAID[status]} for status in (*_ALWAYS, *more)}
    told = {**errors, **answers}
    made: dict[str, Any] = {
        "operationId": name, "summary": summary, "responses": {str(one): told[one] for one in sorted(told)},
    }  # fmt: skip
    if parameters:
        made["parameters"] = parameters
    if body:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return made


def _open(operation: dict[str, Any]) -> dict[str, Any]:
    """For anybody."""
    del operation["responses"]["401"]
    return {**operation, "security": []}
