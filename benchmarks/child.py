"""Functions run in a fresh process: ``run("benchmarks.log:speeds", points=100)`` gives what the function gave."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def environment(**variables: str) -> dict[str, str]:
    """The caller's environment without anything that steers runstore, able to import this checkout.

    Bytecode is kept, as it is where a package is installed: else each child compiles what was edited since.
    """
    steering = ("RUNSTORE_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(steering)}
    installed = sysconfig.get_paths()
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")]), installed["purelib"], installed["platlib"]]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), **variables}


def command(target: str, **arguments: Any) -> list[str]:
    """The command that calls ``target``, a text "module:function", with these arguments."""
    return [sys.executable, "-m", "benchmarks.child", target, json.dumps(arguments, default=str)]


def run(target: str, variables: dict[str, str] | None = None, /, **arguments: Any) -> Any:
    """Call a function in a fresh process and give its result.

    Raises:
        subprocess.CalledProcessError: it failed; its traceback is on stderr.
    """
    argv = command(target, **arguments)
    done = subprocess.run(argv, env=environment(**(variables or {})), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def wall(argv: list[str]) -> float:
    """Milliseconds from the start of a fresh process to its end.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    variables = environment()
    start = time.perf_counter_ns()
    subprocess.run(argv, env=variables, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter_ns() - start) / 1e6


def measured(argv: list[str]) -> dict[str, float]:
    """Wall time and peak memory of a fresh process.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    start = time.perf_counter_ns()
    process = subprocess.Popen(argv, env=environment(), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, argv)
    return {"ms": (time.perf_counter_ns() - start) / 1e6, "peak_mib": usage.ru_maxrss / 1024}


def output(argv: list[str]) -> str:
    """What a fresh process prints.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    return subprocess.run(argv, env=environment(), stdout=subprocess.PIPE, check=True, text=True).stdout


def python(program: str, *arguments: object, options: tuple[str, ...] = ()) -> list[str]:
    """The command that runs a program text in a fresh interpreter."""
    return [sys.executable, *options, "-c", program, *map(str, arguments)]


def main() -> None:
    module, _, function = sys.argv[1].partition(":")
    print(json.dumps(getattr(importlib.import_module(module), function)(**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
