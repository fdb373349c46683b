"""Section 16: exceptions."""

from __future__ import annotations

import json

import pytest

from runstore.azureml import exceptions
from runstore.azureml.exceptions import AzureMLException

NAMES = (
    "UserErrorException RunEnvironmentException ExperimentExecutionException ActivityFailedException SnapshotException "
    "ProjectSystemException RunConfigurationException TrainingException WorkspaceException ComputeTargetException "
    "WebserviceException ModelNotFoundException ModelPathNotFoundException DiscoveryUrlNotFoundException "
    "ServiceException AzureMLAggregatedException AuthenticationException"
)


@pytest.mark.parametrize("name", NAMES.split())
def test_every_exception_of_the_sdk_is_below_its_base(name: str) -> None:
    assert issubclass(getattr(exceptions, name), AzureMLException)


def test_who_is_not_let_in_is_the_users_error() -> None:
    assert issubclass(exceptions.AuthenticationException, exceptions.UserErrorException)


def test_the_message_can_be_read_and_set() -> None:
    problem = AzureMLException("what")
    assert problem.message == "what"
    problem.message = "else"
    assert problem.message == "else"
    assert "else" in str(problem)


def test_the_inner_exception_too() -> None:
    problem = AzureMLException("what", inner_exception=ValueError("inner"))
    assert isinstance(problem.inner_exception, ValueError)
    problem.inner_exception = None
    assert problem.inner_exception is None


def test_as_text_it_is_class_message_inner_exception_and_json() -> None:
    text = str(exceptions.SnapshotException("too big", inner_exception=ValueError("inner")))
    lines = text.splitlines()
    assert lines[0] == "SnapshotException:"
    assert "too big" in lines[1]
    assert "inner" in lines[2]
    body = json.loads(text[text.index("{") :])
    assert body["error"]["message"] == "too big"


def test_a_failed_activity_has_the_error_as_json() -> None:
    problem = exceptions.ActivityFailedException({"error": {"message": "no memory"}})
    assert json.loads(problem.message) == {"error": {"message": "no memory"}}


def test_several_are_one() -> None:
    problem = exceptions.AzureMLAggregatedException([ValueError("one"), KeyError("two")])
    assert "one" in problem.message
    assert "two" in problem.message
