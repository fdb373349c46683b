"""Azure's blob storage as Azurite, Microsoft's own stand-in, serves it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

from tests.sync.servers import npm
from tests.sync.servers.places import Place
from tests.sync.servers.process import running

ACCOUNT = "devstoreaccount1"
# Azurite's own, printed in its manual, the same everywhere
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_VERSION = "2021-08-06"


@contextmanager
def azurite(place: Path) -> Iterator[str]:
    """Azurite, its blobs only; gives its address."""
    program = npm.program("azurite", "dist/src/blob/main.js")
    with running(
        lambda ports: [
            *program, "--blobHost", "127.0.0.1", "--blobPort", str(ports[0]), "--location", str(place),
            "--silent", "--disableTelemetry", "--skipApiVersionCheck",
        ],
        lambda port: _asked(f"http://127.0.0.1:{port}", "GET", f"/{ACCOUNT}", {"comp": "list"}) == 200,
        place,
    ) as port:  # fmt: skip
        yield f"http://127.0.0.1:{port}"


@contextmanager
def container(address: str) -> Iterator[Place]:
    """A fresh container, gone after the block."""
    name = f"c-{uuid.uuid4().hex[:16]}"
    status = _asked(address, "PUT", f"/{ACCOUNT}/{name}", {"restype": "container"})
    assert status == 201, status
    environment = {
        "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
        "AZURE_STORAGE_ACCOUNT_KEY": KEY,
        "AZURE_STORAGE_USE_EMULATOR": "true",  # it heeds no startFrom, which clients have to know
        "AZURITE_BLOB_STORAGE_URL": address,
    }
    yield Place(f"az://{name}", environment, address)
    _asked(address, "DELETE", f"/{ACCOUNT}/{name}", {"restype": "container"})


def _asked(address: str, method: str, path: str, query: dict[str, str]) -> int:
    """The status that answers, signed as the account's owner."""
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": _VERSION}
    resource = f"/{ACCOUNT}{path}" + "".join(f"\n{name}:{query[name]}" for name in sorted(query))
    named = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    signed = f"{method}\n" + "\n" * 11 + named + resource
    mark = base64.b64encode(hmac.new(base64.b64decode(KEY), signed.encode(), hashlib.sha256).digest()).decode()
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    try:
        url = path + "?" + "&".join(f"{name}={value}" for name, value in query.items())
        connection.request(method, url, headers={**headers, "Authorization": f"SharedKey {ACCOUNT}:{mark}"})
        return connection.getresponse().status
    except http.client.HTTPException:
        return 0
    finally:
        connection.close()
