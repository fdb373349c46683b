"""What is served, to whom, and how much of it: all that the parts of the server need to know."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from runstore.disk import files
from runstore.sync.incoming import Incoming
from runstore.sync.place import Place
from runstore.sync.remote import Remote
from runstore.sync.server.audit import Audit
from runstore.sync.server.tokens import Tokens

_MEASURED = 60.0  # seconds for which the size of what is served is believed


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is let in.

    Attributes:
        object: bytes of one object.
        request: bytes of any other body.
        headers: bytes of the headers and of the address.
        pieces: of a commit, or of a question.
        rate: requests a second, of each token; of each address twice that.
        burst: at once.
        quiet: seconds in which something has to come.
        slowest: bytes a second that a body has to come with, after the first ``quiet`` seconds.
        quota: bytes that the workspace may have; None for as many as there is room for.
        commits: that wait for each other.
        connections: at once.
    """

    object: int = 16 << 30
    request: int = 32 << 20
    headers: int = 16 << 10
    pieces: int = 20_000
    rate: float = 100.0
    burst: float = 500.0
    quiet: float = 30.0
    slowest: float = 8192.0
    quota: int | None = None
    commits: int = 16
    connections: int = 500


@dataclass(slots=True)
class Served:
    """A remote behind HTTP.

    Attributes:
        remote: what is served.
        tokens: who may.
        audit: where it is written down.
        incoming: where objects wait until they are whole.
        hosts: by which names it may be called; ``*`` for any.
        label: what it is called to others.
        open: whoever comes may write, as long as there are no tokens.
        tls: it is reached by https.
    """

    remote: Remote
    tokens: Tokens
    audit: Audit
    incoming: Incoming
    hosts: frozenset[str]
    label: str = ""
    open: bool = False
    tls: bool = False
    limits: Limits = Limits()
    measure: Callable[[], int] | None = None
    _used: tuple[float, int] = field(default=(-_MEASURED, 0))

    @property
    def direct(self) -> bool:
        """Whether objects lie where they are committed from, once they are whole."""
        return isinstance(self.remote, Place)

    def room(self) -> int | None:
        """How many bytes may still come; None for any number."""
        if self.limits.quota is None or self.measure is None:
            return None
        then, used = self._used
        if time.monotonic() - then > _MEASURED:
            used = self.measure()
            self._used = time.monotonic(), used
        return max(0, self.limits.quota - used)

    def took(self, size: int) -> None:
        """So many bytes more are there."""
        self._used = self._used[0], self._used[1] + size


def size(directory: Path) -> int:
    """Bytes of all files in a directory."""
    total = 0
    for entry in files.listing(directory):
        try:
            total += size(Path(entry.path)) if entry.is_dir(follow_symlinks=False) else entry.stat().st_size
        except FileNotFoundError:
            continue
    return total
