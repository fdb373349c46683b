"""Servers of other makers to send to: what ``tests.sync.servers.fixtures`` says of them."""

from __future__ import annotations

import pytest

from tests.sync.servers import fixtures
from tests.sync.servers.fixtures import (
    azurite,
    azurite_address,
    daft_on_ray,
    directory,
    each_store,
    mlflow_address,
    mlflow_server,
    moto,
    moto_address,
    s3rver,
    s3rver_address,
    seaweed,
    seaweed_address,
)

__all__ = [
    "azurite",
    "azurite_address",
    "daft_on_ray",
    "directory",
    "each_store",
    "mlflow_address",
    "mlflow_server",
    "moto",
    "moto_address",
    "s3rver",
    "s3rver_address",
    "seaweed",
    "seaweed_address",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    fixtures.mark(items)
