from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.disk.lock import Busy
from runstore.format import names, ranges
from runstore.sync.mlflow import cursor
from runstore.sync.mlflow.cursor import Cursors, Entry

ID = "6b1f0bfa-0000-4000-8000-000000000001"
KEY = "ab" + "0" * 16
SENT = st.dictionaries(
    st.from_regex(r"[0-9a-f]{16}s?", fullmatch=True),
    st.lists(st.tuples(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))).map(ranges.join).filter(bool),
)


@given(SENT)
def test_tags_tell_what_is_sent(sent: dict[str, list[ranges.Range]]) -> None:
    assert cursor.told(cursor.tags(sent)) == sent


def test_a_tag_is_never_too_long_and_then_tells_less(workspace: Path) -> None:
    many = [(n * 10**10, n * 10**10 + 1) for n in range(1000)]
    tags = cursor.tags({"a": many})
    assert all(len(text) <= cursor.LONGEST for text in tags.values())
    (told,) = cursor.told(tags).values()
    assert 50 < len(told) < 1000 and not ranges.subtract(told, many)


def test_what_somebody_else_has_written_into_a_tag_is_left_out() -> None:
    assert cursor.told({"runstore.sent.a": "0-5,x,9-3,,7", "runstore.sent.b": "", "stage": "0-9"}) == {
        "a": [(0, 5)],
        "b": [],
    }


def test_entries_are_there_again_and_a_damaged_document_is_none(workspace: Path) -> None:
    entry = Entry("m1", "sig", "told", {"w": [(0, 4), (7, 9)]}, {"a/b": "hash"}, True, True, ["stage"])
    first = Cursors(workspace, ID)
    first.note(KEY, entry)
    assert Cursors(workspace, ID).run(KEY) is None
    first.save()
    assert Cursors(workspace, ID).run(KEY) == entry
    path = workspace / names.mlflow_cursors(ID, "-a")
    path.write_bytes(path.read_bytes().replace(b"sig", b"sog"))
    assert Cursors(workspace, ID).run(KEY) is None


def test_who_was_cut_off_leaves_a_mark(workspace: Path) -> None:
    with Cursors(workspace, ID).open() as cut_off:
        assert not cut_off
    with pytest.raises(KeyboardInterrupt), Cursors(workspace, ID).open() as cut_off:
        assert not cut_off
        raise KeyboardInterrupt
    with Cursors(workspace, ID).open() as cut_off:
        assert cut_off
    with Cursors(workspace, ID).open() as cut_off:
        assert not cut_off


def test_blocks_are_kept_and_a_damaged_mark_is_one_of_who_was_cut_off(workspace: Path) -> None:
    known = Cursors(workspace, ID)
    known.whole(frozenset({"a", "b"}))
    with Cursors(workspace, ID).open() as cut_off:
        assert not cut_off
    assert Cursors(workspace, ID).blocks == {"a", "b"}
    (workspace / names.mlflow_cursors(ID, "")).write_bytes(b"torn")
    assert Cursors(workspace, ID).blocks == frozenset()
    with Cursors(workspace, ID).open() as cut_off:
        assert cut_off


def test_its_documents_are_those_of_a_ledger(workspace: Path) -> None:
    for part in ("", *(f"-{digit}" for digit in "0123456789abcdef")):
        path = names.mlflow_cursors(ID, part)
        assert names.is_ledger(path.removeprefix(f"{names.REMOTES}/"))
    assert not names.is_ledger(f"{ID}/mlflow-g.json") and not names.is_ledger(f"{ID}/mlflow-.json")


def test_one_process_sends_at_a_time(workspace: Path) -> None:
    workspace.mkdir()
    (workspace / names.LOCKS).mkdir()
    with (
        cursor.held(workspace, ID),
        pytest.raises(Busy),
        cursor.held(workspace, ID, timeout=0),
    ):
        pass
