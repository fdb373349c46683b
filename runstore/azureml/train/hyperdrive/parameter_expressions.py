"""How one parameter of a sweep is drawn: each is ``[kind, [arguments]]``, as in the SDK."""

from __future__ import annotations

from typing import Any

Expression = list[Any]


def choice(*options: Any) -> Expression:
    """One of several, given as arguments or as one list, range or array."""
    if len(options) == 1 and getattr(options[0], "ndim", 0) == 1:
        options = (options[0].tolist(),)
    if len(options) == 1 and isinstance(options[0], list | tuple | range):
        options = tuple(options[0])
    return ["choice", [list(options)]]


def randint(upper: int) -> Expression:
    """An integer in [0, upper)."""
    return ["randint", [upper]]


def uniform(min_value: float, max_value: float) -> Expression:
    """A float between two."""
    return ["uniform", [min_value, max_value]]


def quniform(min_value: float, max_value: float, q: float) -> Expression:
    """As ``uniform``, in steps of q."""
    return ["quniform", [min_value, max_value, q]]


def loguniform(min_value: float, max_value: float) -> Expression:
    """Exp of a uniform."""
    return ["loguniform", [min_value, max_value]]


def qloguniform(min_value: float, max_value: float, q: float) -> Expression:
    """As ``loguniform``, in steps of q."""
    return ["qloguniform", [min_value, max_value, q]]


def normal(mu: float, sigma: float) -> Expression:
    """Normally distributed."""
    return ["normal", [mu, sigma]]


def qnormal(mu: float, sigma: float, q: float) -> Expression:
    """As ``normal``, in steps of q."""
    return ["qnormal", [mu, sigma, q]]


def lognormal(mu: float, sigma: float) -> Expression:
    """Exp of a normal."""
    return ["lognormal", [mu, sigma]]


def qlognormal(mu: float, sigma: float, q: float) -> Expression:
    """As ``lognormal``, in steps of q."""
    return ["qlognormal", [mu, sigma, q]]
