"""A Slurm of two nodes on this machine: the real daemons, on loopback, for as long as a test needs them.

They need root and Debian's ``slurm-wlm``, which ``.ci/full`` installs. Nobody has to prove who they are to them
(``auth/none``). Elsewhere a stand-in for the commands runs a job's script on this machine: one node, one partition.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

TOOLS = ("slurmctld", "slurmd", "sbatch", "srun", "scontrol", "sinfo", "scancel")
NODES = ("here", "there")
SECONDS = 60.0
_CONFIGURATION = """\
ClusterName=test
SlurmctldHost=localhost
SlurmctldPort={ports[0]}
AuthType=auth/none
CredType=cred/none
SlurmUser=root
SlurmdUser=root
SlurmdParameters=config_overrides
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool-%n
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd-%n.pid
SlurmctldLogFile={place}/slurmctld.log
SlurmdLogFile={place}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
KillWait=2
NodeName=here NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[1]} CPUs=4 RealMemory=1000
NodeName=there NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[2]} CPUs=4 RealMemory=1000
PartitionName=main Nodes=here,there Default=YES MaxTime=INFINITE State=UP
"""

_STAND_IN = """#!{python}
import os, pathlib, re, subprocess, sys

place, command, arguments = pathlib.Path({place!r}), os.path.basename(sys.argv[0]), sys.argv[1:]

def run(job):
    script = place / job
    output = re.search("^#SBATCH --output=(.*)", script.read_text(), re.M)[1].replace("%j", job)
    with open(output, "ab") as said:
        subprocess.Popen(
            ["bash", str(script)], stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
            env={{**os.environ, "SLURM_JOB_ID": job, "SLURM_JOB_NUM_NODES": "1"}},
        )

if command == "sbatch":
    script = pathlib.Path(arguments[0]).read_text()
    partition = re.search("^#SBATCH --partition=(.*)", script, re.M)
    if partition and partition[1] != "main":
        sys.exit("sbatch: error: invalid partition specified: " + partition[1])
    job = str(len(list(place.glob("[0-9]*"))) + 1)
    (place / job).write_text(script)
    if not re.search("^#SBATCH --hold", script, re.M):
        run(job)
    print("Submitted batch job", job)
elif command == "scontrol":
    assert arguments[0] == "release", arguments
    run(arguments[1])
"""


def possible() -> bool:
    """Whether the daemons can be had here."""
    return os.name == "posix" and os.geteuid() == 0 and all(map(shutil.which, TOOLS))


def stand_in(place: Path) -> Path:
    """Write the stand-in; give the directory to put on PATH."""
    (place / "bin").mkdir(parents=True)
    for name in ("sbatch", "srun", "scontrol"):
        program = place / "bin" / name
        program.write_text(_STAND_IN.format(python=sys.executable, place=str(place)), encoding="utf-8")
        program.chmod(0o755)
    return place / "bin"


@contextmanager
def running(place: Path) -> Iterator[Path]:
    """The cluster while the block runs; gives its configuration, which the tools find by ``SLURM_CONF``."""
    configuration = place / "slurm.conf"
    (place / "state").mkdir(parents=True)
    for node in NODES:
        (place / f"spool-{node}").mkdir()
    configuration.write_text(_CONFIGURATION.format(place=place, ports=_ports(3)), encoding="utf-8")
    file = ["-D", "-f", str(configuration)]
    with ExitStack() as stack:
        for command in (["slurmctld", "-i", *file], *(["slurmd", "-N", node, *file] for node in NODES)):
            stack.enter_context(_daemon(command, configuration))
        _wait_until_idle(configuration)
        yield configuration


@contextmanager
def _daemon(command: list[str], configuration: Path) -> Iterator[None]:
    null = subprocess.DEVNULL
    process = subprocess.Popen(
        command, stdin=null, stdout=null, stderr=null, env={**os.environ, "SLURM_CONF": str(configuration)}
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_idle(configuration: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        said = ask(configuration, "sinfo", "--noheader", "--format=%t %D")
        if said.split() == ["idle", str(len(NODES))]:
            return
        time.sleep(0.1)
    raise TimeoutError(f"the nodes are not idle: {said!r}; see {configuration.parent}")


def ask(configuration: Path, *command: str) -> str:
    """What one of Slurm's tools says."""
    environment = {**os.environ, "SLURM_CONF": str(configuration)}
    return subprocess.run(command, capture_output=True, text=True, env=environment).stdout


def _ports(count: int) -> list[int]:
    with ExitStack() as stack:
        bound = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in bound:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in bound]
