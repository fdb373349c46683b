"""Remotes reached when something is asked of them, and not before: most of the time the ledger answers.

What each kind of remote needs is loaded here, and only then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from runstore.errors import RemoteConflict, UsageError
from runstore.sync import credentials
from runstore.sync.addresses import LAKE, MLFLOW, SERVER, Address
from runstore.sync.piece import Piece
from runstore.sync.remote import Object, Remote, Told

if TYPE_CHECKING:
    from runstore.sync.lake.optimize import Optimized


def connect(name: str, address: Address) -> Remote:
    """The remote at an address.

    Args:
        name: what the workspace calls it: its token may be kept under that.
        address: where it lies.

    Raises:
        UsageError: what it needs is not installed, or its kind has no objects.
        RemoteError: it can't be reached, or refuses.
    """
    if address.kind == LAKE:
        with installed(LAKE):
            from runstore.sync.lake import lake

            return lake.opened(address.url)
    if address.kind == SERVER:
        with installed(SERVER):
            from runstore.sync.client import Server

            return Server(address.url, credentials.token(name, address.url), label=name)
    raise UsageError(f"{address.url}: an MLflow server is only sent to; nothing can be fetched from it")


class Asked(NamedTuple):
    """What a remote has told of itself. ``probe``: plain JSON, to be kept; ``warnings``: for whoever adds it."""

    id: str
    probe: dict[str, Any]
    warnings: tuple[str, ...] = ()


def ask(name: str, address: Address, probe: bool = True) -> Asked:
    """Ask what lies at an address who it is, and whether it does what sync relies on.

    Args:
        name: what the workspace will call it.
        address: where it lies; a lake that isn't there yet is made.
        probe: False only asks who it is.

    Raises:
        UsageError, RemoteError: as ``connect``; or it can't be trusted.
    """
    with installed(address.kind):
        return _ASKING[address.kind](name, address, probe)


def _lake(name: str, address: Address, probe: bool) -> Asked:
    from runstore.sync.lake import lake, storage
    from runstore.sync.lake import probe as probing

    told = probing.probe(storage.at(address.url)) if probe else {}
    with closing(lake.opened(address.url, create=True)) as found:
        return Asked(found.id, dict(told), probing.warnings(told))


def _server(name: str, address: Address, probe: bool) -> Asked:
    from runstore.sync.client import Server

    with closing(Server(address.url, credentials.token(name, address.url), label=name)) as found:
        told = found.info()
        kept = ("runstore", "api", "scope", "writable") if probe else ()
        return Asked(str(told["id"]), {key: told[key] for key in kept if key in told})


def _mlflow(name: str, address: Address, probe: bool) -> Asked:
    from runstore.sync import mlflow

    told = mlflow.probe(address.url)
    return Asked(str(told.pop("id")), told if probe else {})


_ASKING: dict[str, Callable[[str, Address, bool], Asked]] = {LAKE: _lake, SERVER: _server, MLFLOW: _mlflow}


def optimize(name: str, address: Address, keep_hours: int) -> Optimized:
    """Put small files of a lake's tables together and remove old versions.

    Raises:
        UsageError: it is no lake.
        RemoteError: as ``connect``.
    """
    if address.kind != LAKE:
        raise UsageError(f"{name}: is no lake; only a lake's tables are optimized")
    with installed(LAKE):
        from runstore.sync.lake import lake, optimize

        with closing(lake.opened(address.url)) as found:
            return optimize.optimize(found, keep_hours)


@contextmanager
def installed(extra: str) -> Iterator[None]:
    """Within this a library that is missing is one line that says how to get it.

    Raises:
        UsageError: one of an extra's libraries is missing.
    """
    try:
        yield
    except ModuleNotFoundError as problem:
        missing = (problem.name or "").partition(".")[0]
        if missing == "runstore":
            raise
        what = {LAKE: "a lake", SERVER: "a workspace server", MLFLOW: "an MLflow server"}.get(extra, extra)
        raise UsageError(f"{what} needs {missing or 'a library'}: pip install 'runstore[{extra}]'") from None


class Later:
    """A remote that is known, and connected to when something is asked of it."""

    def __init__(self, remote_id: str, label: str, reach: Callable[[], Remote]) -> None:
        """Nothing is asked yet.

        Args:
            remote_id: the id that it had when it was added.
            label: what it is called.
            reach: connects to it.
        """
        self.id, self.label = remote_id, label
        self._reach, self._lock = reach, Lock()
        self._found: Remote | None = None

    def reached(self) -> Remote:
        """The remote itself.

        Raises:
            RemoteConflict: another one lies at its address now.
            UsageError, RemoteError: as ``connect``.
        """
        with self._lock:
            if self._found is None:
                found = self._reach()
                if found.id != self.id:
                    found.close()
                    raise RemoteConflict(
                        f"{self.label}: another remote lies there now ({found.id[:8]}, it was {self.id[:8]}); "
                        f"if that is meant, `runstore remote remove {self.label}` and add it again"
                    )
                self._found = found
            return self._found

    def pieces(self, cursor: str = "", runs: Collection[str] | None = None) -> Told:
        """See ``Remote``."""
        return self.reached().pieces(cursor, runs)

    def lacking(self, objects: Collection[Object]) -> set[str]:
        """See ``Remote``."""
        return self.reached().lacking(objects)

    def put(self, one: Object) -> None:
        """See ``Remote``."""
        self.reached().put(one)

    def commit(self, pieces: Sequence[Piece], source: Path | None = None) -> None:
        """See ``Remote``."""
        self.reached().commit(pieces, source)

    def get(self, piece: Piece) -> Iterator[bytes]:
        """See ``Remote``."""
        return self.reached().get(piece)

    def close(self) -> None:
        """See ``Remote``."""
        with self._lock:
            found, self._found = self._found, None
        if found is not None:
            found.close()
