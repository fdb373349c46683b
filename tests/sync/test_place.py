"""A workspace served as a remote takes what is right, as a merge would, and nothing else; it tells what it has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

import runstore
from runstore.disk import block
from runstore.errors import Refused, RemoteConflict, RemoteError
from runstore.format import documents, names
from runstore.query import compaction
from runstore.query.check import check
from runstore.runs import seal
from runstore.sync import pull, push
from runstore.sync.piece import Piece
from runstore.sync.place import Place
from tests.query import blocked, unions
from tests.sync import served
from tests.sync.served import Shipment, shipment, thing, tree

Make = Callable[[str], runstore.Workspace]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return lambda name: runstore.Workspace(tmp_path / name)


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Place]]:
    """``opened(path)``: a workspace as a remote, closed when the test ends."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(closing(Place(path)))


@pytest.fixture
def there(make: Make, opened: Callable[[Path], Place]) -> Place:
    return opened(make("there").path)


@pytest.fixture
def sent(make: Make) -> Shipment:
    """What a laptop with one run would send."""
    unions.logged(make("laptop"), "r0", small=b"small", large=bytes(300_000))
    return shipment(make("laptop").path)


def damage(path: Path) -> list[object]:
    return [one for one in check(path) if one.severity != "note"]


def test_what_one_laptop_sends_another_one_fetches(make: Make, there: Place) -> None:
    a, b = make("a"), make("b")
    unions.logged(a, "r0", small=b"small", large=bytes(300_000))
    a.get_run("r0").set_tags({"k": "v"})
    done = push.push(a.path, there)
    assert (done.ok, done.failed, done.partial) == (["r0"], {}, {})
    assert pull.pull(b.path, there).refused == []
    assert unions.answers(b) == unions.answers(make("there")) == unions.answers(a)
    assert (damage(there.workspace), damage(b.path)) == ([], [])


def test_its_id_is_that_of_the_workspace(make: Make, there: Place) -> None:
    assert there.id == make("there").id


def test_a_commit_repeated_changes_nothing(there: Place, sent: Shipment) -> None:
    sent.send(there)
    once = tree(there.workspace)
    sent.send(there)
    there.commit(sent.pieces)
    assert tree(there.workspace) == once


def test_a_run_that_goes_on_is_sent_on(make: Make, there: Place) -> None:
    a = make("a")
    for number in range(3):
        unions.logged(a, "r0", number)
        assert push.push(a.path, there).failed == {}
    assert unions.answers(make("there")) == unions.answers(a)


@pytest.mark.slow
def test_an_attempt_that_two_laptops_have_begun_goes_on_from_both(make: Make, there: Place) -> None:
    a, b = make("a"), make("b")
    one, two = (runstore.start_run("e", run_id="r0", workspace=ws) for ws in (a, b))
    for step in range(3):
        for ws, run in ((a, one), (b, two)):
            run.log(f"loss-{ws.path.name}", step)
            run.set_tags({f"{ws.path.name}{step}": "v"})
            run.flush()
            done = push.push(ws.path, there)
            assert done.failed == {}
    tags = make("there").get_run("r0").tags
    assert tags == {f"{name}{step}": "v" for name in "ab" for step in range(3)}
    assert damage(there.workspace) == []


def test_what_is_compacted_there_is_neither_sent_again_nor_lost(
    make: Make, there: Place, opened: Callable[[Path], Place]
) -> None:
    a, b = make("a"), make("b")
    unions.logged(a, "r0", small=b"small")
    push.push(a.path, there)
    blocked.compacted(there.workspace)
    assert block.active(there.workspace)
    again = opened(there.workspace)
    assert push.push(a.path, again).sent_bytes == 0
    assert pull.pull(b.path, again).refused == []
    assert unions.answers(b) == unions.answers(a)
    unions.logged(a, "r0", 5)
    assert push.push(a.path, again).failed == {}
    assert unions.answers(make("there")) == unions.answers(a)


def test_only_what_has_changed_since_the_cursor_is_told(make: Make, there: Place) -> None:
    a = make("a")
    unions.logged(a, "r0"), unions.logged(a, "r1")
    push.push(a.path, there)
    first = there.pieces()
    assert {one.run_id for one in first.pieces} == {"r0", "r1", ""}
    assert list(there.pieces(first.cursor).pieces) == []
    make("there").get_run("r1").set_tags({"k": "v"})
    second = there.pieces(first.cursor)
    assert {one.run_id for one in second.pieces} == {"r1"}
    assert list(there.pieces(second.cursor).pieces) == []
    make("there").experiment("another")
    assert [one.path for one in there.pieces(second.cursor).pieces] == [names.experiment_file("another")]


@pytest.mark.parametrize("cursor", ["", "x", "x.y", "0.99", "1" * 99, "\ud800", ".", "0123456789abcdef.-1"])
def test_with_a_cursor_that_is_not_its_own_everything_is_told(there: Place, sent: Shipment, cursor: str) -> None:
    sent.send(there)
    assert {one.kind for one in there.pieces(cursor).pieces} == {one.kind for one in sent.pieces}


