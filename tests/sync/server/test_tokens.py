"""Tokens: told once, kept as hashes, good for their scope and their time, gone at once when they are revoked."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from runstore.disk.capabilities import CAN
from runstore.errors import Damaged, UsageError
from runstore.format import documents
from runstore.sync.server import tokens
from runstore.sync.server.tokens import ADMIN, READ, SCOPES, WRITE, Tokens

SECOND = 10**9


@pytest.fixture
def kept(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path / "server" / "tokens.json")


def test_a_token_is_its_owners(kept: Tokens) -> None:
    given = kept.create("laptop", WRITE, 60)
    found = kept.find(given)
    assert found is not None
    assert (found.name, found.scope) == ("laptop", WRITE)


def test_a_token_is_not_kept(kept: Tokens) -> None:
    given = kept.create("laptop", WRITE, 60)
    assert given.rpartition("_")[2].encode() not in kept.path.read_bytes()


def test_nobody_but_its_owner_may_read_the_file(kept: Tokens) -> None:
    kept.create("laptop", WRITE, 60)
    kept.create("other", WRITE, 60)
    mode = stat.S_IMODE(kept.path.stat().st_mode)
    assert mode & 0o077 == 0 or not CAN.groups


def test_a_token_whose_time_is_over_is_nobodys(kept: Tokens) -> None:
    given = kept.create("laptop", WRITE, 60)
    (one,) = kept.every()
    assert one.expires is not None
    assert kept.find(given, one.expires - 1) == one
    assert kept.find(given, one.expires) is None


def test_one_without_an_end_has_none(kept: Tokens) -> None:
    given = kept.create("laptop", READ, None)
    assert kept.find(given, 1 << 62) is not None


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + "x", lambda t: t[:4] + "0" + t[5:], lambda t: t + "x", str.upper]
)
def test_a_forged_token_is_nobodys(kept: Tokens, change: object) -> None:
    given = kept.create("laptop", WRITE, 60)
    forged = change(given)  # type: ignore[operator]
    assert forged == given or kept.find(forged) is None


@pytest.mark.parametrize("given", ["", "rs_", "rs_00000000_" + "A" * 43, "Bearer x", "\x00", "ä" * 50])
def test_what_is_no_token_is_nobodys(kept: Tokens, given: str) -> None:
    kept.create("laptop", WRITE, 60)
    assert kept.find(given) is None


def test_the_secret_of_another_one_does_not_help(kept: Tokens) -> None:
    first, second = kept.create("a", READ, 60), kept.create("b", ADMIN, 60)
    assert kept.find(f"{second[:12]}{first[12:]}") is None


def test_who_looks_sees_what_another_one_has_changed(kept: Tokens) -> None:
    other = Tokens(kept.path)
    given = other.create("laptop", WRITE, 60)
    assert kept.find(given) is not None
    other.revoke("laptop")
    assert kept.find(given) is None
    assert kept.every() == []


def test_a_token_can_be_revoked_by_its_id(kept: Tokens) -> None:
    kept.create("laptop", WRITE, 60)
    (one,) = kept.every()
    assert kept.revoke(one.id) == one


def test_what_is_not_there_cannot_be_revoked(kept: Tokens) -> None:
    with pytest.raises(UsageError, match="token list"):
        kept.revoke("laptop")


def test_each_name_has_one(kept: Tokens) -> None:
    kept.create("laptop", WRITE, 60)
    with pytest.raises(UsageError, match="revoke it first"):
        kept.create("laptop", READ, 60)


@pytest.mark.parametrize("name", ["", " ", "a b", "-x", "x" * 65, "ä", "a\nb", "../x"])
def test_a_name_is_a_plain_word(kept: Tokens, name: str) -> None:
    with pytest.raises(UsageError, match="name is"):
        kept.create(name, WRITE, 60)


def test_each_scope_may_what_those_before_it_may(kept: Tokens) -> None:
    found = [kept.find(kept.create(scope, scope, 60)) for scope in SCOPES]
    may = [[one.may(scope) for scope in SCOPES] for one in found if one is not None]
    assert may == [[True, False, False], [True, True, False], [True, True, True]]


def test_a_changed_byte_in_the_file_opens_nothing(kept: Tokens) -> None:
    given = kept.create("laptop", WRITE, 60)
    data = kept.path.read_bytes().replace(b'"write"', b'"admin"')
    kept.path.unlink()
    kept.path.write_bytes(data)
    with pytest.raises(Damaged):
        kept.find(given)


def test_another_document_is_no_file_of_tokens(kept: Tokens) -> None:
    kept.path.parent.mkdir()
    kept.path.write_bytes(documents.render({"tokens": [{"id": "x"}]}))
    with pytest.raises(Damaged, match="no file of tokens"):
        kept.every()


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 2592000.0), ("12h", 43200.0), ("5m", 300.0), ("7s", 7.0), ("never", None)]
)
def test_times_are_said_in_words(text: str, seconds: float | None) -> None:
    assert tokens.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "0d", "1.5h", "for ever", "9999999d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="such as 30d"):
        tokens.seconds(text)
