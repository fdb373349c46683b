"""A real MLflow tracking server on SQLite.

All of ``mlflow`` wants an older pyarrow than we may have, so it is in an environment of its own, ``.venv-mlflow`` in
the checkout (``.ci/full`` makes it) or the one whose Python the variable ``MLFLOW_SERVER_PYTHON`` names.
"""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.sync.servers.places import Place
from tests.sync.servers.process import NotStarted, running

PLACE = Path(__file__).resolve().parents[3] / ".venv-mlflow"
INSTALL = "python3 -m venv .venv-mlflow && .venv-mlflow/bin/pip install 'mlflow>=3'"
_QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "PYTHONWARNINGS": "ignore"}


def python() -> str | None:
    """The Python that has all of MLflow; None where there is none."""
    named = os.environ.get("MLFLOW_SERVER_PYTHON")
    own = PLACE / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return named or (str(own) if own.is_file() else None)


@contextmanager
def mlflow(place: Path) -> Iterator[str]:
    """The server; gives its address."""
    interpreter = python()
    if interpreter is None:
        raise NotStarted(f"no MLflow server: in the checkout, {INSTALL}")
    place.mkdir(parents=True)

    def command(ports: list[int]) -> list[str]:
        return [
            interpreter, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(ports[0]), "--workers", "1",
            "--backend-store-uri", f"sqlite:///{place / 'mlflow.db'}", "--artifacts-destination", str(place / "files"),
        ]  # fmt: skip

    with running(command, healthy, place, _QUIET) as port:
        yield f"http://127.0.0.1:{port}"


def served(address: str) -> Place:
    """The server as a remote."""
    return Place(f"mlflow+{address}", {"MLFLOW_TRACKING_URI": address, **_QUIET}, address)


def healthy(port: int) -> bool:
    """Whether a server answers at a port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except http.client.HTTPException:
        return False
    finally:
        connection.close()
