"""What is not built yet."""

from __future__ import annotations

import pytest

from runstore.azureml import later
from runstore.azureml.exceptions import NotYetException


def test_calling_says_what_and_when() -> None:
    with pytest.raises(NotYetException) as raised:
        later.not_yet("fly()", later.WIDGET)
    assert raised.value.message == f"fly() can't be called yet: {later.WIDGET}"


def test_a_method_takes_anything_and_has_its_name() -> None:
    fly = later.method("Bird.fly()", later.NEVER)
    assert fly.__name__ == "fly"
    with pytest.raises(NotYetException, match=r"Bird\.fly"):
        fly(1, 2, three=4)
