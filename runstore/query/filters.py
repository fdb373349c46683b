"""Names as people write them: a run's column, a param or a metric, whichever it is.

One grammar for ``--where``, ``Workspace.runs(where=)`` and every other filter: a DuckDB boolean over ``runs`` in which
bare names of params and metrics work.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from runstore.errors import QueryError
from runstore.query import expression, points
from runstore.query.catalog import Catalog
from runstore.query.connect import DuckDBPyConnection, name, quoted
from runstore.query.index_tables import METRIC, PARAM
from runstore.query.views import VIEWS

_SHOWN = 200  # characters of a filter in a message
_STRUCTS = ("params", "last", "tags")
_TIMES = ("current_date", "current_time", "current_timestamp")
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
            return f"tags[{quoted(rest)}]" if head.lower() == "tags" else f"{head.lower()}.{name(rest)}"
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
        """The SQL of a filter, its bare names replaced by what they stand for. No text of the filter is in it.

        Raises:
            QueryError: it is not exactly one expression of what a filter may hold, or a name in it means nothing.
        """

        def replacement(path: tuple[str, ...]) -> expression.Node | None:
            return expression.parse(connection, self.expression(".".join(path))) if _bare(path) else None

        try:
            node = expression.parse(connection, where)
        except QueryError as problem:
            raise QueryError(f'where {where[:_SHOWN]!r}: {problem}; give a boolean such as "lr < 0.1"') from None
        return expression.render(connection, expression.replace_columns(node, replacement))


def order(text: str, known: Callable[[str], str]) -> tuple[str, bool | None]:
    """The expression of a ``NAME [desc]`` and whether it says which way."""
    head, _, way = text.strip().rpartition(" ")
    if head and way.lower() in ("asc", "desc"):
        return known(head.strip()), way.lower() == "desc"
    return known(text.strip()), None


def _bare(path: tuple[str, ...]) -> bool:
    """Whether a name is a param's or a metric's, and no column of runs."""
    first = path[0].lower()
    plain = first in _STRUCTS or (len(path) == 1 and (first in VIEWS["runs"] or first in _TIMES))
    return not plain and first != "runs"


def _folded(given: Iterable[str]) -> dict[str, str]:
    """Names by themselves, and by their lower case where that is nobody else's."""
    exact = dict.fromkeys(given)
    return {key.lower(): key for key in exact} | {key: key for key in exact}
