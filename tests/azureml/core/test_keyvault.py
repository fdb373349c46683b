"""Secrets in the environment."""

from __future__ import annotations

import os

import pytest

from runstore.azureml.core import Keyvault
from runstore.azureml.exceptions import UserErrorException


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DB_PASSWORD", "OTHER"):
        monkeypatch.setenv(name, "x")
        monkeypatch.delenv(name)


def test_a_name_is_the_variable_itself_or_in_its_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "shaped")
    assert Keyvault().get_secret("db-password") == "shaped"
    monkeypatch.setenv("db-password", "itself")
    assert Keyvault().get_secret("db-password") == "itself"


def test_one_that_is_missing_names_the_variable() -> None:
    with pytest.raises(UserErrorException, match="DB_PASSWORD"):
        Keyvault().get_secret("db-password")


def test_what_is_set_lasts_in_this_process_until_deleted() -> None:
    vault = Keyvault()
    vault.set_secret("db-password", "a")
    vault.set_secrets({"other": "b"})
    assert (os.environ["DB_PASSWORD"], vault.get_secret("other")) == ("a", "b")
    assert vault.list_secrets() == [{"name": "db-password"}, {"name": "other"}]
    vault.delete_secret("db-password")
    vault.delete_secrets(["other", "none"])
    assert vault.get_secrets(["db-password", "other"]) == {"db-password": None, "other": None}
    assert vault.list_secrets() == []
