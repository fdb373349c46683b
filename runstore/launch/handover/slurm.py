"""Handing a run over to Slurm, through submitit, which only this module knows."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.errors import LaunchError
from runstore.launch import working_copy
from runstore.launch.environments import cache

if TYPE_CHECKING:
    from runstore.launch.handover import Queued

# 0 and 1 come from the launcher, and the run's own log says why; else what Slurm and submitit wrote is all there is
_TIDY = 'code=$?; [ "$code" -gt 1 ] || rm -rf {folder}; exit "$code"'


def check(launcher: str, options: Mapping[str, Any], processes: int) -> None:
    """See that there are Slurm and submitit, and that the processes can be spread over the nodes.

    Raises:
        LaunchError: one of them is missing; there are more nodes than processes; or the nodes have no place in common.
    """
    for tool in ("sbatch", "srun"):
        if shutil.which(tool) is None:
            raise LaunchError(
                f"launcher 'slurm' needs {tool}, which is not on PATH; submit from a machine of the cluster"
            )
    try:
        import submitit  # noqa: F401
    except ImportError:
        raise LaunchError("launcher 'slurm' needs submitit; pip install 'runstore[slurm]'") from None
    nodes = _nodes(options)
    if nodes > processes:
        raise LaunchError(f"{nodes} nodes for {processes} processes: some would have none; take as many or fewer")
    if nodes > 1 and not os.environ.get(working_copy.VARIABLE):
        raise LaunchError(f"{nodes} nodes: all have to see the working copy; name a place in {working_copy.VARIABLE}")


def start(launcher: str, queued: Queued) -> str:
    """Submit a job whose first node runs the launcher; give its number.

    Options are those of ``sbatch``: ``partition``, ``gres``, ``time`` and so on; ``nodes`` spreads the processes. Also
    ``setup``, a line of shell before the launcher, and ``folder``, which all nodes have to see: what Slurm writes there
    stays only where the launcher could not start.

    Raises:
        LaunchError: Slurm refuses; with what it said.
    """
    import submitit

    options = dict(queued.options)
    folder = _folder(options.pop("folder", None))
    try:
        executor = submitit.SlurmExecutor(folder)
        with warnings.catch_warnings(action="ignore"):
            executor.update_parameters(**_parameters(queued, options, folder))
            # takes the place of the process that submitit starts: nothing stands between Slurm and the launcher
            job = executor.submit(os.execvp, "env", ["env", *_changes(queued.environment), *queued.command])
    except (OSError, RuntimeError, TypeError, ValueError) as problem:
        shutil.rmtree(folder, ignore_errors=True)
        said = "; ".join(line.strip() for line in str(problem).splitlines() if line.strip())
        raise LaunchError(f"launcher 'slurm': {said}") from None
    return str(job.job_id)


def _parameters(queued: Queued, options: dict[str, Any], folder: Path) -> dict[str, Any]:
    """What submitit is told."""
    nodes = _nodes(options)
    told: dict[str, Any] = {
        "job_name": " ".join(queued.name.split()),  # in one line of the script that sbatch reads
        "time": None,  # submitit's own default is five minutes; that of the partition is better
        "nodes": nodes,
        "ntasks_per_node": -(-queued.processes // nodes),
        "use_srun": False,
        "teardown": [_TIDY.format(folder=shlex.quote(str(folder)))],
    }
    if "setup" in options:
        told["setup"] = [str(options["setup"])]
    others = {key.replace("-", "_"): value for key, value in options.items() if key not in ("nodes", "setup")}
    flags = {key: True if str(value).lower() == "true" else value for key, value in others.items()}
    return {**told, "additional_parameters": flags}


def _changes(environment: Mapping[str, str]) -> list[str]:
    """The arguments of ``env`` that make of the variables here, which Slurm hands on, those of the launcher."""
    gone = [word for name in sorted(os.environ.keys() - environment.keys()) for word in ("-u", name)]
    return [*gone, *(f"{name}={value}" for name, value in environment.items() if os.environ.get(name) != value)]


def _folder(chosen: Any) -> Path:
    """A new directory for what Slurm is given and writes, below the user's cache: all nodes see a home."""
    above = Path(chosen) if chosen else cache.root() / "slurm"
    try:
        above.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=above.absolute()))
    except OSError as problem:
        raise LaunchError(f"{above}: not writable ({problem.strerror}); name another with the option folder") from None


def _nodes(options: Mapping[str, Any]) -> int:
    """How many nodes are asked for.

    Raises:
        LaunchError: that is no number.
    """
    asked = options.get("nodes", 1)
    try:
        return max(1, int(asked))
    except (TypeError, ValueError):
        raise LaunchError(f"option nodes={asked!r} is no number") from None