def test_only_the_runs_that_are_asked_for_are_told(make: Make, there: Place) -> None:
    a = make("a")
    unions.logged(a, "r0"), unions.logged(a, "r1")
    push.push(a.path, there)
    assert {one.run_id for one in there.pieces(runs=["r1"]).pieces} == {"r1"}
    assert {one.run_id for one in there.pieces(runs=[""]).pieces} == {""}
    assert list(there.pieces(runs=["../.."]).pieces) == []


def test_what_is_logged_there_is_told_as_far_as_it_can_be_sealed(make: Make, there: Place) -> None:
    ws, b = make("there"), make("b")
    run = runstore.start_run("e", run_id="r0", workspace=ws)
    run.log("loss", 0.5)
    run.flush()
    first = there.pieces()
    assert {one.kind for one in first.pieces} >= {"facts"}
    run.complete()
    assert {one.kind for one in there.pieces(first.cursor).pieces} >= {"facts", "points", "seal"}
    assert pull.pull(b.path, there).refused == []
    assert unions.answers(b) == unions.answers(ws)


def test_the_bytes_of_every_piece_are_those_of_its_hash(
    there: Place, sent: Shipment, opened: Callable[[Path], Place]
) -> None:
    sent.send(there)
    blocked.compacted(there.workspace)
    again = opened(there.workspace)
    for piece in again.pieces().pieces:
        data = b"".join(again.get(piece)) if piece.size else b""
        assert (len(data), hashlib.sha256(data).hexdigest()) == (
            piece.size, piece.sha256 or hashlib.sha256().hexdigest(),
        )  # fmt: skip


@pytest.mark.parametrize(
    "path", ["workspace.json", "../ws", "server/tokens.json", "/etc/hostname", "runs/../x", "C:\\x"]
)
def test_nothing_else_can_be_read(there: Place, path: str) -> None:
    for kind in ("document", "log", "blob", "points"):
        with pytest.raises(Refused):
            list(there.get(Piece(path, kind, "r0", size=10, sha256="a" * 64)))


def test_what_is_not_there_is_said_to_be_so(there: Place) -> None:
    path = f"{names.run_dir('r0')}/o-0123456789abcdef-0000.log"
    with pytest.raises(RemoteError, match="is not there"):
        list(there.get(Piece(path, "log", "r0", size=10, sha256="a" * 64)))


# ---- hostile clients


def refused(there: Place, sent: Shipment, kind: type[Exception] = Refused) -> str:
    """Why it is refused, after which nothing is changed."""
    before = tree(there.workspace)
    sent.put(there)
    with pytest.raises(kind) as problem:
        there.commit(sent.pieces)
    assert tree(there.workspace) == before
    assert not [one for one in (there.workspace / names.SERVER).iterdir() if one.name.startswith(".")]
    return str(problem.value)


def test_an_object_that_was_not_put_is_asked_for(there: Place, sent: Shipment) -> None:
    del sent.data[sent.of("points").path]
    assert "was not put" in refused(there, sent)


def test_an_object_that_was_changed_on_the_disk_is_refused(there: Place, sent: Shipment) -> None:
    sent.put(there)
    path = there.incoming.path(sent.of("facts").object)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Refused, match="not those of its SHA-256"):
        there.commit(sent.pieces)


@pytest.mark.parametrize("kind", ["blob", "points"])
def test_a_large_one_too(there: Place, sent: Shipment, kind: str) -> None:
    sent.put(there)
    before = tree(there.workspace)
    path = there.incoming.path(sent.of(kind).object)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises((Refused, RemoteConflict)):
        there.commit(sent.pieces)
    assert tree(there.workspace) == before


def test_a_piece_beyond_its_object_is_refused(there: Place, sent: Shipment) -> None:
    one = sent.of("facts")
    sent.pieces[sent.pieces.index(one)] = one._replace(at=10)
    assert "not those of its SHA-256" in refused(there, sent)


def test_bytes_after_a_gap_are_refused(there: Place, sent: Shipment) -> None:
    one = sent.of("facts")
    sent.pieces[sent.pieces.index(one)] = one._replace(offset=100)
    assert "before byte 100" in refused(there, sent)


@pytest.mark.parametrize(
    "path", ["../x.json", "/x.json", "experiments/../../x.json", "experiments/con.json", "locks/x"]
)
def test_a_document_elsewhere_is_refused(there: Place, sent: Shipment, path: str) -> None:
    one = sent.of("document")
    sent.pieces[sent.pieces.index(one)] = one._replace(path=path)
    assert "not the place" in refused(there, sent)


def test_a_document_of_another_experiment_than_its_name_is_refused(there: Place, sent: Shipment) -> None:
    sent.forge("document", lambda data: documents.render({"experiment": "other", "created": 1}))
    assert "something else than its name" in refused(there, sent)


@pytest.mark.parametrize("body", [5, [], {"experiment": "e"}, {"experiment": "e", "created": "now"}, {"experiment": 5}])
def test_a_document_that_says_nothing_is_refused(there: Place, sent: Shipment, body: object) -> None:
    sent.forge("document", lambda data: documents.render(body))
    refused(there, sent)


