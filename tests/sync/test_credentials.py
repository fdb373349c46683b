"""Tokens come from the environment first, then from the keyring; the keyring here is a dictionary."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from runstore.errors import RemoteError, UsageError
from runstore.sync import confirmed, credentials

URL = "https://runs.example"


class Memory(keyring.backend.KeyringBackend):
    """A keyring that forgets. ``trouble`` is raised by whatever is asked of it."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}
        self.trouble: Exception | None = None

    def _look(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def get_password(self, service: str, username: str) -> str | None:
        self._look()
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._look()
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._look()
        del self.held[service, username]


@pytest.fixture
def memory() -> Iterator[Memory]:
    before = keyring.get_keyring()
    found = Memory()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


def test_what_is_stored_is_found_again_and_can_be_removed(memory: Memory) -> None:
    assert credentials.token("team", URL) is None
    credentials.store("team", URL, " secret\n")
    assert (credentials.token("team", URL), credentials.where("team", URL)) == ("secret", "keyring")
    credentials.store("team", URL + "/", "newer")
    assert credentials.token("team", URL) == "newer"
    assert (credentials.remove("team", URL), credentials.remove("team", URL)) == (True, False)
    assert (credentials.token("team", URL), credentials.where("team", URL), memory.held) == (None, None, {})


def test_a_remote_of_the_same_name_elsewhere_is_not_handed_the_token(memory: Memory) -> None:
    credentials.store("team", URL, "secret")
    assert credentials.token("team", "https://elsewhere.example") is None
    assert credentials.token("other", URL) is None


def test_the_environment_comes_first_and_the_remotes_own_variable_before_that_for_all(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed.confirm(URL)
    credentials.store("my-team", URL, "kept")
    monkeypatch.setenv("RUNSTORE_TOKEN", "of-all")
    assert (credentials.token("my-team", URL), credentials.where("my-team", URL)) == ("of-all", "$RUNSTORE_TOKEN")
    monkeypatch.setenv("RUNSTORE_TOKEN_MY_TEAM", "own")
    assert (credentials.token("my-team", URL), credentials.token("other", URL)) == ("own", "of-all")
    assert credentials.where("my-team", URL) == "$RUNSTORE_TOKEN_MY_TEAM"


@pytest.mark.parametrize("given", ["", "  ", "two words", "a\r\nX-Admin: 1", "schlüssel", "nul\0"])
def test_what_can_be_no_token_is_refused_and_not_shown(memory: Memory, given: str) -> None:
    with pytest.raises(UsageError, match=r"^that is no token: ") as told:
        credentials.store("team", URL, given)
    assert memory.held == {} and (not given.strip() or given not in str(told.value))


def test_a_variable_that_holds_no_token_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed.confirm(URL)
    monkeypatch.setenv("RUNSTORE_TOKEN_TEAM", "two words")
    with pytest.raises(UsageError, match=r"^\$RUNSTORE_TOKEN_TEAM is no token"):
        credentials.token("team", URL)


@pytest.mark.parametrize("variable", ["RUNSTORE_TOKEN", "RUNSTORE_TOKEN_TEAM"])
def test_a_token_of_the_environment_goes_to_no_address_that_the_user_has_not_confirmed(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    confirmed.confirm(URL)
    monkeypatch.setenv(variable, "s3cret")
    with pytest.raises(UsageError, match=r"^https://evil.example: .* not sent there; .*remote confirm team") as told:
        credentials.token("team", "https://evil.example")
    assert variable in str(told.value) and "s3cret" not in str(told.value)
    assert credentials.token("team", URL) == "s3cret"


def test_a_machine_without_a_keyring_has_no_token_and_says_where_to_put_one(memory: Memory) -> None:
    keyring.set_keyring(keyring.backends.fail.Keyring())
    assert credentials.token("team", URL) is None
    with pytest.raises(RemoteError, match="this machine has none\\); set RUNSTORE_TOKEN_TEAM instead"):
        credentials.store("team", URL, "secret")


def test_a_locked_keyring_is_told_in_one_line(memory: Memory) -> None:
    memory.trouble = keyring.errors.KeyringLocked("Failed to unlock\nthe collection!")
    for asked in (credentials.token, credentials.remove):
        with pytest.raises(RemoteError, match=r"\(Failed to unlock the collection!\); set RUNSTORE_TOKEN_TEAM"):
            asked("team", URL)
    with pytest.raises(RemoteError, match="Failed to unlock"):
        credentials.store("team", URL, "secret")


def test_without_the_library_there_is_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert (credentials.token("team", URL), credentials.remove("team", URL)) == (None, False)
    with pytest.raises(UsageError, match="pip install 'runstore\\[server\\]', or set RUNSTORE_TOKEN_TEAM"):
        credentials.store("team", URL, "secret")
