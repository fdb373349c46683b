"""A name in a filter means a column of runs, a param or a metric, whichever it is."""

from __future__ import annotations

from typing import Any

import pytest

import runstore
from runstore.errors import QueryError
from runstore.query import catalog, connect, filters, sealing
from runstore.query.filters import Names


@pytest.fixture(params=["live", "sealed"])
def names(request: pytest.FixtureRequest, ws: runstore.Workspace) -> Names:
    params = {"lr": 0.1, "optimizer": {"name": "adam"}, "both": 1, 'say "x"': 2}
    with ws.experiment("e").start_logging(params=params) as run:
        run.log({"loss": 1.0, "val/loss": 2.0, "both": 3})
        run.log("LossB", 1.0)
    if request.param == "sealed":
        sealing.seal(ws.path, run.path)
    return Names(catalog.of(ws.path))


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("status", 'runs."status"'),
        ("Status", 'runs."Status"'),
        ("lr", 'params."lr"'),
        ("LR", 'params."lr"'),
        ("optimizer.name", 'params."optimizer.name"'),
        ('say "x"', 'params."say ""x"""'),
        ("loss", 'last."loss"'),
        ("val/loss", 'last."val/loss"'),
        ("LossB", 'last."LossB"'),
        ("params.both", 'params."both"'),
        ("last.both", 'last."both"'),
        ("tags.it's", "tags['it''s']"),
    ],
)
def test_a_name_stands_for_what_has_it(names: Names, text: str, expression: str) -> None:
    assert names.expression(text) == expression


def test_what_a_run_took_is_a_name_where_nothing_else_has_it(ws: runstore.Workspace) -> None:
    ws.experiment("e").start_logging().complete()
    assert Names(catalog.of(ws.path)).expression("Duration") == "epoch(runs.ended - runs.started)"
    assert 0 <= ws.runs("duration >= 0", columns=["duration"]).fetchall()[0][0] < 3600
    ws.experiment("e").start_logging(params={"duration": 3}).complete()
    assert Names(catalog.of(ws.path)).expression("duration") == 'params."duration"'


def test_a_name_that_is_two_things_must_say_which(names: Names) -> None:
    with pytest.raises(QueryError, match=r'write params\."both" or last\."both"'):
        names.expression("both")


def test_a_name_that_nothing_has_is_refused_with_what_is_near(names: Names) -> None:
    with pytest.raises(QueryError, match=r"no run has a column, param or metric 'statsu'; did you mean status"):
        names.expression("statsu")
    with pytest.raises(QueryError, match="no run has a column, param or metric 'zzzz'"):
        names.expression("zzzz")


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("lr < 0.1 and loss<2", '((params.lr < 0.1) AND ("last".loss < 2))'),
        ("\"val/loss\" is not null", '("last"."val/loss" IS NOT NULL)'),
        ("name = 'é' and optimizer.name = 'é' or LossB>1",
         "(((\"name\" = 'é') AND (params.\"optimizer.name\" = 'é')) OR (\"last\".LossB > 1))"),
        ("abs(loss) + round(lr, 2) > 1 -- why", '((abs("last".loss) + round(params.lr, 2)) > 1)'),
        ("params.both > last.both and tags['a'] = 'lr'",
         "((params.\"both\" > \"last\".\"both\") AND (tags['a'] = 'lr'))"),
        ("runs.status in ('Failed') and experiment like 'l%'",
         "((runs.status IN ('Failed')) AND (experiment ~~ 'l%'))"),
        ("started < current_date", "(started < current_date)"),
    ],
)  # fmt: skip
def test_bare_names_in_a_filter_are_replaced_and_nothing_else(names: Names, where: str, condition: str) -> None:
    assert names.condition(connect.connect(), where) == f"({condition})"


@pytest.mark.parametrize("where", ["lr <", "1) or (1=1", "lr > 1; drop table x", "lr, loss", "select", "'", "(lr"])
def test_what_is_no_single_expression_is_refused_in_one_line(names: Names, where: str) -> None:
    with pytest.raises(QueryError) as refused:
        names.condition(connect.connect(), where)
    assert "\n" not in str(refused.value)
    assert repr(where) in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", ("a", None)), ("a desc", ("a", True)), (" a b  DESC ", ("a b", True)), ("a asc", ("a", False)),
     ("desc", ("desc", None)), ("val/loss desc", ("val/loss", True))],
)  # fmt: skip
def test_an_order_is_a_name_and_perhaps_a_way(text: str, expected: Any) -> None:
    assert filters.order(text, str) == expected
