"""The SDK's exceptions (Azure ML SDK v1: ``azureml.exceptions``), each of them a ``runstore.errors.RunstoreError`` too.

``str()`` of one takes several lines, as in the SDK; ``.message`` is the one line that says what, where, what to do.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from runstore.errors import RunstoreError


class AzureMLException(RunstoreError):
    """Root of the SDK's exceptions."""

    def __init__(
        self,
        exception_message: object = "",
        inner_exception: BaseException | None = None,
        target: str | None = None,
        details: Sequence[Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Say what happened.

        Args:
            exception_message: what, where, what to do.
            inner_exception: what it came from.
            target: what it was about.
            details: anything else that JSON can say.
            kwargs: further arguments of the SDK's (``reference_code`` ...), accepted.
        """
        super().__init__(exception_message)
        self._exception_message = str(exception_message)
        self._inner_exception = inner_exception
        self._target, self._details = target, list(details or ())

    @property
    def message(self) -> str:
        """What happened."""
        return self._exception_message

    @message.setter
    def message(self, value: str) -> None:
        self._exception_message = value

    @property
    def inner_exception(self) -> BaseException | None:
        """What it came from."""
        return self._inner_exception

    @inner_exception.setter
    def inner_exception(self, value: BaseException | None) -> None:
        self._inner_exception = value

    def _serialize_json(self, indent: int | None = None) -> str:
        error: dict[str, Any] = {"code": self._code(), "message": self.message}
        if self._target is not None:
            error["target"] = self._target
        if self._details:
            error["details"] = self._details
        return json.dumps({"error": error}, indent=indent, default=str)

    def _code(self) -> str:
        return "UserError" if isinstance(self, UserErrorException) else "SystemError"

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}:\n\tMessage: {self.message}\n\tInner exception: {self.inner_exception}\n"
            f"\tError response:\n{self._serialize_json(indent=4)}"
        )

    __str__ = __repr__


RunstoreException = AzureMLException


class UserErrorException(AzureMLException):
    """The call is wrong."""

    exit_code = 2


class AuthenticationException(UserErrorException):
    """Nothing here signs in, so nothing raises it."""


class RunEnvironmentException(AzureMLException):
    """There is no submitted run around this process."""

    def __init__(self, exception_message: object = "", **kwargs: Any) -> None:
        """Say what happened."""
        super().__init__(exception_message or "this process is not part of a submitted run", **kwargs)


class ExperimentExecutionException(AzureMLException):
    """A script could not be run, or is no longer waited for."""


class ActivityFailedException(AzureMLException):
    """A run that was waited for has failed."""

    def __init__(self, error_details: object = None, **kwargs: Any) -> None:
        """Take the error as ``get_details()`` has it."""
        message = error_details if isinstance(error_details, str) else json.dumps(error_details, indent=4, default=str)
        super().__init__(message, **kwargs)


class SnapshotException(AzureMLException):
    """The source can't be kept as a snapshot."""


class ProjectSystemException(AzureMLException):
    """Kept for code that catches it."""


class RunConfigurationException(AzureMLException):
    """What a script is to be run with can't be."""


class TrainingException(AzureMLException):
    """Training could not be started."""


class WorkspaceException(AzureMLException):
    """The workspace is not as the call needs it."""


class ComputeTargetException(AzureMLException):
    """There is no such compute target."""


class WebserviceException(AzureMLException):
    """A model is not as the call needs it."""


class ModelNotFoundException(AzureMLException):
    """There is no such model."""


class ModelPathNotFoundException(AzureMLException):
    """The run has no such file or folder."""


class DiscoveryUrlNotFoundException(AzureMLException):
    """Kept for code that catches it."""

    def __init__(self, discovery_url_key: object = "", **kwargs: Any) -> None:
        """Name the key that is missing."""
        super().__init__(f"no discovery url for {discovery_url_key}", **kwargs)


class ServiceException(AzureMLException):
    """What was asked for is not there."""


class AzureMLAggregatedException(AzureMLException):
    """Several at once."""

    def __init__(self, exceptions_list: Sequence[BaseException], **kwargs: Any) -> None:
        """Take them all."""
        self.exceptions = list(exceptions_list)
        super().__init__("\n".join(str(one) for one in self.exceptions), **kwargs)


class NotYetException(AzureMLException, NotImplementedError):
    """A name of the SDK whose duty has not been built."""
