"""The parameters of a sweep: how each is written, and which value a drawn number stands for. Pure data.

Whatever searches draws one plain number for each parameter, evenly from a range or one of so many; the expression
makes the value of it. So a search knows three kinds of range, not ten kinds of expression.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Any

from runstore.errors import UsageError

_EDGE = 1e-9  # how near to 0 and 1 a drawn share comes: the normal ones reach six standard deviations


@dataclass(frozen=True, slots=True)
class Range:
    """What is drawn: a float between ``low`` and ``high``, a whole number of these, or one of ``high + 1`` kinds."""

    low: float
    high: float
    whole: bool = False
    kinds: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """How one parameter is drawn: a kind, and its arguments in the order of the SDK."""

    kind: str
    arguments: tuple[Any, ...]

    def as_list(self) -> list[Any]:
        """As the SDK writes it: ``["uniform", [0, 1]]``."""
        return [self.kind, list(self.arguments)]

    @property
    def options(self) -> list[Any]:
        """What a choice is of."""
        return list(self.arguments[0])

    @property
    def range(self) -> Range:
        """What is drawn for it."""
        if self.kind == "choice":
            return Range(0, len(self.options) - 1, whole=True, kinds=True)
        if self.kind == "randint":
            return Range(0, self.arguments[0] - 1, whole=True)
        if self.kind.endswith("normal"):
            return Range(_EDGE, 1 - _EDGE)
        return Range(float(self.arguments[0]), float(self.arguments[1]))

    def value(self, drawn: float) -> Any:
        """The parameter's value where this was drawn."""
        if self.kind == "choice":
            return self.options[int(drawn)]
        if self.kind == "randint":
            return int(drawn)
        plain = self.kind.removeprefix("q")
        found = float(drawn)
        if plain.endswith("normal"):
            found = NormalDist(*map(float, self.arguments[:2])).inv_cdf(found)
        if plain.startswith("log"):
            found = math.exp(found)
        return found if plain == self.kind else _stepped(found, self.arguments[2])

    def drawn(self, value: Any) -> float | None:
        """What was drawn where this is the value, the inverse of ``value``; None where it can't have been.

        Of a stepped one it is a number that gives the same value.
        """
        if self.kind == "choice":
            same = [index for index, option in enumerate(self.options) if _equal(option, value)]
            return same[0] if same else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        plain, found = self.kind.removeprefix("q"), float(value)
        if plain.startswith("log"):
            found = math.log(found) if found > 0 else -math.inf
        if plain.endswith("normal"):
            found = NormalDist(*map(float, self.arguments[:2])).cdf(found)
        held = min(max(found, self.range.low), self.range.high)
        if plain == "randint" or plain != self.kind:
            return held if self.value(held) == value else None
        return held if plain.endswith("normal") or math.isclose(found, held, rel_tol=1e-9, abs_tol=1e-12) else None


def _stepped(value: float, step: float) -> float:
    """The nearest multiple, without the noise of binary fractions; whole where the step is."""
    count = round(value / step)
    return count * step if isinstance(step, int) else float(count * Decimal(str(step)))


