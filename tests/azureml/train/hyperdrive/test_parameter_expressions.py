"""Expressions of parameters."""

from __future__ import annotations

import numpy as np

from runstore.azureml.train import hyperdrive


def test_a_choice_is_of_arguments_a_list_a_range_or_an_array() -> None:
    choice = hyperdrive.choice
    assert choice(1, 2) == choice([1, 2]) == choice(range(1, 3)) == choice(np.array([1, 2])) == ["choice", [[1, 2]]]


def test_the_others_keep_their_arguments() -> None:
    assert hyperdrive.randint(5) == ["randint", [5]]
    for kind in ("uniform", "loguniform", "normal", "lognormal"):
        assert getattr(hyperdrive, kind)(0, 1) == [kind, [0, 1]]
        assert getattr(hyperdrive, f"q{kind}")(0, 1, 0.5) == [f"q{kind}", [0, 1, 0.5]]
