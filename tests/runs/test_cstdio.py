"""C's own buffer."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import ctypes, os
from runstore.runs import cstdio
ctypes.CDLL(None).printf(b"from C ")
cstdio.flush()
os.write(1, b"after")
"""


def test_what_c_holds_back_is_written_out() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    assert done.stdout == b"from C after"
