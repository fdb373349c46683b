"""When a child of a sweep is stopped early: what is compared, and when. The comparison itself is the study's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from runstore.errors import UsageError

Standing: TypeAlias = Mapping[int, float]
"""How a child stands after so many values (interval): the best one so far, NaN where all were NaN. In that order."""

_EVERY = 1000  # up to so many intervals each is looked at; then three digits of a number are enough
ROUND = f"interval <= {_EVERY} OR interval % (10 ** (length(interval::VARCHAR) - 3))::BIGINT = 0"  # the same in SQL


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Looked at whenever the primary metric has so many values more, from the ``delay_evaluation``-th on."""

    evaluation_interval: int = 1
    delay_evaluation: int = 0

    def __post_init__(self) -> None:
        _whole(self, "evaluation_interval", 1)
        _whole(self, "delay_evaluation", 0)

    def due(self, interval: int) -> bool:
        """Whether a child that has logged so many values is compared with the others."""
        rounded = interval <= _EVERY or interval % 10 ** (len(str(interval)) - 3) == 0
        return rounded and interval >= self.delay_evaluation and interval % self.evaluation_interval == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandit(_Rule):
    """Stops a child that is worse than the best one at the same interval by more than a slack.

    ``slack_factor`` is a share of the best value, ``slack_amount`` a distance from it; give one.
    """

    slack_factor: float | None = None
    slack_amount: float | None = None

    def __post_init__(self) -> None:
        _Rule.__post_init__(self)
        if (self.slack_factor is None) == (self.slack_amount is None):
            raise UsageError("policy bandit: give slack_factor or slack_amount, exactly one")
        slack = self.slack_factor if self.slack_amount is None else self.slack_amount
        if isinstance(slack, bool) or not isinstance(slack, int | float) or not 0 <= slack < math.inf:
            raise UsageError(f"policy bandit: a slack is a number of at least 0, not {slack!r}")

    def worst(self, best: float, maximize: bool) -> float:
        """The worst value that a child may have beside one of this value."""
        if self.slack_amount is not None:
            return best - self.slack_amount if maximize else best + self.slack_amount
        factor = 1 + (self.slack_factor or 0)
        return best / factor if maximize == (best > 0) else best * factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Median(_Rule):
    """Stops a child whose best value is worse than the median of those that have completed, at the same interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation(_Rule):
    """Stops a child among the worst so many percent of those that have completed, at the same interval."""

    percentage: int

    def __post_init__(self) -> None:
        _Rule.__post_init__(self)
        if isinstance(self.percentage, bool) or not isinstance(self.percentage, int) or not 1 <= self.percentage <= 99:
            raise UsageError(f"policy truncation: percentage is a whole number of 1 to 99, not {self.percentage!r}")


Policy: TypeAlias = Bandit | Median | Truncation
KINDS: dict[str, type[Policy]] = {"bandit": Bandit, "median": Median, "truncation": Truncation}


def read(given: Any) -> Policy | None:
    """A policy.

    Args:
        given: None or ``"none"``, a policy, its name, or its name with settings: ``{"bandit": {"slack_factor": 0.1}}``.

    Raises:
        UsageError: none of these; the message says what there is.
    """
    if given is None or given == "none" or isinstance(given, Policy):
        return None if given == "none" else given
    named = given if isinstance(given, Mapping) and len(given) == 1 else {given: {}} if isinstance(given, str) else {}
    for kind, settings in named.items():
        if kind not in KINDS:
            break
        known = KINDS[kind].__dataclass_fields__
        if not isinstance(settings, Mapping | None) or set(settings or {}) - set(known):
            raise UsageError(f"policy {kind}: its settings are {', '.join(known)}, not {settings!r}")
        if kind == "truncation" and "percentage" not in (settings or {}):
            raise UsageError("policy truncation: give percentage, a whole number of 1 to 99")
        return KINDS[kind](**(settings or {}))
    raise UsageError(
        f"policy: give none, {', '.join(KINDS)}, such as {{'bandit': {{'slack_factor': 0.1}}}}; not {given!r}"
    )


def as_dict(policy: Policy | None) -> dict[str, Any] | None:
    """A policy as ``read`` takes it again, in JSON."""
    return None if policy is None else {name(policy): asdict(policy)}


def name(policy: Policy) -> str:
    """What it is called."""
    return next(kind for kind, one in KINDS.items() if one is type(policy))


def _whole(rule: _Rule, setting: str, least: int) -> None:
    value = getattr(rule, setting)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"policy: {setting} is a whole number of at least {least}, not {value!r}")
