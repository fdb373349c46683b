"""The deep checks by group: see ``.ci/full``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from steps import ARTEFACTS, PYTEST, ROOT, Step, chromium, environment, install, packages_of_npm, run_all

MARKERS = ("soak", "browser", "server", "engine", "mount", "slow")
"""A test belongs to the first of these that it is marked with, else to the core: the README's second line."""

Prepare = Callable[[], Mapping[str, str] | None]


@dataclass(frozen=True)
class Group:
    """Checks that are run together.

    Attributes:
        checks: what they check.
        installs: what is brought for them, beyond ``[dev]``.
        minutes: about how long they take on 2 cores.
        command: the program and its arguments.
        prepare: brings what they need; raises NotAvailable.
        variables: added to the environment.
    """

    checks: str
    installs: str
    minutes: int
    command: Sequence[str]
    prepare: Prepare = lambda: None
    variables: Mapping[str, str] | None = None


def marked(marker: str) -> list[str]:
    """Options of pytest for the tests of one marker."""
    earlier = MARKERS[: MARKERS.index(marker)]
    return ["-m", " and not ".join([marker, *earlier])]


def shots() -> None:
    """Bring a browser, and a directory for pictures of every page."""
    chromium()
    (ARTEFACTS / "page").mkdir(parents=True, exist_ok=True)


def servers() -> None:
    """Bring Azure's blobs, an S3 that is known to be bad, and MLflow's server."""
    packages_of_npm(".npm-servers", "azurite@3", "s3rver@3")
    environment(".venv-mlflow", "mlflow>=3")


def ray() -> Mapping[str, str]:
    """Bring Ray and Daft, 800 MB, into an environment of their own, last on PATH."""
    environment(".venv-ray", "ray[default]>=2.40", "daft[deltalake]>=0.7")
    return {"PATH": os.pathsep.join([os.environ["PATH"], str(ROOT / ".venv-ray/bin")])}


def slurm() -> None:
    """Bring Slurm."""
    install("slurm-wlm", program="slurmctld")


def file_systems() -> None:
    """Bring the programs that make file systems."""
    for program, package in (("mkfs.btrfs", "btrfs-progs"), ("mkfs.ext4", "e2fsprogs"), ("mkfs.xfs", "xfsprogs")):
        install(package, program=program)


# What never asks what the system can do is left out: pages in a browser and screens of a terminal show what the feed
# and queries say; `format` opens no file; tests/test_*.py are about documentation, imports and layout.
_NO_CAPABILITIES = [
    *("tests/azureml", "tests/cli", "tests/crash", "tests/disk", "tests/faults", "tests/launch", "tests/model"),
    *("tests/query", "tests/runs", "tests/sync", "tests/view", "--ignore=tests/view/terminal"),
    *("-k", "not (seaweed or moto)"),
]

GROUPS = {
    "slow": Group(
        "exhaustive tests: every call, every byte, many seeds", "nothing", 12, [PYTEST, "-n", "2", *marked("slow")]
    ),
    "browser": Group(
        "every page and the notebook's widget in a browser", "chromium", 25,
        [PYTEST, "-n", "2", *marked("browser")], shots, {"RUNSTORE_SHOTS": str(ARTEFACTS / "page")},
    ),
    "servers": Group(
        "remotes on MLflow, Azurite, s3rver", "npm, azurite, s3rver, mlflow in .venv-mlflow", 10,
        [PYTEST, "-n", "2", *marked("server")], servers,
    ),
    "ray": Group(
        "jobs on a real Ray, Daft over a lake", "ray and daft in .venv-ray", 10,
        [
            *(PYTEST, "-m", "engine or not (soak or server or slow)"),
            *("tests/launch/handover/test_ray.py", "tests/sync/lake/test_lake_engines.py"),
        ],
        ray,
    ),
    "slurm": Group(
        "jobs on a real Slurm", "slurm-wlm", 3, [PYTEST, "tests/launch/handover/test_slurm.py"], slurm
    ),
    "mounts": Group(
        "full, read-only, copied and odd file systems", "btrfs-progs, e2fsprogs, xfsprogs; wants root", 5,
        [PYTEST, *marked("mount")], file_systems,
    ),
    "capabilities-none": Group(
        "the core as on a system that can do nothing special", "nothing", 12,
        [PYTEST, "-n", "2", *_NO_CAPABILITIES], variables={"RUNSTORE_CAPABILITIES": "none"},
    ),
    "scale": Group(
        "stores of 1,000 runs of 10,000 points and of 10,000 runs", "nothing", 8,
        [".venv/bin/python", "-m", "benchmarks.scale"],
    ),
    "page-scale": Group(
        "100 runs of 100 metrics of 10,000 steps, and 10,000 runs, in a browser", "chromium", 10,
        [".venv/bin/python", "-m", "benchmarks.page"], chromium,
    ),
    "soak": Group("minutes of random kills, cuts and texts", "nothing", 60, [PYTEST, *marked("soak")]),
    "benchmarks": Group(
        "the figures of logging, sealing and queries, against their floors", "nothing", 20,
        [".venv/bin/python", "-m", "benchmarks", "import", "log", "seal", "query"],
    ),
}  # fmt: skip


def dev() -> None:
    """Install ``[dev]`` where it is not there yet."""
    if not (ROOT / PYTEST).exists():
        environment(".venv", "-e", ".[dev]")


def step(name: str) -> Step:
    """The step of a group."""
    group = GROUPS[name]

    def prepare() -> Mapping[str, str] | None:
        dev()
        return group.prepare()

    return Step(name, group.command, prepare, group.variables or {}, 6 * group.minutes, group.command[0] == PYTEST)


def print_list() -> None:
    """Print what each group checks, installs and about how long it takes."""
    width = max(map(len, GROUPS))
    for name, group in GROUPS.items():
        print(f"{name:{width}}  {group.checks}. Installs: {group.installs}. About {group.minutes} min.")


def main(names: Sequence[str]) -> int:
    """Run the groups that are named, or all; give the exit code."""
    if list(names) == ["--list"]:
        print_list()
        return 0
    unknown = [name for name in names if name not in GROUPS]
    if unknown:
        print(f"no group {', '.join(unknown)}; the groups are {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    return run_all([step(name) for name in names or GROUPS])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
