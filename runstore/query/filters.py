"""Names as people write them: a run's column, a param or a metric, whichever it is.

One grammar for ``--where``, ``Workspace.runs(where=)`` and every other filter: a DuckDB boolean over ``runs`` in which
bare names of params and metrics work.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from runstore.errors import QueryError
from runstore.query import points, statement
from runstore.query.catalog import Catalog
from runstore.query.connect import DuckDBPyConnection, connect, name, one_line
from runstore.query.index_tables import METRIC, PARAM
from runstore.query.views import VIEWS

_HEAD = "SELECT filter(\n"  # nothing but one expression makes this a single call
_STRUCTS = ("params", "last", "tags")
DURATION = "duration"
"""What a run took, in seconds, NULL while it goes on: a name like a column's, where no param or metric has it."""


@dataclass
class Names:
    """What names mean in a workspace whose runs are these."""

    every: Catalog
    _meant: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _params(self) -> dict[str, str]:
        return _folded(self.every.names(PARAM))

    @cached_property
    def _metrics(self) -> dict[str, str]:
        return _folded(self.every.names(METRIC))

    def expression(self, text: str) -> str:
        """The SQL that a name stands for.

        Raises:
            QueryError: nothing has that name, or both a param and a metric have it.
        """
        head, _, rest = text.partition(".")
        if text.lower() in VIEWS["runs"]:
            return f"runs.{name(text)}"
        if rest and head.lower() in _STRUCTS and text.lower() not in self._metrics:
            return f"tags[{_literal(rest)}]" if head.lower() == "tags" else f"{head.lower()}.{name(rest)}"
        if text not in self._meant:
            self._meant[text] = self._meaning(text)
        return self._meant[text]

    def metric(self, text: str) -> str:
        """The name of a metric as it was logged.

        Raises:
            QueryError: no run has a metric of that name.
        """
        found = self._metric(text)
        if found is None:
            raise QueryError(f"no run has a metric {text!r}{self._near(text)}")
        return found

    def _metric(self, text: str, thorough: bool = True) -> str | None:
        return self._metrics.get(text) or self._metrics.get(text.lower()) or self._live(text, thorough)

    def _meaning(self, text: str) -> str:
        param = self._params.get(text) or self._params.get(text.lower())
        metric = self._metric(text, thorough=not param and text.lower() != DURATION)
        if param and metric:
            raise QueryError(f"{text!r} is a param and a metric; write params.{name(text)} or last.{name(text)}")
        if param or metric:
            return f"params.{name(param)}" if param else f"last.{name(metric or text)}"
        if text.lower() == DURATION:
            return "epoch(runs.ended - runs.started)"
        raise QueryError(f"no run has a column, param or metric {text!r}{self._near(text)}")

    def _live(self, text: str, thorough: bool) -> str | None:
        live = (run for run in self.every.loose if run.inventory.points)
        return text if any(points.mentions(run, text, thorough) for run in live) else None

    def _near(self, text: str) -> str:
        known = [*VIEWS["runs"], *self._params.values(), *self._metrics.values()]
        near = difflib.get_close_matches(text, dict.fromkeys(known), 3)
        return f"; did you mean {', '.join(near)}?" if near else "; `runstore runs` shows what there is"

    def condition(self, connection: DuckDBPyConnection, where: str) -> str:
        """A filter with its bare names replaced by what they stand for.

        Raises:
            QueryError: it is no boolean expression, or a name in it means nothing.
        """
        tree = statement.serialized(connection, f"{_HEAD}{where}\n)")
        calls = [one["node"]["select_list"] for one in tree.get("statements", [])]
        if len(calls) != 1 or len(calls[0]) != 1 or len(calls[0][0].get("arguments", [])) != 1:
            reason = one_line(tree.get("error_message", "that is not one expression"))
            raise QueryError(f'where {where!r}: {reason}; give a boolean such as "lr < 0.1 and loss < 2"')
        data = where.encode()
        for start, length, path in sorted(_bare(calls), reverse=True):
            at = start - len(_HEAD)
            data = data[:at] + self.expression(".".join(path)).encode() + data[at + length :]
        return data.decode()


def alone(where: str) -> None:
    """Refuse a filter that looks at more than a run: one with a query in it could read any file.

    For filters that strangers may write. What is no filter at all, ``Names.condition`` tells.

    Raises:
        QueryError: it does.
    """
    tree = statement.serialized(connect(), f"{_HEAD}{where}\n)")
    selects = [one["node"]["select_list"] for one in tree.get("statements", [])]
    if any("from_table" in node or node.get("class") == "SUBQUERY" for node in _dicts(selects)):
        raise QueryError(f"where {where!r}: no query inside a filter; ask in SQL instead")


def _dicts(node: Any) -> Iterator[Mapping[str, Any]]:
    branches = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    if isinstance(node, Mapping):
        yield node
    for branch in branches:
        yield from _dicts(branch)


def order(text: str, known: Callable[[str], str]) -> tuple[str, bool | None]:
    """The expression of a ``NAME [desc]`` and whether it says which way."""
    head, _, way = text.strip().rpartition(" ")
    if head and way.lower() in ("asc", "desc"):
        return known(head.strip()), way.lower() == "desc"
    return known(text.strip()), None


def _bare(node: Any) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where in the text, in bytes, names stand that are no column of runs."""
    if isinstance(node, Mapping):
        if node.get("class") == "COLUMN_REF":
            path = tuple(node["column_names"])
            plain = path[0].lower() in _STRUCTS or (len(path) == 1 and path[0].lower() in VIEWS["runs"])
            if not plain and path[0].lower() != "runs":
                yield node["query_location"], node["query_location_length"], path
            return
        for branch in node.values():
            yield from _bare(branch)
    elif isinstance(node, list):
        for branch in node:
            yield from _bare(branch)


def _folded(given: Iterable[str]) -> dict[str, str]:
    """Names by themselves, and by their lower case where that is nobody else's."""
    exact = dict.fromkeys(given)
    return {key.lower(): key for key in exact} | {key: key for key in exact}


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
