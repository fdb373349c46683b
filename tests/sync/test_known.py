"""What pieces tell is put into the ledger as far as it reaches, and files are put together from pieces in any order."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from runstore.disk.ledger import Ledger
from runstore.sync import known
from runstore.sync.piece import Piece

SEAL = Piece("runs/aa/bb/seal-1.json", "seal", "r", "e", size=9, spans=(("w", 0, 9),))


def log(offset: int, size: int, path: str = "runs/aa/bb/o-1.log") -> Piece:
    return Piece(path, "log", "r", "e", offset, size, sha256=f"{offset}-{size}")


cuts = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), max_size=12)


@given(told=cuts)
def test_a_file_reaches_as_far_as_its_pieces_do_without_a_gap(told: list[tuple[int, int]]) -> None:
    bytes_there = {at for offset, size in told for at in range(offset, offset + size)}
    end = next(at for at in range(100) if at not in bytes_there)
    assert known.reach([log(*one) for one in told], {}).get("runs/aa/bb/o-1.log", 0) == end


@given(told=cuts.filter(lambda found: any(offset == 0 for offset, _ in found)))
def test_the_pieces_that_are_taken_make_up_the_file(told: list[tuple[int, int]]) -> None:
    ((file, taken),) = known.assembled([log(*one) for one in told]).values()
    at = 0
    for piece in taken:
        assert piece.offset <= at < piece.end
        at = piece.end
    assert at == file.size == known.reach([log(*one) for one in told], {})[file.key]


def test_what_was_learned_is_kept(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "11111111-2222-4333-8444-555555555555")
    blob, document = Piece("blobs/aa/bb", "blob", "r", size=4), Piece("experiments/x.json", "document", size=5)
    assert known.learn(ledger, [SEAL, log(0, 5), blob, document]) == {"r"}
    ledger.save()
    again = Ledger(tmp_path, ledger.remote_id)
    have = known.held(again.run(known.key("r")))
    assert have.data == {"w": [(0, 9)]} and have.files == {SEAL.path: 9, "runs/aa/bb/o-1.log": 5}
    assert again.files == {"blobs/aa/bb": 4, document.key: 5}


def test_what_is_told_twice_is_known_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "11111111-2222-4333-8444-555555555555")
    known.learn(ledger, [log(0, 5), SEAL])
    before = known.held(ledger.run(known.key("r")))
    known.learn(ledger, [SEAL, log(0, 5)])
    assert known.held(ledger.run(known.key("r"))) == before
    known.learn(ledger, [log(5, 5)])
    assert known.held(ledger.run(known.key("r"))).files["runs/aa/bb/o-1.log"] == 10
