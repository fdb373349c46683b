"""Datasets are out of scope."""

from __future__ import annotations

import pytest

from runstore.azureml.core import Dataset
from runstore.azureml.exceptions import NotYetException


@pytest.mark.parametrize("call", [Dataset.get_by_name, Dataset.File.from_files, Dataset.Tabular.from_delimited_files])
def test_every_call_says_so(call: object) -> None:
    with pytest.raises(NotYetException, match="scope"):
        call("x")  # type: ignore[operator]
