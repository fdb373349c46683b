"""What a sweep is: a script, the parameters that are tried, and what is best. Pure data."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runstore.errors import LaunchError, UsageError
from runstore.launch import specification
from runstore.launch.config import Environment, ScriptRunConfig, words
from runstore.launch.sweep import policies, space

MINIMIZE, MAXIMIZE = "minimize", "maximize"
RANDOM, GRID, BAYESIAN = "random", "grid", "bayesian"
GOALS, SAMPLINGS = (MINIMIZE, MAXIMIZE), (RANDOM, GRID, BAYESIAN)
PRIMARY, RESUMED = "primary_metric_config", "resume_from"  # properties of the run, as in the SDK
HYPERPARAMETERS = "hyperparameters"  # of a child: property and tag, as in the SDK
STOPPED = "stopped_by"  # tag of a child that a policy has stopped: which one, and why


@dataclass
class Sweep:
    """Many runs of one script, each with parameters of its own. ``Experiment.submit`` takes it.

    Args:
        config: the script; each run of it gets ``--name value`` for every parameter after its own arguments.
        parameters: what is tried, see ``space.read``: ``{"lr": ("loguniform", -5, 0), "depth": [2, 4, 8]}``.
        metric: the primary metric: the name that the script logs it under.
        goal: ``minimize`` or ``maximize``.
        runs: how many at most.
        concurrent: how many at a time.
        sampling: ``random``, ``grid`` (of choices only) or ``bayesian``.
        policy: when a run is stopped early, see ``policies.read``: ``{"bandit": {"slack_factor": 0.1}}``.
        minutes: how long all of it may take; what still runs then is canceled.
        seed: makes what is tried the same again; None: any.
        resume_from: ids of earlier sweeps, whose runs the search learns from.
        resume_runs: ids of single runs of earlier sweeps, likewise.
    """

    config: ScriptRunConfig
    parameters: Mapping[str, Any]
    metric: str
    goal: str = MINIMIZE
    runs: int = 20
    concurrent: int = 4
    sampling: str = RANDOM
    policy: Any = None
    minutes: float | None = None
    seed: int | None = None
    resume_from: Sequence[str] = ()
    resume_runs: Sequence[str] = ()

    @property
    def maximize(self) -> bool:
        """Whether more is better."""
        return self.goal == MAXIMIZE

    @property
    def total(self) -> int:
        """How many runs there will be: a grid has no more than its combinations."""
        found = space.read(self.parameters)
        return min(self.runs, space.combinations(found)) if self.sampling == GRID else self.runs

    def check(self) -> None:
        """See whether it can be.

        Raises:
            UsageError: it can't; the message names the field and what is allowed.
            LaunchError: what searches is not installed.
        """
        if not isinstance(self.config, ScriptRunConfig):
            raise UsageError(f"config: give a ScriptRunConfig, not a {type(self.config).__name__}")
        _one_of("goal", self.goal, GOALS)
        _one_of("sampling", self.sampling, SAMPLINGS)
        if not isinstance(self.metric, str) or not self.metric:
            raise UsageError(f"metric: give the name that the script logs it under, not {self.metric!r}")
        for name in ("runs", "concurrent"):
            _whole(name, getattr(self, name), 1)
        if self.seed is not None:
            _whole("seed", self.seed, 0)
        if self.minutes is not None and not (_number(self.minutes) and 0 < self.minutes < math.inf):
            raise UsageError(f"minutes: give a number above 0 or none, not {self.minutes!r}")
        policies.read(self.policy)
        self._check_space()
        if find_spec("optuna") is None:
            raise LaunchError("a sweep needs Optuna; `pip install 'runstore[sweep]'`")

    def _check_space(self) -> None:
        for name, one in space.read(self.parameters).items():
            if self.sampling == GRID and one.kind != "choice":
                raise UsageError(f"parameter {name!r}: a grid is of choices, not of {one.kind}; give a list of values")

    def settled(self) -> Sweep:
        """The same with a seed."""
        return self if self.seed is not None else replace(self, seed=secrets.randbits(31))

    def child(self, values: Mapping[str, Any]) -> ScriptRunConfig:
        """The script with these values."""
        return replace(self.config, arguments=[*words(self.config.arguments), *space.arguments(values)])

    # ---- as JSON

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON can say it."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        found["config"] = self.config.as_dict()
        found["parameters"] = {name: one.as_list() for name, one in space.read(self.parameters).items()}
        found["policy"] = policies.as_dict(policies.read(self.policy))
        return found | {name: list(found[name]) for name in ("resume_from", "resume_runs")}

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> Sweep:
        """What ``as_dict`` gave."""
        return cls(**{**body, "config": ScriptRunConfig.from_dict(body["config"])})

    def labels(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Properties and tags of the run, called as in the SDK."""
        primary = json.dumps({"name": self.metric, "goal": self.goal})
        generator = {"name": self.sampling.upper(), "parameter_space": self.as_dict()["parameters"]}
        policy = policies.as_dict(policies.read(self.policy))
        properties = {PRIMARY: primary, RESUMED: json.dumps(list(self.resume_from)), "runTemplate": "HyperDrive"}
        if self.seed is not None:
            properties["seed"] = str(self.seed)
        tags = {
            "generator_config": json.dumps(generator),
            "policy_config": json.dumps(policy),
            "max_total_jobs": str(self.total),
            "max_concurrent_jobs": str(self.concurrent),
            "max_duration_minutes": str(self.minutes),
        }
        return properties, tags

    def definition(self) -> dict[str, Any]:
        """The sweep as ``get_details()["runDefinition"]`` has it: that of its script."""
        return self.config.definition()


