"""What several tests of the face need: a figure, a configuration file, another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060606000000005000"
    "1a5f645400000000049454e44ae426082"
)
AZURE = {"subscription_id": "sub", "resource_group": "group", "workspace_name": "space"}


class Figure:
    """Anything with ``savefig``."""

    def savefig(self, target: Any, **_: Any) -> None:
        if hasattr(target, "write"):
            target.write(PNG)
        else:
            Path(target).write_bytes(PNG)


def write(path: Path, **body: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body), encoding="utf-8")


def python(here: Path, program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], cwd=here, env={**os.environ, **environment}, capture_output=True, text=True
    )
