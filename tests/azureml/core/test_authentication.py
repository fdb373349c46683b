"""Signing in, where there is nothing to sign in to."""

from __future__ import annotations

import pytest

from runstore.azureml.core import Workspace, authentication
from runstore.azureml.core.authentication import AbstractAuthentication, ServicePrincipalAuthentication


@pytest.mark.parametrize("ways", AbstractAuthentication.__subclasses__())
def test_a_way_to_sign_in_is_taken_and_changes_nothing(ws: Workspace, ways: type[AbstractAuthentication]) -> None:
    ws.write_config()
    assert Workspace.from_config(auth=ways()).name == Workspace.get("lab", auth=ways()).name == "lab"
    assert getattr(authentication, ways.__name__) is ways


def test_no_password_is_kept() -> None:
    way = ServicePrincipalAuthentication(
        tenant_id="t", service_principal_id="s", service_principal_password="not to be kept"
    )
    assert vars(way) == {}
