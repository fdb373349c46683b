"""Servers of other makers, one process of each for a worker of the tests, and a fresh place on it for each test.

A test that asks for ``seaweed``, ``moto``, ``s3rver``, ``azurite`` or ``mlflow_server`` gets a ``Place``, and has its
variables in the environment, for itself and for what it starts; who asks for two has those of the last, and
``Place.enter`` changes. ``each_store`` runs a test with each store that a remote may be on, a directory among them.
Tests that need what npm or an environment of its own brings are marked ``server`` or ``engine``, and run by
``.ci/full``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.sync.servers import azure, s3, tracking
from tests.sync.servers.places import Place

STORES = ("directory", "seaweed", "moto", "azurite")


PREPARED = {
    "azurite": pytest.mark.server,
    "s3rver": pytest.mark.server,
    "mlflow_server": pytest.mark.server,
    "daft_on_ray": pytest.mark.engine,
}
"""Fixtures that need what ``.ci/full`` brings from npm, or into an environment of its own, and their markers."""


def mark(items: list[pytest.Item]) -> None:
    """Mark the tests that need what ``[dev]`` doesn't install."""
    for item in items:
        for fixture in PREPARED.keys() & {*getattr(item, "fixturenames", ()), _store(item)}:
            item.add_marker(PREPARED[fixture])


@pytest.fixture(scope="session")
def seaweed_address() -> Iterator[str]:
    """Where SeaweedFS is."""
    yield from _address(s3.seaweed)


@pytest.fixture(scope="session")
def moto_address() -> Iterator[str]:
    """Where moto is."""
    yield from _address(s3.moto)


@pytest.fixture(scope="session")
def s3rver_address() -> Iterator[str]:
    """Where s3rver is."""
    yield from _address(s3.s3rver)


@pytest.fixture(scope="session")
def azurite_address() -> Iterator[str]:
    """Where Azurite is."""
    yield from _address(azure.azurite)


@pytest.fixture(scope="session")
def mlflow_address() -> Iterator[str]:
    """Where MLflow is."""
    yield from _address(tracking.mlflow)


@pytest.fixture
def directory(tmp_path: Path) -> Place:
    """A directory that is not there yet."""
    return Place((tmp_path / "remote").as_uri())


@pytest.fixture
def seaweed(seaweed_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A fresh bucket of SeaweedFS."""
    yield from _entered(s3.bucket(seaweed_address), monkeypatch)


@pytest.fixture
def moto(moto_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A fresh bucket of moto."""
    yield from _entered(s3.bucket(moto_address), monkeypatch)


@pytest.fixture
def s3rver(s3rver_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A fresh bucket of s3rver, which can't be trusted."""
    yield from _entered(s3.bucket(s3rver_address), monkeypatch)


@pytest.fixture
def azurite(azurite_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A fresh container of Azurite."""
    yield from _entered(azure.container(azurite_address), monkeypatch)


@pytest.fixture
def mlflow_server(mlflow_address: str, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The tracking server. Other tests of the worker have left their experiments there."""
    place = tracking.served(mlflow_address)
    place.enter(monkeypatch)
    return place


@pytest.fixture
def daft_on_ray() -> None:
    """For tests that ``cluster.run`` something."""


@pytest.fixture(params=STORES)
def each_store(request: pytest.FixtureRequest) -> Place:
    """Each store that a remote may be on."""
    place: Place = request.getfixturevalue(request.param)
    return place


def _address(start: Callable[[Path], AbstractContextManager[str]]) -> Iterator[str]:
    # not below the tests' own directory: the paths of sockets are short
    with (
        tempfile.TemporaryDirectory(prefix="rs-", ignore_cleanup_errors=True) as place,
        start(Path(place) / "it") as address,
    ):
        yield address


def _entered(made: AbstractContextManager[Place], monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with made as place:
        place.enter(monkeypatch)
        yield place


def _store(item: pytest.Item) -> str:
    """The one of ``each_store`` that the test is for."""
    return str(getattr(getattr(item, "callspec", None), "params", {}).get("each_store", ""))
