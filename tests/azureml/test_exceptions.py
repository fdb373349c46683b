"""The tree of the SDK's exceptions."""

from __future__ import annotations

import inspect

import pytest

from runstore.azureml import exceptions
from runstore.errors import RunstoreError

CLASSES = [
    found
    for _, found in inspect.getmembers(exceptions, inspect.isclass)
    if found.__module__ == exceptions.__name__ and issubclass(found, exceptions.AzureMLException)
]


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_every_exception_is_one_of_runstores_too(found: type[exceptions.AzureMLException]) -> None:
    assert issubclass(found, RunstoreError)


def test_the_base_has_an_alias_of_our_own() -> None:
    assert exceptions.RunstoreException is exceptions.AzureMLException


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_each_takes_one_argument(found: type[exceptions.AzureMLException]) -> None:
    assert isinstance(found(["what"]).message, str)


def test_a_duty_that_is_not_built_is_a_not_implemented_error() -> None:
    assert issubclass(exceptions.NotYetException, NotImplementedError)


def test_a_target_and_details_are_in_the_error_response() -> None:
    text = str(exceptions.AzureMLException("what", target="run", details=[{"code": "x"}], reference_code="y"))
    assert '"target": "run"' in text
    assert '"code": "x"' in text
