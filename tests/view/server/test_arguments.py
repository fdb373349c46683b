"""What a request may ask with, and what is said where it can't."""

from __future__ import annotations

from typing import Any

import pytest

from runstore.view.server.arguments import flag, listed, name, number, read, several, text
from runstore.view.server.problems import Problem
from tests.view.server.conftest import Served

KNOWN = {"where": text, "search": name, "limit": number, "desc": flag, "columns": listed}


@pytest.fixture
def served(standing: Served) -> Served:
    return standing


def test_each_value_is_read_as_what_it_is() -> None:
    given = [("where", "lr < 1"), ("search", ""), ("limit", "-10"), ("desc", "1"), ("columns", "a,b,,c")]
    assert read(given, KNOWN) == {
        "where": "lr < 1", "search": "", "limit": -10, "desc": True, "columns": ["a", "b", "c"]
    }  # fmt: skip


def test_what_is_empty_is_as_if_it_were_not_given() -> None:
    assert read([("where", ""), ("columns", "")], KNOWN) == {"where": None, "columns": None}


def test_a_name_with_a_comma_is_given_as_one_of_several() -> None:
    assert read([("columns", "a,b"), ("columns", "c")], KNOWN) == {"columns": ["a,b", "c"]}
    assert read([("columns", "a,b"), ("columns", "")], KNOWN) == {"columns": ["a,b"]}


def test_a_ticket_is_no_argument() -> None:
    assert read([("ticket", "x"), ("desc", "false")], KNOWN) == {"desc": False}


@pytest.mark.parametrize(
    "given",
    [
        [("other", "1")], [("limit", "x")], [("limit", "")], [("limit", "1.5")], [("limit", "9" * 30)],
        [("limit", "٣")], [("desc", "maybe")], [("limit", "1"), ("limit", "2")], [("where", "a"), ("where", "b")],
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(given: list[tuple[str, str]]) -> None:
    with pytest.raises(Problem) as refused:
        read(given, KNOWN)
    assert (refused.value.status, bool(refused.value.hint)) == (400, True)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"urls": []}', "application/json; charset=utf-8", 200),
        (b'{"urls": []}', "text/plain", 415),
        (b'{"urls": []}', "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"urls": "\xff"}', "application/json", 400),
        (b" " * (5 << 20), "application/json", 413),
    ],
)
def test_a_body_is_an_object_of_json_and_not_too_long(served: Served, content: bytes, kind: str, status: int) -> None:
    told: Any = served.client.post("/api/tickets", content=content, headers={"content-type": kind})
    assert told.status_code == status


def test_a_list_of_lists_comes_as_json() -> None:
    assert several('[["a", "=", "1"]]') == [["a", "=", "1"]]
    assert several("") == []
    for given in ("{}", "[", "1"):
        with pytest.raises(ValueError):
            several(given)