# ---- files

_SCRIPT = ("script", "command", "source_directory", "arguments", "environment", "processes")
_SEARCH = ("parameters", "metric", "goal", "runs", "concurrent", "sampling", "policy", "minutes", "seed")


def from_yaml(path: str | Path) -> Sweep:
    """The sweep that a YAML file says (``docs/sweeps.md``). ``source_directory`` is seen from the file.

    Raises:
        LaunchError: there is no such file, it is no YAML, or says something that can't be; the message names the field
            and what is allowed.
    """
    body = specification.read(path)
    unknown = [str(name) for name in body if name not in _SCRIPT + _SEARCH]
    if unknown:
        raise LaunchError(f"{path}: unknown field {unknown[0]!r}; the fields are {', '.join(_SCRIPT + _SEARCH)}")
    missing = [name for name in ("parameters", "metric") if name not in body]
    if missing:
        raise LaunchError(f"{path}: field {missing[0]!r} is missing")
    if ("script" in body) == ("command" in body):
        raise LaunchError(f"{path}: give script or command, one of them")
    try:
        made = Sweep(_script(body, Path(path).parent), **{name: body[name] for name in _SEARCH if name in body})
        made.check()
    except UsageError as problem:
        raise LaunchError(f"{path}: {problem}") from None
    return made


def _script(body: Mapping[str, Any], here: Path) -> ScriptRunConfig:
    for name in ("script", "source_directory"):
        if name in body and not isinstance(body[name], str):
            raise UsageError(f"{name}: give a path, not {body[name]!r}")
    for name in ("arguments", "command"):
        if not isinstance(body.get(name, ""), str | list):
            raise UsageError(f"{name}: give a text or a list, not {body[name]!r}")
    if "processes" in body:
        _whole("processes", body["processes"], 1)
    told = {name: body[name] for name in ("script", "command", "arguments", "processes") if name in body}
    source = str(here / body.get("source_directory", "."))
    return ScriptRunConfig(source, environment=_environment(body.get("environment")), **told)


def _environment(given: Any) -> Environment | None:
    if given is None:
        return None
    known = [field.name for field in fields(Environment)]
    if not isinstance(given, Mapping) or set(given) - set(known):
        raise UsageError(f"environment: its fields are {', '.join(known)}; not {given!r}")
    return Environment.from_dict(given)


# ---- checks


def _one_of(name: str, given: Any, allowed: Sequence[str]) -> None:
    if given not in allowed:
        raise UsageError(f"{name}: give {' or '.join(allowed)}, not {given!r}")


def _whole(name: str, given: Any, least: int) -> None:
    if isinstance(given, bool) or not isinstance(given, int) or given < least:
        raise UsageError(f"{name}: give a whole number of at least {least}, not {given!r}")


def _number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)
