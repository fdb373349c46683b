"""The fields of runs.params and runs.last are those named, typed so that they compare and never raise."""

from __future__ import annotations

import math
from typing import Any

import pytest

from runstore.errors import QueryError
from runstore.query import connect, fields
from runstore.query.statement import Fields, Path

NAMES = ["lr", "optimizer.name", "optimizer.betas.0", "val/loss", "LR2"]


def tree(*paths: Path, whole: bool = False, names: list[str] = NAMES) -> Any:
    """The tree with each column replaced by the name it stands for."""
    found = fields.resolve(Fields(dict.fromkeys(paths), whole), names, "p_", "param")
    named = {column: name for name, column in found.names.items()}

    def shown(part: Any) -> Any:
        return {key: shown(inner) for key, inner in part.items()} if isinstance(part, dict) else named.get(part)

    return shown(found.tree)


def test_more_fields_than_make_sense_are_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "WIDEST", 4)
    with pytest.raises(QueryError, match=r"5 names are more than the 4 fields .* p\.name.* from metric_summary"):
        tree(whole=True)
    assert tree(("lr",)) == {"lr": "lr"}


def test_a_dotted_and_a_quoted_name_are_the_same_param() -> None:
    found = tree(("optimizer", "name"), ("optimizer.name",))
    assert found == {"optimizer": {"name": "optimizer.name"}, "optimizer.name": "optimizer.name"}


def test_a_name_that_begins_others_is_a_struct_of_them() -> None:
    assert tree(("optimizer",)) == {"optimizer": {"name": "optimizer.name", "betas": {"0": "optimizer.betas.0"}}}


def test_the_whole_struct_has_every_field_flat() -> None:
    assert tree(whole=True) == {name: name for name in NAMES}


def test_case_may_differ() -> None:
    assert tree(("LR",), ("lr2",)) == {"LR": "lr", "lr2": "LR2"}


def test_names_that_differ_by_case_only_can_not_both_be_shown() -> None:
    with pytest.warns(UserWarning, match="differ by case"):
        assert tree(whole=True, names=["lr", "LR"]) == {"lr": "lr"}


def test_an_unknown_name_is_null_and_warned_of() -> None:
    with pytest.warns(UserWarning, match="no run has a param 'nope'"):
        assert tree(("nope",)) == {"nope": None}


def test_a_leaf_wins_over_a_group_of_its_name() -> None:
    found = tree(("a",), ("a", "b"), names=["a", "a.b"])
    assert found == {"a": "a"}


def test_no_field_named_is_a_null_of_a_struct() -> None:
    sql = fields.resolve(Fields(), NAMES, "p_", "param").sql()
    assert connect.connect().execute(f"SELECT {sql}").fetchall() == [(None,)]


def test_odd_names_make_sound_sql() -> None:
    odd = ['say "x"', "a b", "select", "é", "it's", "a:=b"]
    found = fields.resolve(Fields(whole=True), odd, "p_", "param")
    columns = ", ".join(f"{number} AS {column}" for number, column in enumerate(found.names.values()))
    ((struct,),) = connect.connect().execute(f"SELECT {found.sql()} FROM (SELECT {columns})").fetchall()
    assert struct == {name: number for number, name in enumerate(odd)}


def test_a_nul_in_a_name_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="NUL"):
        assert tree(whole=True, names=["a\0b", "c"]) == {"c": "c"}


@pytest.mark.parametrize(
    ("given", "kind", "stored"),
    [
        ([1, 2, None], "BIGINT", [1, 2, None]),
        ([1, 2.5], "DOUBLE", [1.0, 2.5]),
        ([1, 2**70], "DOUBLE", [1.0, 2.0**70]),
        ([2**63], "DOUBLE", [2.0**63]),
        ([10**400, -(10**400), 0.5], "DOUBLE", ["inf", "-inf", 0.5]),
        ([math.nan, math.inf], "DOUBLE", ["nan", "inf"]),
        ([True, False], "BOOLEAN", [True, False]),
        ([True, 2], "BIGINT", [1, 2]),
        ([True, 0.5, "auto"], "DOUBLE", [1.0, 0.5, None]),
        (["a", None], "VARCHAR", ["a", None]),
        (["a", True, [1, "x"]], "VARCHAR", ["a", "true", '[1,"x"]']),
        ([3, "auto", [1]], "BIGINT", [3, None, None]),
        ([None], "VARCHAR", [None]),
        ([], "VARCHAR", []),
    ],
)
def test_numbers_win_and_otherwise_it_is_text(given: list[Any], kind: str, stored: list[Any]) -> None:
    found, converted = fields.typed(given)
    assert (found, list(converted)) == (kind, stored)


@pytest.mark.parametrize(
    ("value", "point"),
    [
        (0.5, {"kind": "float", "value": 0.5}),
        (math.inf, {"kind": "float", "value": "inf"}),
        (3, {"kind": "int", "value": 3.0, "text": None}),
        (2**53 + 1, {"kind": "int", "value": 2.0**53, "text": str(2**53 + 1)}),
        (True, {"kind": "bool", "value": 1}),
        ("x", {"kind": "str", "text": "x"}),
        (None, {"kind": "none", "text": None}),
        ([1, {"a": None}], {"kind": "json", "text": '[1,{"a":null}]'}),
    ],
)
def test_a_param_has_the_kind_value_and_text_of_a_point(value: Any, point: dict[str, Any]) -> None:
    assert fields.point(value) == point
