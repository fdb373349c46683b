"""Addresses of remotes: what kind of remote lies at a URL, and that no secret lies in it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from runstore.errors import UsageError
from runstore.format import names

LAKE, SERVER, MLFLOW = "lake", "server", "mlflow"
_KINDS = {
    "file": LAKE, "s3": LAKE, "az": LAKE, "abfs": LAKE, "abfss": LAKE, "gs": LAKE,
    "http": SERVER, "https": SERVER, "mlflow+http": MLFLOW, "mlflow+https": MLFLOW,
}  # fmt: skip
_CONTAINER = ("abfs", "abfss")  # container@account is no user
_ELSEWHERE = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile",
    "az": "AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or `az login`",
    "abfs": "AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or `az login`",
    "abfss": "AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or `az login`",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS or `gcloud auth`",
    "mlflow+http": "MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
    "mlflow+https": "MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
    "http": "`runstore login NAME` or RUNSTORE_TOKEN_<NAME>",
    "https": "`runstore login NAME` or RUNSTORE_TOKEN_<NAME>",
}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Address(NamedTuple):
    """Where a remote lies. ``kind``: ``LAKE``, ``SERVER`` or ``MLFLOW``; ``url``: the same however it was written."""

    kind: str
    url: str

    @property
    def path(self) -> Path | None:
        """The directory, of a lake in one."""
        return Path(unquote(self.url.removeprefix("file://"))) if self.url.startswith("file://") else None

    @property
    def in_the_clear(self) -> bool:
        """Whether what goes there can be read, and changed, on the way."""
        parts = urlsplit(self.url.removeprefix("mlflow+"))
        return parts.scheme == "http" and parts.hostname not in _LOOPBACK


def parse(text: str) -> Address:
    """The address that somebody wrote: a URL, or the path of a directory.

    Raises:
        UsageError: nothing of that kind is known, it is incomplete, or there is a secret in it, which is not repeated.
    """
    scheme = _scheme(text)
    if scheme == "file":
        return Address(LAKE, _file(text))
    if scheme not in _KINDS:
        known = ", ".join(f"{one}://" for one in _KINDS if one != "abfs")
        raise UsageError(f"a remote at {scheme}:// is not known; give the path of a directory, or one of {known}")
    if not text.isprintable() or " " in text:
        raise UsageError("that address has a space or a control character in it; write it with %20 and the like")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:  # whose message may repeat what was meant as a password
        raise UsageError(f"that is no {scheme}:// address; its host, or the port after it, can't be") from None
    _without_secrets(scheme, parts)
    if not parts.hostname:
        raise UsageError(
            f"{text}: names no {'bucket' if _KINDS[scheme] == LAKE else 'host'}; write {scheme}://NAME/..."
        )
    return Address(_KINDS[scheme], f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}")


def _scheme(text: str) -> str:
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", text)  # one letter alone is a drive
    if not found:
        return "file"
    scheme = found[1].lower()
    return scheme if scheme == "file" or text.startswith("//", found.end()) else "file"


def _file(text: str) -> str:
    """A directory as a URL: absolute, for a remote lies outside of the workspace and is asked for from anywhere."""
    if not text or "\0" in text:
        raise UsageError("that is no path; name a directory")
    if text[:5].lower() == "file:":
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise UsageError(f"{text}: a directory of this machine is file:///PATH, or just its path")
        text = unquote(parts.path)
        text = text[1:] if os.name == "nt" else text
    path = Path(os.path.abspath(text))
    if (path / names.WORKSPACE).exists():
        raise UsageError(f"{path}: is a workspace, not a lake; `runstore merge` takes in what it has")
    return path.as_uri()


def _without_secrets(scheme: str, parts: SplitResult) -> None:
    """See that nothing in a URL can be a password, a key or a token: it would lie in the workspace, readable."""
    user = parts.username if scheme not in _CONTAINER else None
    if parts.password is not None or user is not None:
        what = "a user or a password"
    elif parts.query or parts.fragment:
        what = "a query, where keys and signatures use to be,"
    else:
        return
    raise UsageError(f"{scheme}://: {what} is in that address; it would be stored. Use {_ELSEWHERE[scheme]} instead")
