"""Curves for many charts in one frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runstore.errors import RunstoreError, UsageError
from runstore.query import catalog, history, series
from runstore.query.curves import STEP, Asked
from runstore.query.series import BANDS, MINMAX, STD, Group, Series
from runstore.view.feed import chosen, frame, plain

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

REQUESTS, LINES, POINTS = 64, 500, 5000
"""How many charts one frame answers, how many runs' lines there are in a chart, and how many buckets a line has."""

_BUCKETS = 500
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class _Request:
    """One chart's request. ``left_off``: how many runs are meant beyond those that are shown."""

    told: dict[str, Any]
    question: series.Question
    left_off: int = 0


def curves(ws: Workspace, requests: Sequence[Mapping[str, Any]], cursor: Any = None) -> bytes:
    """One frame (``feed.frame``) of the curves that are asked for.

    Args:
        ws: the workspace.
        requests: each with ``key`` and ``metric``, and if wanted ``runs`` (ids; None: the newest that ``experiment``
            and ``where`` leave), ``x`` (step, time, relative, or a metric), ``low``, ``high``, ``points``, and
            ``source``: "system" for figures of the machine. With ``group`` (columns that runs have in common) it is
            the curves of all groups that ``experiment`` and ``where`` leave: in a ``band`` of std (mean and standard
            deviation), minmax, or quantile (median and quartiles); beside them those of the runs ``seeds``.
        cursor: of the events until which the page has heard; it comes back.

    Returns:
        The frame. Its header has ``cursor``, ``series`` and ``errors``: of each request that was refused, ``key`` and
        ``error``; and ``left_off``: by key, how many runs or groups more there are than are shown.

    Raises:
        UsageError: ``requests`` is no such list.
    """
    if not isinstance(requests, list | tuple) or len(requests) > REQUESTS:
        raise UsageError(f"requests: a list of at most {REQUESTS} requests")
    errors: list[dict[str, Any]] = []
    asked = [*_checked(_Chosen(ws), requests, errors)]
    found: list[frame.Curve] = []
    left_off: dict[str, int] = {}
    for request, answer in zip(asked, series.answers(ws.path, [one.question for one in asked]), strict=True):
        if isinstance(answer, RunstoreError):
            errors.append({"key": request.told["key"], "error": str(answer)})
        else:
            found += [_curve(request, one) for one in answer]
            more = request.left_off or (answer[0].among - len(answer) if answer else 0)
            left_off |= {request.told["key"]: more} if more else {}
    return frame.encode({"cursor": cursor, "errors": errors, "left_off": left_off}, found)


class _Chosen:
    """The runs that requests mean; many charts show the same, which are looked up once."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._known: dict[tuple[Any, ...], tuple[list[str], int]] = {}

    def ids(self, given: Any, experiment: str | None, where: str | None) -> tuple[list[str], int]:
        """The ids of the runs that are shown, and how many more are meant."""
        key = (experiment, where) if given is None else tuple(_texts(given, "runs"))
        whose = (given is None, key)
        if whose not in self._known:
            self._known[whose] = self._found(given, experiment, where)
        return self._known[whose]

    def _found(self, given: Any, experiment: str | None, where: str | None) -> tuple[list[str], int]:
        if given is not None:
            ids = chosen.ids(self._ws, given)
            return ids[:LINES], max(0, len(ids) - LINES)
        every = catalog.of(self._ws.path)
        total = history.count(self._ws.path, every, where, experiment)
        rows = history.runs(
            self._ws.path, where=where, columns=["run_id"], experiment=experiment, limit=LINES, every=every
        ).fetchall()
        return [run_id for (run_id,) in rows], max(0, total - LINES)


def _checked(runs: _Chosen, requests: Iterable[Any], errors: list[dict[str, Any]]) -> Iterator[_Request]:
    for given in requests:
        if not isinstance(given, Mapping) or not isinstance(given.get("key"), str):
            raise UsageError("requests: each is a dict with a text as its key")
        try:
            yield _request(runs, given)
            if given.get("group") is not None and (seeds := given.get("seeds")):
                yield _request(runs, {**given, "runs": seeds, "group": None})
        except RunstoreError as problem:
            errors.append({"key": given["key"], "error": str(problem)})


def _request(runs: _Chosen, given: Mapping[str, Any]) -> _Request:
    metric, x = _text(given, "metric", None), _text(given, "x", STEP)
    where, experiment = chosen.filtering(_text(given, "where", "")), _text(given, "experiment", "") or None
    points, low, high = given.get("points", _BUCKETS), given.get("low"), given.get("high")
    if not isinstance(points, int) or not 1 <= points <= POINTS:
        raise UsageError(f"points: from 1 to {POINTS}, not {points!r}")
    for end in (low, high):
        if end is not None and (isinstance(end, bool) or not isinstance(end, int | float)):
            raise UsageError(f"low and high are numbers, not {end!r}")
    told = {"key": given["key"], "metric": metric, "x": x, "low": low, "high": high, "points": points}
    if (by := given.get("group")) is not None:
        asked = Asked((metric,), experiment=experiment, x=x, points=points, low=low, high=high)
        band = _text(given, "band", STD)
        if band not in BANDS:
            raise UsageError(f"band: one of {', '.join(BANDS)}, not {band!r}")
        return _Request(told, (asked, Group(tuple(_texts(by, "group")), where, LINES, band)))
    ids, left_off = runs.ids(given.get("runs"), experiment, where)
    machine = given.get("source") == SYSTEM
    asked = Asked((metric,), tuple(ids), x=x, points=points, low=low, high=high, machine=machine)
    return _Request(told, (asked, None), left_off)


def _text(given: Mapping[str, Any], key: str, otherwise: str | None) -> str:
    found = given.get(key)
    if found is None and otherwise is not None:
        return otherwise
    if not isinstance(found, str):
        raise UsageError(f"{key}: a text, not {found!r}")
    return found


def _texts(given: Any, what: str) -> list[str]:
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise UsageError(f"{what}: a list of texts")
    return list(given)


def _curve(request: _Request, one: Series) -> frame.Curve:
    count, nans, infs = one.totals
    totals = {"count_total": count, "nan_total": nans, "inf_total": infs}
    group = request.question[1]
    if group is None:
        whose: dict[str, Any] = {"run_id": one.keys["run_id"], "band": MINMAX}
    else:
        whose = {"group": {key: plain.value(value) for key, value in one.keys.items()}, "band": group.band}
    about = {**request.told, **whose, **totals}
    if one.stretch is not None:
        about |= dict(zip(("low", "high"), one.stretch, strict=True))
    return frame.Curve(about, one.columns, frame.needs_wide(one.ends, one.smallest))
