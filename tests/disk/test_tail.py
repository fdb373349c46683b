from __future__ import annotations

import io
from pathlib import Path

import pytest

from runstore.disk import files, inventory, tail
from runstore.format import lines, names
from tests.disk import build
from tests.disk.build import OTHER, WRITER


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return build.run_path(tmp_path)


def steps(run: Path) -> list[int]:
    """Every step the tail gives, in order; the tests log point number n at step n."""
    return [line[2] for found in tail.journals(inventory.scan(run)) for line in found.items()]


def test_closed_checked_and_unchecked_points_are_all_given(run: Path) -> None:
    build.put_points(run, build.some_points(0, 5))
    build.put_points(run, build.some_points(5, 13), number=1, first=5, closed=False, checked=3)
    assert steps(run) == list(range(13))
    last = tail.journals(inventory.scan(run))[-1]
    assert [span.verified for span in last.spans] == [True, True, False]


def test_what_is_sealed_is_not_given_again(run: Path) -> None:
    build.put_points(run, build.some_points(0, 5))
    build.put_points(run, build.some_points(5, 9), number=1, first=5)
    build.put_points(run, build.some_points(0, 4), writer=OTHER)
    build.put_seal(run, build.seal_body((WRITER, 0, 6), (OTHER, 2, 2)))
    assert steps(run) == [7, 8, 0, 1, 3]
    build.put_seal(run, build.seal_body((WRITER, 0, 8), (OTHER, 0, 3)))
    assert tail.journals(inventory.scan(run)) == []


def test_a_later_journal_gives_what_it_repeats(run: Path) -> None:
    build.put_points(run, build.some_points(0, 10), closed=False, checked=4)
    build.put_points(run, build.some_points(6, 15), number=1, first=6)
    assert steps(run) == list(range(15))
    first, second = tail.journals(inventory.scan(run))
    assert (tail.held(first), tail.held(second)) == ([(0, 5)], [(6, 14)])


def test_the_earlier_copy_counts_where_the_later_is_damaged(run: Path) -> None:
    build.put_points(run, build.some_points(0, 10), closed=False, checked=4)
    later = build.put_points(run, build.some_points(6, 9), number=1, first=6)
    later.write_bytes(later.read_bytes().replace(b"[7]", b"[9]").replace(b",7,", b",5,"))
    assert steps(run) == list(range(10))


def test_wide_lines_are_cut_whole(run: Path) -> None:
    wide = [lines.points({"a": i, "b": i}, i, 1) for i in range(4)]
    build.put_points(run, wide)
    build.put_seal(run, build.seal_body((WRITER, 0, 3)))
    (found,) = tail.journals(inventory.scan(run))
    assert [line[2] for line in found.items()] == [2, 3]
    assert tail.held(found) == [(4, 7)]


def test_damage_and_torn_bytes_stay_visible(run: Path) -> None:
    path = build.put_points(run, build.some_points(0, 5))
    path.write_bytes(path.read_bytes().replace(b"loss", b"lozz", 1))
    torn = build.put_points(run, build.some_points(0, 2), writer=OTHER, closed=False)
    torn.write_bytes(torn.read_bytes() + b'["lo')
    bad, cut = tail.journals(inventory.scan(run))
    assert bad.damage and not bad.spans
    assert cut.torn == 4 and tail.held(cut) == [(0, 1)]


@pytest.mark.parametrize("change", [{"run_id": "other"}, {"writer": OTHER}, {"number": 3}, {"kind": lines.FACTS}])
def test_a_journal_under_a_name_or_in_a_run_not_its_own_is_damage(run: Path, change: dict[str, object]) -> None:
    data = build.journal(build.some_points(0, 3), **change)  # type: ignore[arg-type]
    (run / names.points(WRITER, 0)).write_bytes(data)
    (found,) = tail.journals(inventory.scan(run))
    assert found.damage and not found.spans


def test_a_journal_of_a_later_format_is_not_read(run: Path) -> None:
    path = build.put_points(run, build.some_points(0, 3))
    path.write_bytes(path.read_bytes().replace(b'"runstore":1', b'"runstore":2'))
    (found,) = tail.journals(inventory.scan(run))
    assert "upgrade" in found.damage[0].what


