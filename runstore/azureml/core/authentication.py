"""Ways to sign in (Azure ML SDK v1: ``azureml.core.authentication``): taken as ``auth=``, and nothing is asked for."""

from __future__ import annotations

from typing import Any


class AbstractAuthentication:
    """A way to sign in. What it is given is not kept: a local workspace has no account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what the SDK's class takes."""


class InteractiveLoginAuthentication(AbstractAuthentication):
    """By a browser."""


class AzureCliAuthentication(AbstractAuthentication):
    """By what the Azure CLI knows."""


class MsiAuthentication(AbstractAuthentication):
    """By the identity of a machine."""


class ServicePrincipalAuthentication(AbstractAuthentication):
    """By an identity and its password."""


class TokenAuthentication(AbstractAuthentication):
    """By tokens."""
