"""The remote that is a workspace server: the one door to httpx. Nothing that the server says is trusted.

A token is sent to that server only, and only after it has answered a question without the token as a runstore server
does: no redirect is followed. What comes back may be as long as was asked for, at most; nothing is decompressed.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from runstore import __version__
from runstore.errors import Damaged, Refused, RemoteConflict, RemoteError, Unreachable, UsageError
from runstore.sync import piece as pieces_
from runstore.sync.credentials import CHALLENGE
from runstore.sync.piece import Piece
from runstore.sync.remote import CHUNK, Object, Told

_SMALL = 8 << 20  # bytes of an answer, at most, that is read at once
_LINE = 4 << 20  # of a line
_LINES = 20_000_000
_RESUMED = 8 << 20  # bytes from which on an object is gone on with where it broke off
_PORTION = 64 << 20  # of a large object, in one request
_ASKED = 5_000  # objects or runs in one question
_TRIES = 5  # of reading on, as long as something comes
_TIMES = httpx.Timeout(30.0, connect=10.0, pool=60.0)
_LONG = httpx.Timeout(600.0, connect=10.0, pool=60.0)  # a commit is merged before it is answered
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
ALLOW_HTTP = "RUNSTORE_ALLOW_HTTP"


class Server:
    """A workspace behind ``runstore serve``; see ``Remote``."""

    def __init__(self, url: str, token: str | None = None, id: str = "", label: str = "") -> None:
        """Say where it is; nothing is asked yet.

        Args:
            url: of the server, ``https://host:port``.
            token: for it.
            id: of the workspace that is expected there; another one is refused.
            label: what it is called in messages; the host by default.

        Raises:
            UsageError: the address is none, or the token would travel in clear text.
        """
        parts = _address(url)
        if token and parts.scheme == "http" and not _near(parts.hostname or "") and not os.environ.get(ALLOW_HTTP):
            raise UsageError(
                f"{url}: the token would travel in clear text; use https://, or set {ALLOW_HTTP}=1 in a safe network"
            )
        headers = {"user-agent": f"runstore/{__version__}", "accept-encoding": "identity"}
        self._login = {"authorization": f"Bearer {token}"} if token else {}
        self._introduced = not token
        self._url = url.rstrip("/") + "/api/v1"
        self.label = label or parts.netloc.rpartition("@")[2]
        proxies = parts.scheme == "https" or not _near(parts.hostname or "")  # else one would read the token on its way
        self._client = httpx.Client(
            headers=headers, timeout=_TIMES, follow_redirects=False, limits=_connections(), trust_env=proxies
        )
        self._id = id

    @property
    def id(self) -> str:
        """The id of the workspace there.

        Raises:
            RemoteError: it can't be asked.
        """
        if not self._id:
            self._id = str(self.info()["id"])
        return self._id

    def info(self) -> dict[str, Any]:
        """What the server says of itself, and of the token.

        Raises:
            RemoteError: it can't be asked, or is no runstore server.
        """
        told = self._asked("GET", "info")
        if not _is_info(told):
            raise Refused(f"{self.label} is no runstore server; check the address")
        if told["api"] != 1:
            raise Refused(f"{self.label} understands version {told['api']}, this runstore 1; upgrade the older one")
        return told

    def pieces(self, cursor: str = "", runs: Collection[str] | None = None) -> Told:
        """What there is; see ``Remote``."""
        found: list[Piece] = []
        if runs is None:
            return Told(found, self._pieces({"cursor": cursor}, found))
        chosen, left = cursor, iter(sorted(set(runs)))
        while some := list(islice(left, _ASKED)):
            chosen = self._pieces({"cursor": cursor, "runs": some}, found)
        return Told(found, chosen)

    def _pieces(self, question: dict[str, Any], found: list[Piece]) -> str:
        """Add pieces; give the cursor."""
        with self._answer("POST", "pieces", json=question, timeout=_LONG) as answer:
            for number, line in enumerate(_lines(answer.iter_raw(CHUNK), self.label)):
                told = self._parsed(line)
                if "cursor" in told and len(told) == 1 and type(told["cursor"]) is str:
                    return str(told["cursor"])
                if "error" in told:
                    raise Unreachable(f"{self.label}: {str(told['error'])[:500]}")
                if number > _LINES:
                    break
                try:
                    found.append(pieces_.load(told))
                except ValueError as problem:
                    raise Refused(f"{self.label} tells of something that is no piece: {problem}") from None
        raise Unreachable(f"{self.label}: its list ended too early; try again")

    # ---- objects

    def lacking(self, objects: Collection[Object]) -> set[str]:
        """Those that are not there; see ``Remote``."""
        found: set[str] = set()
        left = iter(objects)
        while some := list(islice(left, _ASKED)):
            asked = [{"sha256": one.sha256, "size": one.size, "kind": one.kind} for one in some]
            told = self._asked("POST", "objects", json={"objects": asked}).get("lacking")
            if not isinstance(told, list):
                raise Refused(f"{self.label} is no runstore server; check the address")
            found |= {one.sha256 for one in some} & {*map(str, told)}
        return found

    def put(self, one: Object) -> None:
        """Put an object, a large one in several requests; see ``Remote``."""
        start = self._received(one) if one.size > _RESUMED else 0
        while True:
            end = min(one.size, start + _PORTION)
            params = {"size": one.size, "kind": one.kind, "offset": start}
            headers = {"content-length": str(end - start), "content-type": "application/octet-stream"}
            body = _part(one, start, end)
            told = self._asked("PUT", f"objects/{one.sha256}", params=params, content=body, headers=headers)
            got = told.get("received")
            if got == one.size:
                return
            if type(got) is not int or not start < got < one.size:
                raise Unreachable(f"{self.label}: took something else of {one.sha256} than was sent; try again")
            start = got

    def _received(self, one: Object) -> int:
        """How much of an object has come there before."""
        with self._answer("HEAD", f"objects/{one.sha256}", (404,), params={"size": one.size}) as answer:
            told = answer.headers.get("runstore-received", "0")
        return int(told) if told.isascii() and told.isdigit() and len(told) < 19 and int(told) < one.size else 0

    def commit(self, pieces: Sequence[Piece], source: Path | None = None) -> None:
        """Make pieces count; see ``Remote``."""
        body = orjson.dumps({"pieces": [pieces_.dump(one) for one in pieces]})
        key = hashlib.sha256(body).hexdigest()
        headers = {"content-type": "application/json", "idempotency-key": key}
        self._asked("POST", "commits", content=body, headers=headers, timeout=_LONG)

    def get(self, piece: Piece) -> Iterator[bytes]:
        """The bytes of a piece, gone on with where they break off; see ``Remote``."""
        names = ("path", "kind", "run_id", "offset", "size", "sha256", "object", "at")
        params = {name: getattr(piece, name) for name in names}
        at, tries = 0, _TRIES
        while at < piece.size:
            before = at
            try:
                for chunk in self._read(params, at):
                    at += len(chunk)
                    if at > piece.size:
                        raise Refused(f"{self.label} gives more of {piece.path} than there is; nothing was taken")
                    yield chunk
            except Unreachable:
                tries -= 1
                if at == before or not tries:
                    raise
            else:
                if at < piece.size:
                    raise Unreachable(f"{self.label} gives less of {piece.path} than there is; try again")

    def _read(self, params: Mapping[str, Any], at: int) -> Iterator[bytes]:
        headers = {"range": f"bytes={at}-"} if at else {}
        with self._answer("GET", "bytes", params=params, headers=headers) as answer:
            if at and answer.status_code != 206:
                raise Refused(f"{self.label} begins anew where it was to go on; nothing was taken")
            yield from answer.iter_raw()  # as they come: what has come before a break is not lost

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    # ---- asking

    def _asked(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """A question whose answer is small JSON."""
        with self._answer(method, path, **request) as answer:
            return self._parsed(_all(answer, self.label))

    def _parsed(self, data: bytes) -> dict[str, Any]:
        try:
            found = orjson.loads(data)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise Refused(f"{self.label} does not answer as a runstore server does; check the address")
        return found

    @contextmanager
    def _answer(self, method: str, path: str, fine: tuple[int, ...] = (), **request: Any) -> Iterator[httpx.Response]:
        """The answer to a question, if it is a good one."""
        if not self._introduced:
            self._introduce()
        headers = {**self._login, **request.pop("headers", {})}
        if self._id:
            headers["runstore-remote"] = self._id
        with self._asking(method, path, headers=headers, **request) as answer:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise Refused(f"{self.label} answers compressed, unasked; nothing was taken")
            if not answer.is_success and answer.status_code not in fine:
                raise self._trouble(answer)
            yield answer

    def _introduce(self) -> None:
        """See that a runstore server lies there before it gets the token.

        Raises:
            Refused: something else does.
            Unreachable: it can't be asked now.
        """
        with self._asking("GET", "info") as answer:
            if answer.status_code in _AGAIN or answer.is_redirect:
                raise self._trouble(answer)
            if answer.status_code == 401:
                known = answer.headers.get("www-authenticate") == CHALLENGE
            else:
                known = answer.is_success and _is_info(self._parsed(_all(answer, self.label)))
        if not known:
            raise Refused(f"{self.label} is no runstore server, so the token was not sent; check the address")
        self._introduced = True

    @contextmanager
    def _asking(self, method: str, path: str, **request: Any) -> Iterator[httpx.Response]:
        try:
            with self._client.stream(method, f"{self._url}/{path}", **request) as answer:
                yield answer
        except httpx.HTTPError as problem:
            said = str(problem) or type(problem).__name__
            raise Unreachable(f"{self.label} can't be reached ({said}); try again") from None
        except httpx.InvalidURL as problem:
            raise UsageError(f"{self._url}: {problem}") from None

    def _trouble(self, answer: httpx.Response) -> RemoteError:
        """What a bad answer is."""
        status = answer.status_code
        if answer.is_redirect:
            there = answer.headers.get("location", "")[:200]
            return Refused(
                f"{self.label} sends on to {there!r}, which is not followed; if that is right, use that address"
            )
        said = f"{self.label}: {self._words(answer)}"
        if status in _AGAIN:
            return Unreachable(said, _after(answer.headers.get("retry-after", "")))
        if status == 409:
            received = answer.headers.get("runstore-received")
            return RemoteConflict(said) if received is None else Unreachable(said)
        return RemoteError(said) if status == 404 else Refused(said)

    def _words(self, answer: httpx.Response) -> str:
        """The server's own."""
        try:
            told = orjson.loads(_all(answer, self.label))
            words = [str(told["error"]), str(told.get("do", ""))]
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, RemoteError):
            words = [f"status {answer.status_code}"]
        return " ".join("; ".join(one for one in words if one).split())[:1000]


