"""Native errors, in the SDK's classes: one decorator for a whole class, so that no method does it by itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from runstore import errors
from runstore.azureml import exceptions
from runstore.azureml.exceptions import AzureMLException

Class = TypeVar("Class", bound=type)

_MEANING: tuple[tuple[type[errors.RunstoreError], type[AzureMLException]], ...] = (
    (errors.NotAWorkspace, exceptions.WorkspaceException),
    (errors.RunNotFound, exceptions.ServiceException),
    (errors.ModelNotFound, exceptions.WebserviceException),
    (errors.SnapshotError, exceptions.SnapshotException),
    (errors.LaunchError, exceptions.ExperimentExecutionException),
    (errors.UsageError, exceptions.UserErrorException),
    (errors.RunstoreError, AzureMLException),
)
_DONE: set[Callable[..., Any]] = set()  # a subclass inherits what is translated already
_SPECIAL = ("__init__", "__enter__", "__exit__")


def translated(cls: Class) -> Class:
    """Every public method and property of a class, inherited ones too, raises the SDK's exceptions."""
    for name in dir(cls):
        if name in _SPECIAL or not name.startswith("_"):
            member = inspect.getattr_static(cls, name)
            wrapped = _member(member)
            if wrapped is not member:
                setattr(cls, name, wrapped)
    return cls


def function(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same call, its native errors translated."""
    if call in _DONE:
        return call
    if inspect.isgeneratorfunction(call):

        @functools.wraps(call)
        def generate(*args: Any, **kwargs: Any) -> Any:
            try:
                yield from call(*args, **kwargs)
            except errors.RunstoreError as problem:
                tell(problem)

        _DONE.add(generate)
        return generate

    @functools.wraps(call)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except errors.RunstoreError as problem:
            tell(problem)

    _DONE.add(wrapped)
    return wrapped


def tell(problem: errors.RunstoreError) -> NoReturn:
    """Raise a native error as the SDK's; one that is the SDK's already as it is."""
    if isinstance(problem, AzureMLException):
        raise problem
    means = next(means for native, means in _MEANING if isinstance(problem, native))
    raise means(str(problem), inner_exception=problem) from problem


def _member(member: Any) -> Any:
    if isinstance(member, staticmethod | classmethod):
        return member if member.__func__ in _DONE else type(member)(function(member.__func__))
    if isinstance(member, property):
        if member.fget in _DONE:
            return member
        get, set, delete = (part and function(part) for part in (member.fget, member.fset, member.fdel))
        return property(get, set, delete, member.__doc__)
    return function(member) if inspect.isfunction(member) else member
