"""The door to obstore: a bucket or container as storage. Credentials are read from the environment, and kept nowhere.

``AWS_*``, ``AZURE_*`` and ``GOOGLE_*`` say who asks and where, ``AWS_ENDPOINT_URL``, ``AWS_ALLOW_HTTP`` and the like
included. Where there is an AWS profile and no key in the environment, boto3 is asked, which knows profiles.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from runstore.errors import Refused, RemoteError
from runstore.sync.lake.storage import SMALL, Stored
from runstore.sync.lake.troubles import Missing, understood

_PART = 8 << 20  # of what is put in several requests
_EXTRA = "the lake needs the libraries obstore and deltalake: pip install 'runstore[lake]'"


class Bucket:
    """See ``storage.Storage``."""

    local = False

    def __init__(self, url: str) -> None:
        self.label = self.root = url
        self._library = _library()
        with self._failures("opening", ""):
            self._store = self._library.store.from_url(
                url, client_options=_client(url), retry_config=_RETRY, **_credentials(url)
            )

    def put(self, name: str, chunks: Iterable[bytes], size: int) -> None:
        """See ``Storage``. What is small goes in one request, what is large in parts, at once."""
        given = _Given(chunks)
        with self._failures("writing", name, given):
            if size <= SMALL:
                self._library.put(self._store, name, b"".join(given), use_multipart=False)
            else:
                self._library.put(self._store, name, given, chunk_size=_PART, max_concurrency=4)

    def create(self, name: str, data: bytes) -> bool:
        """See ``Storage``."""
        try:
            with self._failures("writing", name):
                self._library.put(self._store, name, data, mode="create", use_multipart=False)
        except _Taken:  # by us too, where the answer to the first try was lost
            try:
                return b"".join(self.read(name)) == data
            except Missing:  # two tried at once, and the storage has refused both
                return self.create(name, data)
        return True

    def size(self, name: str) -> int | None:
        """See ``Storage``."""
        try:
            with self._failures("reading", name):
                return int(self._library.head(self._store, name)["size"])
        except Missing:
            return None

    def read(self, name: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """See ``Storage``."""
        if size == 0:
            return
        with self._failures("reading", name):
            if size is not None and size <= SMALL:
                yield bytes(self._library.get_range(self._store, name, start=start, length=size))
                return
            wanted = {"offset": start} if size is None else (start, start + size)
            found = self._library.get(self._store, name, options={"range": wanted} if start or size else None)
            for chunk in found.stream(min_chunk_size=1 << 20):
                yield bytes(chunk)

    def names(self, prefix: str, after: str = "") -> Iterator[Stored]:
        """See ``Storage``."""
        with self._failures("listing", prefix):
            for batch in self._library.list(self._store, prefix or None, offset=after or None):
                for one in batch:
                    if one["path"] <= after:  # there are stores that don't heed it
                        continue
                    yield Stored(one["path"], one["size"], one["last_modified"].timestamp())

    def delete(self, name: str) -> None:
        """See ``Storage``."""
        try:
            with self._failures("deleting", name):
                self._library.delete(self._store, name)
        except Missing:
            pass

    def settle(self) -> None:
        """See ``Storage``: it has answered only after that."""

    @contextmanager
    def _failures(self, what: str, name: str, given: _Given | None = None) -> Iterator[None]:
        exceptions = self._library.exceptions
        where = f"{self.label}/{name}".rstrip("/")
        try:
            yield
        except RemoteError:
            raise
        except FileNotFoundError as problem:
            found = understood(str(problem), what, where)
            if isinstance(found, Refused):
                raise found from None
            raise Missing(f"{where}: nothing is there; look whether it was removed") from None
        except exceptions.AlreadyExistsError:
            raise _Taken(f"{where}: something else is there") from None
        except (exceptions.BaseError, ValueError, OSError) as problem:
            if given is not None and given.problem is not None:
                raise given.problem from None
            raise understood(f"{type(problem).__name__} {problem}", what, where) from None


class _Taken(RemoteError):
    """The name is taken."""


class _Given:
    """Chunks, and what was raised while they were made: it is no failure of the storage."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self.problem: BaseException | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            raise
        except BaseException as problem:
            self.problem = problem
            raise


_RETRY = {
    "max_retries": 2, "retry_timeout": timedelta(seconds=20),
    "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=2), "base": 2},
}  # fmt: skip


def _library() -> Any:
    """The library, where it is installed.

    Raises:
        Refused: it is not.
    """
    try:
        import obstore
        import obstore.exceptions
        import obstore.store
    except ImportError:
        raise Refused(_EXTRA) from None
    return obstore


def _client(url: str) -> dict[str, Any]:
    """How it is asked: in the clear only where the environment says so."""
    cloud = "AWS" if url.startswith("s3") else "GOOGLE" if url.startswith("gs") else "AZURE"
    clear = os.environ.get(f"{cloud}_ALLOW_HTTP", "").lower() in ("1", "true", "yes", "on", "y", "t")
    emulated = cloud == "AZURE" and os.environ.get("AZURE_STORAGE_USE_EMULATOR", "").lower() in ("1", "true")
    return {"timeout": "120s", "connect_timeout": "10s", "allow_http": clear or emulated}


def _credentials(url: str) -> dict[str, Callable[[], Any]]:
    """Who asks, where only the cloud's own SDK can tell."""
    if not url.startswith("s3") or os.environ.get("AWS_ACCESS_KEY_ID") or not _profiles():
        return {}
    if importlib.util.find_spec("boto3") is None:
        raise Refused(f"{url}: an AWS profile is set, which boto3 reads; `pip install boto3` or set AWS_ACCESS_KEY_ID")
    from obstore.auth.boto3 import Boto3CredentialProvider

    return {"credential_provider": Boto3CredentialProvider()}


def _profiles() -> bool:
    told = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_SHARED_CREDENTIALS_FILE")
    return bool(told) or Path("~/.aws/credentials").expanduser().exists()
