"""Where the processes of a run go when a scheduler gave it several machines.

The launcher runs once, on the first of them. The processes there are its own children, as on one machine; each of the
others is started by ``srun``, which hands on what it prints and the signals it gets. How many there are on a machine
and what they see of it is the same everywhere, and torchrun's way: all of the machine's share, the n-th takes device n.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import NamedTuple

from runstore.errors import LaunchError

_STEP = ("srun", "--overlap", "--nodes=1", "--ntasks=1", "--cpu-bind=none", "--export=ALL", "--input=none")


class Place(NamedTuple):
    """Where one process goes: what its command begins with, and the variables that tell it where it is."""

    prefix: list[str]
    variables: dict[str, str]


def places(processes: int, environment: Mapping[str, str]) -> list[Place]:
    """A place for each process, in the order of ranks, neighbours together.

    Args:
        processes: how many there are.
        environment: the launcher's own, in which Slurm says which machines it has.

    Raises:
        LaunchError: Slurm doesn't say what they are called.
    """
    if int(environment.get("SLURM_JOB_NUM_NODES") or 1) < 2 or processes < 2:
        return [Place([], {}) for _ in range(processes)]
    hosts = _hosts(environment.get("SLURM_JOB_NODELIST", ""))[:processes]
    share, more = divmod(processes, len(hosts))
    found = []
    for node, host in enumerate(hosts):
        count = share + (node < more)
        prefix = [*_STEP, f"--nodelist={host}"] if node else []
        for local in range(count):
            where = {"NODE_RANK": node, "LOCAL_RANK": local, "LOCAL_WORLD_SIZE": count}
            variables = {"MASTER_ADDR": hosts[0], **{key: str(value) for key, value in where.items()}}
            found.append(Place(list(prefix), variables))
    return found


def _hosts(listed: str) -> list[str]:
    """``gpu[1-3]`` as names."""
    command = ["scontrol", "show", "hostnames", listed]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL).stdout
    except (OSError, subprocess.CalledProcessError) as problem:
        raise LaunchError(f"scontrol does not say which machines {listed!r} are ({problem})") from None
    return found.split()
