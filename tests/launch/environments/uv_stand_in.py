"""A stand-in for ``uv`` where a test is about what surrounds it: it makes an empty virtual environment and installs
nothing, records what it was given, and fails as it is told to. Other tests use the real one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PROGRAM = """\
import json, os, subprocess, sys
from pathlib import Path
directory, argv = Path(sys.argv[1]), sys.argv[2:]
listing = Path(argv[-1]).read_text() if "-r" in argv else ""
mode = Path(argv[-1]).stat().st_mode & 0o777 if listing else 0
with open(directory / "calls", "a") as file:
    call = {"argv": argv, "listing": listing, "mode": mode, "environ": dict(os.environ), "cwd": os.getcwd()}
    file.write(json.dumps(call) + "\\n")
if argv[0] == "venv":
    sys.exit(subprocess.run([argv[-2], "-m", "venv", "--without-pip", argv[-1]]).returncode)
if argv[0] == "python":
    print((directory / "found").read_text() if (directory / "found").exists() else "error: none", end="")
    sys.exit(not (directory / "found").exists())
if (directory / "output").exists():
    print((directory / "output").read_text(), file=sys.stderr)
    sys.exit(1)
print("installed", os.environ.get("UV_DEFAULT_INDEX", ""))
"""


class Uv:
    """The stand-in as a test has it."""

    def __init__(self, directory: Path) -> None:
        """Make it in a directory, which also holds what it remembers."""
        self.directory, self.bin = directory, directory / "bin"
        self.bin.mkdir(parents=True)
        (directory / "program.py").write_text(PROGRAM)
        program = self.bin / "uv"
        program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -I '{directory}/program.py' '{directory}' \"$@\"\n")
        program.chmod(0o755)

    def calls(self, command: str) -> list[dict[str, Any]]:
        """The calls so far of one command."""
        path = self.directory / "calls"
        found = map(json.loads, path.read_text().splitlines() if path.exists() else ())
        return [call for call in found if call["argv"][0] == command]

    def fails(self, output: str) -> None:
        """From now on installing fails with this output."""
        (self.directory / "output").write_text(output)

    def finds(self, interpreter: Path) -> None:
        """From now on ``uv python find`` gives this one."""
        (self.directory / "found").write_text(f"{interpreter}\n")
