"""Which artifact names a run has given to which content, in a few bytes each, so that the hundred-thousandth is quick.

Two names may share a key, so only sameness is told from here; a clash is looked up in the facts before it is believed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from threading import RLock

from runstore.disk.hints import Hints, key
from runstore.errors import UsageError

_NONE = 0  # the content of a name that was removed


class Taken:
    """The names of one run as its writer in this process knows them; another live writer's newest may be missing."""

    def __init__(self, run_path: Path) -> None:
        """Read what the run has already."""
        self.lock = RLock()
        self._path = run_path
        self._read()

    def same(self, name: str, sha256: str) -> bool:
        """Whether the newest content of this name is this."""
        if self._table.get(_key(name)) != key(sha256):
            return False
        self._renew()
        return self._table.get(_key(name)) == key(sha256)

    def allow(self, name: str, sha256: str) -> None:
        """Nothing, if the name is free or has this content.

        Raises:
            UsageError: it has other content.
        """
        if self._table.get(_key(name)) in (None, _NONE, key(sha256)):
            return
        from runstore.runs import state

        newest = {fact["name"]: fact["sha256"] for fact in state.fold(self._path).artifacts}
        if newest.get(name, sha256) != sha256:
            raise UsageError(f"artifact {name!r} holds other bytes already; give overwrite=True or another name")

    def has(self, name: str) -> bool:
        """Whether the name is given away already; perhaps also where it only looks so."""
        return self._table.get(_key(name)) not in (None, _NONE)

    def put(self, name: str, sha256: str) -> None:
        """A fact says that this is the newest content of the name."""
        self._table.put(_key(name), key(sha256))

    def drop(self, gone: Iterable[str]) -> None:
        """A fact says that these names were removed."""
        for name in gone:
            self._table.put(_key(name), _NONE)

    def _read(self) -> None:
        from runstore.runs import state

        self._table = Hints()
        self._changed = self._now()
        for fact in state.fold(self._path).artifacts:
            self.put(fact["name"], fact["sha256"])

    def _renew(self) -> None:
        """Read again if the run has files that it did not have: somebody may have removed artifacts from outside."""
        if self._now() != self._changed:
            self._read()

    def _now(self) -> int:
        try:
            return os.stat(self._path).st_mtime_ns
        except OSError:
            return 0


def _key(name: str) -> int:
    return key(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest())