def test_a_document_whose_checksum_is_wrong_is_refused(there: Place, sent: Shipment) -> None:
    sent.forge("document", lambda data: data.replace(b'"crc32":"', b'"crc32":"f', 1))
    assert "checksum" in refused(there, sent)


def test_facts_of_another_run_are_refused(make: Make, there: Place, sent: Shipment) -> None:
    unions.logged(make("other"), "r1")
    foreign = shipment(make("other").path)
    sent.forge("facts", lambda data: foreign.data[foreign.of("facts").path])
    assert "of another run" in refused(there, sent)


def test_facts_with_a_changed_byte_are_refused(there: Place, sent: Shipment) -> None:
    sent.forge("facts", lambda data: data.replace(b'"lr"', b'"xx"', 1))
    assert "checksums" in refused(there, sent)


def test_a_run_sent_as_one_of_another_experiment_is_refused(there: Place, sent: Shipment) -> None:
    sent.send(there)
    sent.pieces = [one._replace(experiment="mine") if one.kind == "end" else one for one in sent.pieces]
    one = sent.of("pack")
    sent.pieces = [one._replace(experiment="mine")]
    assert "another experiment" in refused(there, sent)


def test_a_record_without_its_segment_is_refused(there: Place, sent: Shipment) -> None:
    sent.pieces.remove(sent.of("points"))
    assert "which is not there" in refused(there, sent)


@pytest.mark.parametrize(
    "changes",
    [
        {"ranges": [["0123456789abcdef", 1, 5, 2]]},
        {"ranges": "all"},
        {"ranges": [["../../../etc/passw", 1, 0, 2]]},
        {"replaces": ["../x"]},
        {"replaces": 7},
        {"segments": [{"kind": "points"}]},
        {"summary": {"loss": 5}},
        {"run": "another"},
        {"experiment": "another"},
        {"merged_facts": {"file": "facts-0.jsonl", "sha256": "0" * 64, "replaces": ["a1.jsonl"]}},
        {"runstore": "1"},
        {"thinned": [["0123456789abcdef", 1, 0, 2, -5, 0]]},
    ],
)
def test_a_record_that_says_what_cannot_be_is_refused(there: Place, sent: Shipment, changes: dict[str, object]) -> None:
    sent.forge_record(**changes)
    refused(there, sent)


def test_a_record_that_would_take_away_what_it_does_not_have_is_refused(there: Place, sent: Shipment) -> None:
    sent.send(there)
    (record,) = (one for one in tree(there.workspace) if "/seal-" in one)
    sent.forge_record(replaces=[record.rpartition("/")[2]], ranges=[], segments=[], summary={}, created=1)
    sent.pieces = [sent.of("seal")]
    assert "without having all" in refused(there, sent)


def test_other_bytes_for_what_is_there_are_a_conflict(make: Make, there: Place, sent: Shipment) -> None:
    sent.send(there)
    pack = sent.of("pack")
    sent.forge("pack", lambda data: data[:-1] + bytes([data[-1] ^ 1]))
    sent.pieces = [sent.of("pack")]
    assert sent.pieces[0].path == pack.path
    assert "nothing was changed" in refused(there, sent, RemoteConflict)


def test_pieces_of_two_runs_in_one_file_are_refused(there: Place, sent: Shipment) -> None:
    one = sent.of("document")
    sent.pieces.append(one._replace(run_id="r0"))
    assert "more than one file" in refused(there, sent)


def test_a_commit_of_which_one_thing_is_wrong_takes_nothing_of_the_rest(
    make: Make, there: Place, sent: Shipment
) -> None:
    unions.logged(make("other"), "r1")
    foreign = shipment(make("other").path)
    foreign.forge("facts", lambda data: data[:-3])
    sent.pieces += foreign.pieces
    sent.data |= foreign.data
    refused(there, sent)
    assert make("there").sql("select * from runs").fetchall() == []


def test_an_experiment_that_nobody_has_made_is_made_with_its_first_run(there: Place, sent: Shipment) -> None:
    sent.pieces = [one for one in sent.pieces if one.kind != "document"]
    sent.send(there)
    assert damage(there.workspace) == []


def test_what_a_killed_server_left_goes_when_the_next_one_starts(there: Place) -> None:
    left = there.workspace / names.SERVER / names.temporary("commit", "00000000") / "runs"
    left.mkdir(parents=True)
    Place(there.workspace)
    assert not left.parent.exists()


def test_what_is_compacted_while_it_is_sent_is_there_once(make: Make, there: Place, sent: Shipment) -> None:
    sent.send(there)
    compaction.compact(there.workspace, grace=0)
    sent.send(there)
    once = "select count(*) = count(distinct (run_id, writer, seq)) from metrics"
    assert make("there").sql(once).fetchall() == [(True,)]


def test_an_object_put_twice_is_there_once(there: Place) -> None:
    one = thing(b"data")
    there.put(one), there.put(one)
    assert (there.lacking([one]), served.tree(there.workspace / names.SERVER).keys()) == (
        set(), {f"incoming/{one.sha256}"},
    )  # fmt: skip
