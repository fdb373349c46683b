"""Addresses that this user has confirmed: only there does a secret of the environment go.

They are kept outside of every workspace. A workspace got from somebody else names remotes as well, and calls them what
it likes; that alone sends no token anywhere.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from runstore.disk import files
from runstore.errors import UsageError

VARIABLE = "RUNSTORE_SERVERS"
"""Addresses with spaces between them, for where there is no home directory to keep them in."""
_FILE = "servers"
_here: set[str] = set()  # in this process, also where nothing can be kept


def path() -> Path:
    """The file that has one address in each line."""
    if named := os.environ.get("RUNSTORE_CONFIG"):
        return Path(named).absolute() / _FILE
    if os.name == "nt":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "runstore" / _FILE
    if xdg := os.environ.get("XDG_CONFIG_HOME"):
        return Path(xdg).absolute() / "runstore" / _FILE
    folder = ("Library", "Application Support") if sys.platform == "darwin" else (".config",)
    return Path.home().joinpath(*folder, "runstore", _FILE)


def confirm(url: str) -> None:
    """Remember an address that the user has typed or said yes to.

    Raises:
        UsageError: it has blanks in it, so that it would be read as several.
    """
    if len(url.split()) != 1:
        raise UsageError(f"{url!r}: an address has no blanks in it; see `runstore remote list`")
    if is_confirmed(url):
        return
    _here.add(_plain(url))
    with suppress(OSError, RuntimeError):  # no home, or a read-only one: it holds for this process
        files.make_dirs(path().parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        fd = os.open(path(), flags, 0o600)
        try:
            files.write_all(fd, f"{_plain(url)}\n".encode())
        finally:
            files.close(fd)


def is_confirmed(url: str) -> bool:
    """Whether the user has confirmed an address."""
    return _plain(url) in _here | _kept() | {*map(_plain, os.environ.get(VARIABLE, "").split())}


def require(url: str, secret: str, name: str = "NAME") -> None:
    """See that a secret goes nowhere that the user doesn't know.

    Args:
        url: where it would go.
        secret: what it is called in the message.
        name: the remote's.

    Raises:
        UsageError: the user has not confirmed that address.
    """
    if not is_confirmed(url):
        raise UsageError(
            f"{url}: you have not confirmed this address, so {secret} is not sent there; "
            f"if it is yours, `runstore remote confirm {name}`, or name it in {VARIABLE}"
        )


def _kept() -> set[str]:
    try:
        return {*files.read(path()).decode("utf-8", "replace").split()}
    except (OSError, RuntimeError):  # there is none yet; there is no home
        return set()


def _plain(url: str) -> str:
    scheme, separator, rest = url.strip().rstrip("/").partition("://")
    host, slash, way = rest.partition("/")
    return f"{scheme.lower()}{separator}{host.lower()}{slash}{way}"
