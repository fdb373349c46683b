"""Params, tags, status and times of a run: each is set where MLflow has none, or another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from runstore.errors import Refused
from runstore.sync.mlflow import keys
from runstore.sync.mlflow.cursor import CURSOR
from runstore.sync.mlflow.picture import DELETED, KEY, PARENT, Picture
from runstore.sync.mlflow.server import Missing, NoEntry, Server
from runstore.sync.mlflow.there import There

SHORTER = (500, 250)  # characters of a param's value that older servers take
TOGETHER, BYTES = 100, 400_000  # of one request
_KEPT = (KEY, DELETED, PARENT)  # tags that stay where nothing is known to take their place

Refuse = Callable[[str, str], None]


def send(server: Server, there: There, picture: Picture, before: list[str], refuse: Refuse) -> list[str]:
    """Bring params and tags up to date.

    Args:
        server: where.
        there: the run as MLflow has it.
        picture: what it is to be like.
        before: the tags that were set before.
        refuse: called with a name and why it was refused.

    Returns:
        The tags that are set now.
    """
    new, changed = params(there.params, picture.params)
    wanted = picture.tags | {keys.changed_param(key): keys.value(text, keys.TAG) for key, text in changed.items()}
    tags = {key: text for key, text in wanted.items() if there.tags.get(key) != text}
    if not _at_once(server, there.id, new, tags):
        for part in _parts(new):
            _each(part, partial(_log, server, there.id, "params"), partial(_short, server, there.id), refuse)
        for part in _parts(tags):
            _each(part, partial(_log, server, there.id, "tags"), None, refuse)
    for key in before:
        if key not in wanted and key in there.tags and key not in _KEPT and not key.startswith(CURSOR):
            untag(server, there.id, key)
    return sorted(wanted)


def params(there: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Those that are not there, and those that are there with another value, which MLflow keeps. Pure."""
    new = {key: text for key, text in wanted.items() if key not in there}
    same = {key: {text, *(keys.value(text, most) for most in SHORTER)} for key, text in wanted.items() if key in there}
    return new, {key: wanted[key] for key, texts in same.items() if there[key] not in texts}


def _parts(items: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The same in parts that one request may hold."""
    part: dict[str, str] = {}
    size = 0
    for key, text in items.items():
        more = len(key) * 4 + len(text) * 4 + 40
        if part and (len(part) == TOGETHER or size + more > BYTES):
            yield part
            part, size = {}, 0
        part[key] = text
        size += more
    if part:
        yield part


def _at_once(server: Server, run: str, params: Mapping[str, str], tags: Mapping[str, str]) -> bool:
    """Send all in one request, where it may hold them; False where that was refused, or is too much."""
    if not params and not tags:
        return True
    if len([*_parts(params)]) > 1 or len([*_parts(tags)]) > 1:
        return False
    try:
        server.sure("runs/log-batch", {"run_id": run, "params": _listed(params), "tags": _listed(tags)})
    except (NoEntry, Missing):
        raise
    except Refused:
        return False
    return True


def _log(server: Server, run: str, kind: str, some: Mapping[str, str]) -> None:
    server.sure("runs/log-batch", {"run_id": run, kind: _listed(some)})


def _listed(some: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": text} for key, text in some.items()]


def _short(server: Server, run: str, key: str, text: str) -> None:
    """A param alone, as short as it has to be."""
    for most in SHORTER:
        try:
            return _log(server, run, "params", {key: keys.value(text, most)})
        except (NoEntry, Missing):
            raise
        except Refused:
            if most == SHORTER[-1] or keys.length(text) <= SHORTER[-1]:
                raise


def _each(
    part: Mapping[str, str],
    log: Callable[[Mapping[str, str]], None],
    otherwise: Callable[[str, str], None] | None,
    refuse: Refuse,
) -> None:
    """Send all at once; where that is refused, each by itself, so that one doesn't keep the others."""
    try:
        return log(part)
    except (NoEntry, Missing):
        raise
    except Refused:
        log({})  # it is not the run itself that is refused
    for key, text in part.items():
        try:
            log({key: text})
        except (NoEntry, Missing):
            raise
        except Refused as problem:
            try:
                if otherwise is None:
                    raise problem
                otherwise(key, text)
            except Refused as again:
                refuse(key, str(again))


def untag(server: Server, run: str, key: str) -> None:
    """Take a tag away; that it is gone already is fine."""
    try:
        server.sure("runs/delete-tag", {"run_id": run, "key": key})
    except Missing:
        pass


def finish(server: Server, there: There, picture: Picture) -> None:
    """Set status, end and name, where they differ: last, when all else is there."""
    ended = picture.end is not None and there.end != picture.end
    if there.status == picture.status and not ended and there.name == picture.name:
        return
    body = {"run_id": there.id, "run_uuid": there.id, "status": picture.status, "run_name": picture.name}
    server.sure("runs/update", body if picture.end is None else {**body, "end_time": picture.end})
