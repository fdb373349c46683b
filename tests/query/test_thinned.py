"""What records say of thinned curves: by whom each number is given, and what can still be believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runstore.disk.inventory import Inventory
from runstore.format import documents
from runstore.query import thinned
from runstore.query.connect import connect


def found(tmp_path: Path, *records: dict[str, Any]) -> Inventory:
    """A run with these records, in the order in which they count."""
    seen = Inventory(tmp_path)
    for number, record in enumerate(records):
        name = f"seal-{number:024x}.json"
        body = {"runstore": 1, "replaces": [], "segments": [], "merged_facts": None, **record}
        (tmp_path / name).write_bytes(documents.render({**body, "summary": {"loss": {"count": number}}}))
        seen.seals.append((name, body))
    return seen


def record(first: int, last: int, *pieces: list[int], writer: str = "w") -> dict[str, Any]:
    body: dict[str, Any] = {"ranges": [[writer, 1, first, last]]}
    return {**body, "thinned": [[writer, 1, *piece] for piece in pieces]} if pieces else body


def test_a_run_that_was_never_thinned_has_nothing_to_tell(tmp_path: Path) -> None:
    seen = found(tmp_path, record(0, 9), record(10, 19))
    assert (thinned.pieces(seen), thinned.told(seen), thinned.since(seen)) == ([], [], 0)


def test_each_number_is_told_of_once_by_the_record_that_gives_it(tmp_path: Path) -> None:
    seen = found(tmp_path, record(0, 9, [0, 9, 5, 222]), record(0, 30), record(5, 19, [5, 19, 4, 111]))
    assert thinned.pieces(seen) == [["w", 1, 0, 4, 5, 222], ["w", 1, 5, 19, 4, 111]]
    assert thinned.since(seen) == 222


def test_of_records_for_the_same_numbers_the_one_that_tells_of_most_is_believed(tmp_path: Path) -> None:
    seen = found(tmp_path, record(5, 9, [5, 9, 4, 1]), record(0, 14, [0, 14, 5, 1]), record(20, 29, [20, 29, 6, 1]))
    told = thinned.told(seen)
    assert [one.summary for one in told] == [{"loss": {"count": 1}}, {"loss": {"count": 2}}]
    assert [one.covers for one in told] == [{"w": [(0, 14)]}, {"w": [(20, 29)]}]


def test_its_numbers_are_a_condition_in_sql(tmp_path: Path) -> None:
    (told,) = thinned.told(found(tmp_path, record(3, 5, [3, 5, 1, 1], writer="it's")))
    numbers = connect().sql("SELECT range AS seq, 'it''s' AS writer FROM range(10)")
    assert [row[0] for row in numbers.filter(told.within).fetchall()] == [3, 4, 5]


def test_what_is_held_is_counted_anew_and_what_is_all_there_is_no_piece(tmp_path: Path) -> None:
    source = "SELECT 'w' AS writer, unnest([0, 2, 4, 10, 11, 12]) AS seq"
    pieces = [["w", 1, 10, 12, 1, 7], ["w", 1, 0, 9, 99, 7], ["other", 1, 0, 1, 1, 7]]
    assert thinned.recounted(connect(), source, pieces) == [["other", 1, 0, 1, 0, 7], ["w", 1, 0, 9, 3, 7]]
