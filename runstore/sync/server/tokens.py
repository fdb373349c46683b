"""Who may: bearer tokens, of which a server keeps only the hashes.

A token is ``rs_<8 hex>_<43 letters>``: which one it is, and 256 random bits that nobody can guess; so a plain SHA-256
hides them. What is kept is one small document, replaced as a whole.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from runstore.disk import files, lock
from runstore.errors import Damaged, UsageError
from runstore.format import documents, names

READ, WRITE, ADMIN = "read", "write", "admin"
SCOPES = (READ, WRITE, ADMIN)  # each may what those before it may
_TOKEN = re.compile(r"rs_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
_NOBODY = "0" * 64


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token. Times are nanoseconds; ``expires``: None for never."""

    id: str
    name: str
    scope: str
    created: int
    expires: int | None
    sha256: str

    def expired(self, now: int) -> bool:
        """Whether its time is over."""
        return self.expires is not None and now >= self.expires

    def may(self, scope: str) -> bool:
        """Whether it is good for that."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


class Tokens:
    """The tokens in a file. Whoever changes it is seen at the next question."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._known: dict[str, Token] = {}
        self._startup: dict[str, Token] = {}

    def startup(self) -> str:
        """Make a token for everything that is kept in memory only: it is good as long as this process runs."""
        key, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        self._startup = {key: Token(key, "start-up", ADMIN, time.time_ns(), None, _hash(secret))}
        return f"rs_{key}_{secret}"

    def every(self) -> list[Token]:
        """All of them, also those whose time is over, in the order of their making.

        Raises:
            Damaged: the file is not as it was written.
        """
        self._load()
        return sorted(self._known.values(), key=lambda one: (one.created, one.id))

    def find(self, given: str, now: int | None = None) -> Token | None:
        """Whose token this is; None where it is nobody's, or its time is over.

        Raises:
            Damaged: as ``every``.
        """
        self._load()
        match = _TOKEN.fullmatch(given)
        kept = {**self._startup, **self._known}.get(match[1]) if match else None
        right = hmac.compare_digest(_hash(match[2] if match else ""), kept.sha256 if kept else _NOBODY)
        if kept is None or not right or kept.expired(time.time_ns() if now is None else now):
            return None
        return kept

    def create(self, name: str, scope: str, seconds: float | None) -> str:
        """Make a token; it is told this once.

        Args:
            name: whose it is; each name has one.
            scope: one of ``SCOPES``.
            seconds: after which it is nobody's; None for never.

        Raises:
            UsageError: the name is taken, or is none.
        """
        if not _NAME.fullmatch(name) or scope not in SCOPES:
            raise UsageError(f"{name!r}: a token's name is letters, digits and _ . @ -, 64 at most")
        with self._changing():
            if any(one.name == name for one in self._known.values()):
                raise UsageError(f"{name!r} has a token; revoke it first, or take another name")
            now, secret = time.time_ns(), secrets.token_urlsafe(32)
            key = next(one for one in iter(lambda: secrets.token_hex(4), None) if one not in self._known)
            until = None if seconds is None else now + int(seconds * 1e9)
            self._save([*self._known.values(), Token(key, name, scope, now, until, _hash(secret))])
        return f"rs_{key}_{secret}"

    def revoke(self, name: str) -> Token:
        """Make a token nobody's, by its name or its id.

        Raises:
            UsageError: there is none.
        """
        with self._changing():
            gone = next((one for one in self._known.values() if name in (one.name, one.id)), None)
            if gone is None:
                raise UsageError(f"no token {name!r}; `runstore token list` lists them")
            self._save([one for one in self._known.values() if one is not gone])
        return gone

    @contextmanager
    def _changing(self) -> Iterator[None]:
        files.make_dirs(self.path.parent, durable=True)
        with lock.exclusive(self.path.with_name(f"{self.path.stem}.lock")):
            self._load()
            yield

    def _load(self) -> None:
        try:
            status = os.stat(self.path)
        except FileNotFoundError:
            self._seen, self._known = None, {}
            return
        seen = (status.st_ino, status.st_size, status.st_mtime_ns)
        if seen == self._seen:
            return
        body = documents.parse(files.read(self.path), str(self.path))
        try:
            self._known = {one["id"]: Token(**one) for one in body["tokens"]}
        except (TypeError, KeyError):
            raise Damaged(f"{self.path}: is no file of tokens; name another one with --tokens") from None
        self._seen = seen

    def _save(self, kept: list[Token]) -> None:
        data = documents.render({"tokens": [asdict(one) for one in kept]})
        temporary = self.path.with_name(names.temporary(self.path.name, secrets.token_hex(4)))
        fd = files.create(temporary, private=True)
        try:
            try:
                files.write_all(fd, data)
                files.sync(fd)
            finally:
                files.close(fd)
            os.replace(temporary, self.path)
        finally:
            files.unlink(temporary)
        files.sync_dir(self.path.parent)
        self._seen = None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def seconds(text: str) -> float | None:
    """How long a token is to be good for: ``30d``, ``12h``, ``90m``, ``45s`` or ``never``.

    Raises:
        UsageError: it is none of these.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text)
    if text == "never":
        return None
    if match is None:
        raise UsageError(f"{text!r}: say how long, such as 30d, 12h or never")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
