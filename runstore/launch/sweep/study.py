"""Which parameters are tried next, and who is stopped: the one door to Optuna, loaded only where a sweep runs.

The study is held in memory. Its truth is the store: whoever takes a sweep over tells it again what the children did.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from runstore.launch.sweep import policies, space
from runstore.launch.sweep.config import BAYESIAN, GRID, Sweep
from runstore.launch.sweep.policies import Standing
from runstore.runs.state import COMPLETED

_HUGE = 1e300  # in place of infinity


class Study:
    """One sweep's search. A child is known by its number; what is drawn for it depends on that, and on the seed."""

    def __init__(self, sweep: Sweep) -> None:
        """Begin, with nothing tried."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._sweep, self._space = sweep, space.read(sweep.parameters)
        self._policy = policies.read(sweep.policy)
        self._distributions = {name: _distribution(one.range) for name, one in self._space.items()}
        direction = StudyDirection.MAXIMIZE if sweep.maximize else StudyDirection.MINIMIZE
        self._study = optuna.create_study(direction=direction, pruner=_pruner(self._policy, sweep.maximize))
        self._trials: dict[int | str, optuna.Trial] = {}
        self._reported: dict[int | str, int] = {}

    # ---- what is tried

    def draw(self, number: int) -> dict[str, Any]:
        """The parameters of the child of this number, which now counts as running."""
        if self._sweep.sampling == GRID:
            self._study.enqueue_trial(space.combination(self._space, number))
        trial = self._ask(number)
        return {name: one.value(trial.params[name]) for name, one in self._space.items()}

    def adopt(self, child: int | str, values: Mapping[str, Any]) -> bool:
        """Count a child as running whose parameters are known; False where they are none of this space."""
        drawn = {name: one.drawn(values[name]) for name, one in self._space.items() if name in values}
        if set(drawn) != set(self._space) or None in drawn.values():
            return False
        self._study.enqueue_trial(drawn)
        self._ask(child)
        return True

    def _ask(self, child: int | str) -> optuna.Trial:
        seed = zlib.crc32(f"{self._sweep.seed} {child}".encode())  # so that a sweep taken over goes on as it would have
        self._study.sampler = (
            optuna.samplers.TPESampler(seed=seed) if self._sweep.sampling == BAYESIAN
            else optuna.samplers.RandomSampler(seed=seed)
        )  # fmt: skip
        self._trials[child] = self._study.ask(self._distributions)
        return self._trials[child]

    # ---- how it goes

    def follow(self, child: int | str, standing: Standing) -> str | None:
        """Take how a child stands.

        Args:
            child: its number.
            standing: by the primary metric, from the first interval on.

        Returns:
            Why the child is to be stopped, None where it may go on.
        """
        if self._policy is None or child not in self._trials:
            return None
        seen = self._reported.get(child, 0)
        self._reported[child] = max([seen, *standing])
        why: str | None = None
        for interval in (one for one in standing if one > seen and self._policy.due(one)):
            self._trials[child].report(self._comparable(standing[interval]), interval)
            if why is None and self._trials[child].should_prune():
                said = f"{self._sweep.metric} {standing[interval]:g} at interval {interval}"
                why = f"{policies.name(self._policy)}: {said}"
        return why

    def _comparable(self, value: float) -> float:
        """A value as a finite number, so that percentiles can be had: none is worse than NaN."""
        if math.isnan(value):
            return -_HUGE if self._sweep.maximize else _HUGE
        return min(max(value, -_HUGE), _HUGE)

    def tell(self, child: int | str, status: str, stopped: bool, standing: Standing) -> None:
        """Take how a child has ended.

        Args:
            child: its number.
            status: that of its run.
            stopped: whether the policy has stopped it.
            standing: how it stood in the end; nothing where it has logged no number of the primary metric.
        """
        trial = self._trials.pop(child, None)
        if trial is None:
            return
        *_, best = math.nan, *standing.values()
        if stopped:
            self._study.tell(trial, state=TrialState.PRUNED)
        elif status == COMPLETED and math.isfinite(best):
            self._study.tell(trial, best)
        else:
            self._study.tell(trial, state=TrialState.FAIL)


def _distribution(drawn: space.Range) -> BaseDistribution:
    if drawn.kinds:
        return CategoricalDistribution(range(int(drawn.high) + 1))
    if drawn.whole:
        return IntDistribution(int(drawn.low), int(drawn.high))
    return FloatDistribution(drawn.low, drawn.high)


def _pruner(policy: policies.Policy | None, maximize: bool) -> BasePruner:
    if isinstance(policy, policies.Bandit):
        return _BanditPruner(policy, maximize)
    if isinstance(policy, policies.Median):
        return optuna.pruners.MedianPruner()
    if isinstance(policy, policies.Truncation):
        return optuna.pruners.PercentilePruner(100.0 - policy.percentage)
    return optuna.pruners.NopPruner()


class _BanditPruner(BasePruner):
    """Compares a trial with the best one at its last interval, whether that one has ended or not.

    One that is not so far yet counts as it stands: by then it stands no worse, for only the best so far is reported.
    """

    def __init__(self, policy: policies.Bandit, maximize: bool) -> None:
        self._policy, self._maximize = policy, maximize

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        step = trial.last_step
        if step is None:
            return False
        own, every = trial.intermediate_values[step], study.get_trials(deepcopy=False)
        known = [value for one in every if (value := _until(one.intermediate_values, step)) is not None]
        worst = self._policy.worst(max(known) if self._maximize else min(known), self._maximize)
        return own < worst if self._maximize else own > worst


def _until(reported: dict[int, float], step: int) -> float | None:
    """What a trial has reported at this interval, else at its last one if that is before; intervals are in order."""
    last = next(reversed(reported), step)
    return reported.get(min(last, step))
