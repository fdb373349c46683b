"""Tokens of remotes: from the environment, else from the keyring of the operating system. The one door to keyring.

No token is ever written into a workspace. One in the keyring is bound to the address it is for as well as to the
remote's name, and one in the environment to the addresses that the user has confirmed, so that a workspace got from
somebody else, whose ``team`` lies elsewhere, is handed neither.
"""

from __future__ import annotations

import os
from types import ModuleType

from runstore.errors import RemoteError, UsageError
from runstore.sync import confirmed

ANY = "RUNSTORE_TOKEN"
CHALLENGE = 'Bearer realm="runstore"'
"""What a workspace server answers to a question without a token (``www-authenticate``, RFC 6750)."""
_SERVICE = "runstore "


def variable(name: str) -> str:
    """The environment variable that holds the token of a remote: ``RUNSTORE_TOKEN_TEAM`` of ``team``."""
    return f"{ANY}_{name.upper().replace('-', '_')}"


def token(name: str, url: str) -> str | None:
    """The token of a remote; None where there is none.

    Args:
        name: the remote's.
        url: its address.

    Raises:
        UsageError: what the environment has is no token, or the user has not confirmed the address.
        RemoteError: the keyring is locked or broken.
    """
    for given in (variable(name), ANY):
        if os.environ.get(given):
            confirmed.require(url, f"${given}", name)
            return checked(os.environ[given], f"${given}")
    return _stored(name, url)


def where(name: str, url: str) -> str | None:
    """Where a token comes from: the variable's name or ``keyring``; None where there is none."""
    for given in (variable(name), ANY):
        if os.environ.get(given):
            return f"${given}"
    return "keyring" if _stored(name, url) else None


def store(name: str, url: str, given: str) -> None:
    """Keep a token in the keyring, in the place of one that is there.

    Raises:
        UsageError: it is no token, or keyring is not installed.
        RemoteError: there is no keyring to be had, or it is locked.
    """
    given = checked(given, "that")
    keyring = _keyring()
    if keyring is None:
        raise UsageError(f"no keyring: pip install 'runstore[server]', or set {variable(name)} instead")
    try:
        keyring.set_password(_service(url), name, given)
    except keyring.errors.KeyringError as problem:
        raise _trouble(name, problem) from None


def remove(name: str, url: str) -> bool:
    """Forget a token in the keyring; whether there was one.

    Raises:
        RemoteError: the keyring is locked or broken.
    """
    if _stored(name, url) is None:
        return False
    keyring = _keyring()
    assert keyring is not None
    try:
        keyring.delete_password(_service(url), name)
    except keyring.errors.KeyringError as problem:
        raise _trouble(name, problem) from None
    return True


def checked(given: str, what: str) -> str:
    """A token without the space around it.

    Raises:
        UsageError: it can be none: empty, or with letters that no header may have.
    """
    given = given.strip()
    if not given or not given.isascii() or not given.isprintable() or " " in given:
        raise UsageError(f"{what} is no token: one is a single word of printable ASCII")
    return given


def _stored(name: str, url: str) -> str | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        found: str | None = keyring.get_password(_service(url), name)
    except keyring.errors.NoKeyringError:
        return None
    except keyring.errors.KeyringError as problem:
        raise _trouble(name, problem) from None
    return found or None


def _service(url: str) -> str:
    return _SERVICE + url.rstrip("/")


def _keyring() -> ModuleType | None:
    """The library, where it is installed."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    return keyring


def _trouble(name: str, problem: Exception) -> RemoteError:
    said = " ".join(str(problem).split()) or type(problem).__name__
    if type(problem).__name__ == "NoKeyringError":
        said = "this machine has none"
    return RemoteError(f"the keyring can't be used ({said}); set {variable(name)} instead")
