"""The one door to MLflow: its REST API, through its own client's way of finding credentials.

The requests are made of plain JSON: building its messages would take longer than all else here. Nothing is printed,
nothing is reported, and nothing is tried again here but what ``sync.retry`` tries.
"""

from __future__ import annotations

import logging
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson

from runstore.errors import Refused, RemoteConflict, Unreachable, UsageError
from runstore.sync import confirmed
from runstore.sync.mlflow.points import Point, alike
from runstore.sync.retry import PATIENT, Patience, retry

if TYPE_CHECKING:
    from collections.abc import Set

API = "/api/2.0/mlflow/"
TIMEOUT = 60  # seconds for an answer, unless MLFLOW_HTTP_REQUEST_TIMEOUT says otherwise
BYTES = 900_000  # of a request; MLflow takes a million
_PAGE = 25_000
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_CHUNK = 1 << 20
_SECRETS = ("username", "password", "token", "aws_sigv4", "auth", "client_cert_path", "use_databricks_sdk")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NoEntry(Refused):
    """Who asks may not: the same goes for every other request."""


class Missing(Refused):
    """There is no such thing."""


@contextmanager
def understood(what: str) -> Iterator[None]:
    """Within this an answer is taken apart.

    Raises:
        Refused: it has not the parts of one of MLflow's.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused(f"{what}: the answer is none of MLflow's; is this the address of a tracking server?") from None


class Server:
    """An MLflow tracking server. Threads may share it."""

    def __init__(self, url: str, patience: Patience = PATIENT, spend: Callable[[int], None] | None = None) -> None:
        """No request is made yet.

        Args:
            url: ``mlflow+https://host/path`` or the like.
            patience: how long what can't be reached is tried again.
            spend: called with the bytes of each body before it is sent; may wait.
        """
        self.url, self.patience, self._spend = url.removeprefix("mlflow+"), patience, spend
        self._address = url
        self._artifacts: dict[str, Any] = {}

    @cached_property
    def _mlflow(self) -> Any:
        """What is needed of MLflow's client, loaded when it is first needed, quiet."""
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        try:
            from mlflow.exceptions import MlflowException
            from mlflow.store.artifact import artifact_repository_registry
            from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository
            from mlflow.utils.credentials import get_default_host_creds
            from mlflow.utils.rest_utils import http_request
        except ImportError:
            raise UsageError("an MLflow server needs mlflow-skinny: pip install 'runstore[mlflow]'") from None
        for noisy in ("mlflow", "urllib3.connection"):  # what is wrong with an answer is told once, by an exception
            logging.getLogger(noisy).setLevel(logging.ERROR)
        return _Parts(
            MlflowException, artifact_repository_registry.get_artifact_repository, HttpArtifactRepository,
            get_default_host_creds, http_request,
        )  # fmt: skip

    # ---- requests

    def ask(self, what: str, body: object = None, *, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask once: POST with a body, else GET.

        Raises:
            Unreachable: nobody answered, or the server had no time.
            NoEntry, Missing, RemoteConflict, Refused: it won't.
        """
        if body is not None:
            data = body if isinstance(body, bytes) else orjson.dumps(body)
            if self._spend is not None:
                self._spend(len(data))
            json = {"data": data, "extra_headers": {"Content-Type": "application/json"}}
            answer = self._request(self.url, f"{API}{what}", "POST", **json)
        else:
            answer = self._request(self.url, f"{API}{what}", "GET", params=query)
        return _parsed(answer, what)

    def sure(self, what: str, body: object = None, *, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """As ``ask``, tried again: for what may be repeated."""
        return retry(lambda: self.ask(what, body, query=query), self.patience)

    def _request(self, host: str, endpoint: str, method: str, **more: Any) -> Any:
        parts = self._mlflow
        credentials = parts.credentials(host)
        if any(getattr(credentials, name, None) for name in _SECRETS):
            confirmed.require(self._address, "what MLflow's client would log in with")
        given = os.environ.get("MLFLOW_HTTP_REQUEST_TIMEOUT")
        try:
            answer = parts.http_request(
                credentials, endpoint, method, max_retries=0, raise_on_status=False,
                timeout=int(given) if given and given.isdigit() else TIMEOUT, **more,
            )  # fmt: skip
        except parts.exception as problem:
            raise Unreachable(f"{self.url}: no answer ({_cause(problem)})") from None
        if answer.status_code >= 400:
            raise _refusal(self.url, endpoint, answer)
        return answer

    @property
    def version(self) -> str:
        """The server's version; empty where it does not tell."""
        try:
            text = str(self._request(self.url, "/version", "GET").text).strip()
        except Refused:
            return ""
        return text if len(text) < 40 and text[:1].isdigit() else ""

    # ---- batches of points

    def log_batch(self, run: str, points: Sequence[Point], tags: Mapping[str, str]) -> int:
        """Send points, and tags that count when these are there; give the bytes. Once: see ``sync.mlflow.sending``."""
        body = {
            "run_id": run,
            "metrics": [
                {"key": key, "value": value if math.isfinite(value) else _word(value), "timestamp": time, "step": step}
                for key, value, time, step, _, _ in points
            ],
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
        }
        data = orjson.dumps(body)
        if len(data) > BYTES and len(points) > 1:
            half = len(points) // 2
            return self.log_batch(run, points[:half], {}) + self.log_batch(run, points[half:], tags)
        self.ask("runs/log-batch", data)
        return len(data)

    def history(self, run: str, key: str) -> Set[tuple[str, float | None, int, int]]:
        """The identities of all points of a metric that are there."""
        found: set[tuple[str, float | None, int, int]] = set()
        token = ""
        while True:
            query = {"run_id": run, "run_uuid": run, "metric_key": key, "max_results": _PAGE}
            answer = self.sure("metrics/get-history", query=query | ({"page_token": token} if token else {}))
            with understood("metrics/get-history"):
                for one in answer.get("metrics", ()):
                    value, step = float(one.get("value", 0.0)), int(one.get("step", 0))
                    found.add(alike(one["key"], value, int(one["timestamp"]), step))
            token = str(answer.get("next_page_token") or "")
            if not token:
                return found

    # ---- artifacts

    def upload(self, place: str, path: str, write: Callable[[Path], bool]) -> int:
        """Put an artifact in place of what is there; give the bytes.

        Args:
            place: the run's ``artifact_uri``.
            path: what it is called there.
            write: puts it at a local path; False where there is nothing to be put.
        """
        with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
            local = Path(directory, path.rpartition("/")[2])
            if not write(local):
                return 0
            retry(lambda: self._upload(place, path, local), self.patience)
            return local.stat().st_size

    def _upload(self, place: str, path: str, local: Path) -> None:
        parts, store = self._mlflow, self.store(place)
        if isinstance(store, parts.over_http):
            with open(local, "rb") as file:
                data = self._counted(file) if self._spend is not None else file
                headers = {"Content-Type": "application/octet-stream"}
                size = local.stat().st_size
                self._request(
                    store.artifact_uri, f"/{quote(path)}", "PUT", data=data if size else b"", extra_headers=headers
                )
            return
        if self._spend is not None:
            self._spend(local.stat().st_size)
        try:
            store.log_artifact(str(local), path.rpartition("/")[0] or None)
        except (parts.exception, OSError) as problem:
            raise Unreachable(f"{place}: can't be written ({_cause(problem)})") from None
        except ImportError as problem:
            raise Refused(f"{place}: needs a package that is not here ({problem})") from None

    def _counted(self, file: Any) -> Iterator[bytes]:
        while chunk := file.read(_CHUNK):
            if self._spend is not None:
                self._spend(len(chunk))
            yield chunk

    def download(self, place: str, path: str) -> bytes:
        """The bytes of an artifact, of a small one.

        Raises:
            Refused: it is not there, or can't be read.
        """
        parts = self._mlflow
        store = self.store(place)
        if isinstance(store, parts.over_http):
            got = retry(lambda: self._request(store.artifact_uri, f"/{quote(path)}", "GET"), self.patience)
            return bytes(got.content)
        with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
            try:
                return Path(store.download_artifacts(path, directory)).read_bytes()
            except (parts.exception, OSError, ImportError) as problem:
                raise Refused(f"{place}: {path} can't be read ({_cause(problem)})") from None

    def store(self, place: str) -> Any:
        """Where artifacts go.

        Raises:
            Refused: that can't be reached from here.
        """
        if place not in self._artifacts:
            path = place.removeprefix("file://")
            if not re.match("[A-Za-z][A-Za-z0-9+.-]+:", path):
                beside = urlsplit(self.url).hostname in _LOOPBACK and os.path.isdir(os.path.dirname(path))
                if not beside:  # what another machine calls so is nothing of ours to write to
                    raise Refused(f"{place} is a directory of the server's machine; start it with --serve-artifacts")
            try:
                self._artifacts[place] = self._mlflow.repository(place, tracking_uri=self.url)
            except (self._mlflow.exception, ImportError) as problem:
                raise Refused(f"{place}: artifacts can't go there ({_cause(problem)})") from None
        return self._artifacts[place]


class _Parts:
    """What is used of MLflow's client."""

    def __init__(
        self, exception: type[Exception], repository: Callable[..., Any], over_http: type[Any],
        credentials: Callable[[str], Any], http_request: Callable[..., Any],
    ) -> None:  # fmt: skip
        self.exception, self.repository, self.over_http = exception, repository, over_http
        self.credentials, self.http_request = credentials, http_request


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _parsed(answer: Any, what: str) -> dict[str, Any]:
    """The answer's body. One that was cut off, even within its head, looks like one that is shorter.

    Raises:
        Unreachable: it was cut off.
        Refused: it is none of MLflow's.
    """
    data = answer.content
    if not data and what in _TELL_NOTHING:
        return {}
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        if not data or data.startswith(b"{"):
            raise Unreachable(f"{what}: the answer was cut off") from None
        found = None
    with understood(what):
        return dict(found.items())


_TELL_NOTHING = frozenset(
    f"runs/{what}" for what in ("log-batch", "update", "delete", "restore", "set-tag", "delete-tag")
)
"""Requests that have been done when the answer's first line says so."""


def _refusal(url: str, endpoint: str, answer: Any) -> Exception:
    """What an answer that is none says."""
    try:
        told = orjson.loads(answer.content)
        code, message = str(told.get("error_code", "")), str(told.get("message", ""))
    except (orjson.JSONDecodeError, AttributeError):
        code, message = "", ""
    status, what = answer.status_code, endpoint.removeprefix(API)
    text = " ".join(f"{url}: {what} refused, {status} {code or answer.reason}: {message}".split())[:500].rstrip(": ")
    if status in _AGAIN:
        after = str(answer.headers.get("Retry-After", ""))
        return Unreachable(text, float(after) if after.isdigit() else 0.0)
    if status in (401, 403):
        return NoEntry(f"{text}; set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD")
    if code == "RESOURCE_ALREADY_EXISTS":
        return RemoteConflict(text)
    return Missing(text) if code == "RESOURCE_DOES_NOT_EXIST" or (status == 404 and not code) else Refused(text)


def _cause(problem: BaseException) -> str:
    """What lies at the bottom of an exception, in a line."""
    while (below := problem.__cause__ or problem.__context__) is not None:
        problem = below
    return " ".join(str(problem).split())[:200] or type(problem).__name__
