"""Native errors come out of the SDK's classes as the SDK's exceptions."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from runstore import errors
from runstore.azureml import exceptions
from runstore.azureml.translation import function, tell, translated


class Native:
    def fails(self) -> None:
        raise errors.UsageError("what: where; what to do")

    def several(self) -> Iterator[int]:
        yield 1
        raise errors.RunNotFound("no run")

    @property
    def broken(self) -> int:
        raise errors.StoreError("broken")

    @classmethod
    def made(cls) -> None:
        raise errors.NotAWorkspace("no workspace")

    def __enter__(self) -> None:
        raise errors.RunClosed("ended")

    def _inner(self) -> None:
        raise errors.UsageError("inner")


@translated
class Face(Native):
    def own(self) -> None:
        raise exceptions.SnapshotException("mine")


@pytest.mark.parametrize(
    ("native", "means"),
    [
        (errors.UsageError, exceptions.UserErrorException),
        (errors.InvalidValue, exceptions.UserErrorException),
        (errors.RunClosed, exceptions.UserErrorException),
        (errors.RunNotFound, exceptions.ServiceException),
        (errors.NotAWorkspace, exceptions.WorkspaceException),
        (errors.ModelNotFound, exceptions.WebserviceException),
        (errors.SnapshotError, exceptions.SnapshotException),
        (errors.LaunchError, exceptions.ExperimentExecutionException),
        (errors.NotWritable, exceptions.AzureMLException),
        (errors.RunstoreError, exceptions.AzureMLException),
    ],
)
def test_each_native_error_has_its_exception(
    native: type[errors.RunstoreError], means: type[exceptions.AzureMLException]
) -> None:
    problem = native("what")
    with pytest.raises(means) as raised:
        tell(problem)
    assert type(raised.value) is means
    assert raised.value.message == "what"
    assert raised.value.inner_exception is problem


def test_an_inherited_method_raises_the_sdks_exception() -> None:
    with pytest.raises(exceptions.UserErrorException):
        Face().fails()


def test_a_generator_does_so_when_it_is_read() -> None:
    found = Face().several()
    assert next(found) == 1
    with pytest.raises(exceptions.ServiceException):
        next(found)


def test_a_property_does() -> None:
    with pytest.raises(exceptions.AzureMLException):
        _ = Face().broken


def test_a_class_method_does() -> None:
    with pytest.raises(exceptions.WorkspaceException):
        Face.made()


def test_entering_a_block_does() -> None:
    with pytest.raises(exceptions.UserErrorException):
        Face().__enter__()


def test_what_is_the_sdks_already_stays_as_it_is() -> None:
    with pytest.raises(exceptions.SnapshotException) as raised:
        Face().own()
    assert raised.value.inner_exception is None


def test_the_native_class_is_left_alone() -> None:
    with pytest.raises(errors.UsageError) as raised:
        Native().fails()
    assert not isinstance(raised.value, exceptions.AzureMLException)


def test_private_methods_keep_their_errors() -> None:
    with pytest.raises(errors.UsageError) as raised:
        Face()._inner()
    assert not isinstance(raised.value, exceptions.AzureMLException)


def test_other_exceptions_pass() -> None:
    @function
    def divide() -> float:
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        divide()


def test_a_signature_is_kept_and_nothing_is_wrapped_twice() -> None:
    def call(a: int, b: str = "") -> None: ...

    once = function(call)
    assert inspect.signature(once) == inspect.signature(call)
    assert function(once) is once