def _address(url: str) -> Any:
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        right = False
    if not right or parts.username or parts.query or parts.fragment:
        raise UsageError(f"{url!r}: no address of a server; say https://host or https://host:port")
    return parts


def _is_info(told: dict[str, Any]) -> bool:
    """Whether a runstore server says so of itself."""
    return bool(re.fullmatch(r"[0-9a-f-]{36}", str(told.get("id")))) and type(told.get("api")) is int


def _near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _connections() -> httpx.Limits:
    return httpx.Limits(max_connections=32, max_keepalive_connections=16)


def _after(told: str) -> float:
    """Seconds to wait, if the server says a sensible number."""
    return min(float(told), 60.0) if told.isascii() and told.isdigit() and len(told) < 6 else 0.0


def _part(one: Object, start: int, end: int) -> Iterator[bytes]:
    """The bytes [start, end) of an object."""
    at = 0
    for chunk in one.read():
        wanted = chunk[max(0, start - at) : max(0, end - at)]
        at += len(chunk)
        if wanted:
            yield wanted
        if at >= end:
            return
    if at < end:
        raise Damaged(f"{one.sha256}: {at:,} bytes where {one.size:,} were to be; run `check`")


def _all(answer: httpx.Response, label: str) -> bytes:
    data = bytearray()
    for chunk in answer.iter_raw(1 << 16):
        data += chunk
        if len(data) > _SMALL:
            raise Refused(f"{label} answers with more than {_SMALL:,} bytes where a few would do; nothing was taken")
    return bytes(data)


def _lines(chunks: Iterable[bytes], label: str) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        if len(rest) > _LINE:
            raise Refused(f"{label} answers with a line of more than {_LINE:,} bytes; nothing was taken")
    if rest:
        yield rest