def test_a_vanished_journal_asks_for_another_listing(run: Path) -> None:
    path = build.put_points(run, build.some_points(0, 3))
    found = inventory.scan(run)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        tail.journals(found)


def flip_header(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert data.count(old, 0, data.index(b"\n")) == 1
    path.write_bytes(data.replace(old, new, 1))


@pytest.mark.parametrize(("old", "new"), [(b'"attempt":1', b'"attempt":3'), (b"mnist", b"mnisu")])
def test_points_under_a_header_that_nothing_vouches_for_are_not_given(run: Path, old: bytes, new: bytes) -> None:
    path = build.put_points(run, build.some_points(0, 9), closed=False, checked=3)
    flip_header(path, old, new)
    (found,) = tail.journals(inventory.scan(run))
    assert found.damage and not found.spans
    (run / "a1.jsonl").write_bytes(build.journal([lines.fact("start", 1, {})], lines.FACTS))
    (found,) = tail.journals(inventory.scan(run))
    assert found.damage and not found.spans


def test_damage_in_the_first_range_costs_only_that_where_another_file_vouches_for_the_header(run: Path) -> None:
    path = build.put_points(run, build.some_points(0, 9), closed=False, checked=3)
    path.write_bytes(path.read_bytes().replace(b"loss", b"lozz", 1))
    assert steps(run) == []
    (run / "a1.jsonl").write_bytes(build.journal([lines.fact("start", 1, {})], lines.FACTS))
    assert steps(run) == [3, 4, 5, 6, 7, 8]


def test_facts_of_a_later_format_vouch_for_nothing(run: Path) -> None:
    path = build.put_points(run, build.some_points(0, 9), closed=False, checked=3)
    path.write_bytes(path.read_bytes().replace(b"loss", b"lozz", 1))
    newer = build.journal([lines.fact("start", 1, {})], lines.FACTS).replace(b'"runstore":1', b'"runstore":2')
    (run / "a1.jsonl").write_bytes(newer)
    assert steps(run) == []


@pytest.mark.parametrize("at_once", [200, 1])
def test_journals_once_opened_are_read_though_they_are_sealed_meanwhile(
    run: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(tail, "_OPEN", at_once)
    paths = [build.put_points(run, build.some_points(0, 3), writer=writer) for writer in (build.WRITER, build.OTHER)]
    with tail.opened(inventory.scan(run)) as found:
        first, _ = next(found)
        for path in paths:
            path.rename(run / f".{path.name}")
        assert [first, *(path for path, _ in found)] == paths


def test_only_one_writers_journals_are_in_memory_at_once(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for writer in (build.WRITER, build.OTHER):
        build.put_points(run, build.some_points(0, 3), writer=writer)
    judged: list[Path] = []
    true = tail.judged
    monkeypatch.setattr(tail, "judged", lambda path, data: (judged.append(path), true(path, data))[1])
    with tail.opened(inventory.scan(run)) as found:
        next(found)
        assert len(judged) == 1


@pytest.mark.parametrize("few", [0, 200])
def test_a_journal_whose_writer_goes_on_while_it_is_read_is_read_again(
    run: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Its first bytes are of before, and the checking line after them is of now."""
    path = build.put_points(run, build.some_points(0, 50), closed=False, checked=40)
    data = path.read_bytes()
    early = data.index(b"\n") + 1
    older = data[:early] + bytes(200) + data[early + 200 :]
    reads = [older, older[:-1] + b"\0", data]
    opened, read = files.opened, files.read
    monkeypatch.setattr(tail, "_OPEN", few)

    class Growing(io.BytesIO):
        def readall(self) -> bytes:
            return reads.pop(0) if reads else data

    monkeypatch.setattr(files, "opened", lambda path: Growing())
    monkeypatch.setattr(files, "read", lambda path: reads.pop(0) if reads else data)
    (found,) = tail.journals(inventory.scan(run))
    monkeypatch.setattr(files, "opened", opened)
    monkeypatch.setattr(files, "read", read)
    assert not found.damage
    assert [line[2] for line in found.items()] == list(range(50))