def _equal(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


# ---- reading


def read(parameters: Mapping[str, Any]) -> dict[str, Expression]:
    """The expressions of a space.

    Args:
        parameters: name to ``["uniform", [0, 1]]`` (the SDK), ``("uniform", 0, 1)``, ``["uniform", 0, 1]`` or
            ``{"uniform": [0, 1]}`` (YAML), or a list of values, which is a choice.

    Raises:
        UsageError: none of these; the message names the parameter and what is allowed.
    """
    if not isinstance(parameters, Mapping) or not parameters:
        raise UsageError('parameters: give a dict of at least one, such as {"lr": ["uniform", [0, 1]]}')
    return {str(name): _expression(str(name), given) for name, given in parameters.items()}


def _expression(name: str, given: Any) -> Expression:
    given = _without_numpy(given)
    if isinstance(given, Expression):
        kind, arguments = given.kind, given.arguments
    elif isinstance(given, Mapping) and len(given) == 1:
        ((kind, told),) = given.items()
        arguments = (told,) if kind == "choice" or not _is_list(told) else tuple(told)
    elif _is_list(given) and (behind := _behind(given)) is not None:
        kind, arguments = given[0], behind
    elif _is_list(given):
        kind, arguments = "choice", (list(given),)
    else:
        raise UsageError(f"parameter {name!r}: {given!r} is no expression; {_ALLOWED}")
    if kind not in KINDS:
        raise UsageError(f"parameter {name!r}: no expression is called {kind!r}; {_ALLOWED}")
    return _checked(name, Expression(kind, _plain(arguments) if kind == "choice" else arguments))


def _without_numpy(given: Any) -> Any:
    """Numpy's numbers and arrays, which are no JSON values, as Python's."""
    if isinstance(given, list | tuple):
        return type(given)(map(_without_numpy, given))
    if isinstance(given, Mapping):
        return {key: _without_numpy(value) for key, value in given.items()}
    return given.tolist() if hasattr(given, "tolist") else given


def _is_list(given: Any) -> bool:
    return isinstance(given, Sequence) and not isinstance(given, str | bytes)


def _behind(given: Sequence[Any]) -> tuple[Any, ...] | None:
    """The arguments in ``[kind, [arguments]]``, ``(kind, *arguments)``; in ``[kind, *numbers]``, as YAML has no tuples.

    None where it is a choice; one of its options may be called as a kind is.
    """
    if not given or not isinstance(given[0], str) or given[0] not in KINDS:
        return None
    rest = tuple(given[1:])
    if isinstance(given, list) and len(rest) == 1 and _is_list(rest[0]):
        return tuple(rest[0])
    told = isinstance(given, tuple) or (rest and (given[0] == "choice" or all(map(_is_number, rest))))
    return rest if told else None


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _plain(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """One list of options, however they were given."""
    one = arguments[0] if len(arguments) == 1 and _is_list(arguments[0]) else arguments
    return (list(one),)


def _checked(name: str, found: Expression) -> Expression:
    where = f"parameter {name!r}: {found.kind}"
    if found.kind == "choice":
        if not found.options:
            raise UsageError(f"{where} has no options; {_USAGE[found.kind]}")
        try:
            json.dumps(found.options, allow_nan=False)
        except (TypeError, ValueError) as problem:
            raise UsageError(f"{where} has an option that is no JSON value ({problem})") from None
        return found
    wanted = KINDS[found.kind]
    numbers = list(filter(_is_number, found.arguments))
    if len(numbers) != len(found.arguments) or len(numbers) != wanted or not all(map(math.isfinite, numbers)):
        raise UsageError(f"{where} takes {_USAGE[found.kind]}, not {list(found.arguments)!r}")
    if not _RIGHT[_shape(found.kind)](numbers) or (found.kind.startswith("q") and numbers[2] <= 0):
        raise UsageError(f"{where} takes {_USAGE[found.kind]}, not {list(found.arguments)!r}")
    return found


def _shape(kind: str) -> str:
    return "randint" if kind == "randint" else "normal" if kind.endswith("normal") else "uniform"


_RIGHT: dict[str, Callable[[list[Any]], bool]] = {
    "randint": lambda given: given[0] >= 1 and int(given[0]) == given[0],
    "uniform": lambda given: given[0] <= given[1],
    "normal": lambda given: given[1] > 0,
}
_USAGE = {
    "choice": "choice is [values]",
    "randint": "a whole upper bound of at least 1",
    "uniform": "a minimum and a maximum",
    "quniform": "a minimum, a maximum and a step above 0",
    "loguniform": "a minimum and a maximum of the logarithm",
    "qloguniform": "a minimum and a maximum of the logarithm and a step above 0",
    "normal": "a mean and a deviation above 0",
    "qnormal": "a mean, a deviation above 0 and a step above 0",
    "lognormal": "a mean and a deviation above 0 of the logarithm",
    "qlognormal": "a mean and a deviation above 0 of the logarithm and a step above 0",
}
KINDS = {
    "choice": 1, "randint": 1, "uniform": 2, "quniform": 3, "loguniform": 2, "qloguniform": 3, "normal": 2,
    "qnormal": 3, "lognormal": 2, "qlognormal": 3,
}  # fmt: skip  # how many arguments each takes
_ALLOWED = f"give a list of values, or one of {', '.join(KINDS)} with its arguments: {{'uniform': [0, 1]}}"


# ---- grids


def combinations(space: Mapping[str, Expression]) -> int:
    """How many there are of choices."""
    return math.prod(len(one.options) for one in space.values())


def combination(space: Mapping[str, Expression], number: int) -> dict[str, float]:
    """What is drawn for the combination of this number: the last parameter changes first."""
    drawn: dict[str, float] = {}
    for name, one in reversed(list(space.items())):
        number, drawn[name] = divmod(number, len(one.options))
    return {name: drawn[name] for name in space}


# ---- what a script gets


def arguments(values: Mapping[str, Any]) -> list[str]:
    """The command line that tells a script its values: ``--lr 0.1``, in order."""
    return [part for name, value in values.items() for part in (dashed(name), argument(value))]


def dashed(name: str) -> str:
    """A parameter's name as an option; one that begins with a dash is one already."""
    return name if name.startswith("-") else f"--{name}"


def argument(value: Any) -> str:
    """A value as a script reads it: text and numbers as they are, lists and dicts as JSON."""
    return json.dumps(value) if isinstance(value, list | tuple | dict) else str(value)


def params(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values under names that SQL reads easily: without the dashes before them."""
    return {name.lstrip("-") or name: _leaf(value) for name, value in values.items()}


def _leaf(value: Any) -> Any:
    """A value as params take it; what is neither scalar nor a list of such, as JSON."""
    nested = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, list | dict) for one in value))
    return json.dumps(value) if nested else value
