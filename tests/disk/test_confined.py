"""A process that was confined is refused what goes beyond; where nothing can be confined, nothing is changed."""

from __future__ import annotations

import subprocess
import sys

from runstore.disk.capabilities import CAN

TAKES = """
from runstore.disk.confined import confine
confine(512 << 20)
try:
    held = bytearray(1 << 30)
except MemoryError:
    print("refused")
else:
    print("given")
print(len(bytearray(1 << 20)))
"""


def test_what_goes_beyond_is_refused_and_the_process_goes_on() -> None:
    told = subprocess.run([sys.executable, "-c", TAKES], capture_output=True, text=True, check=True).stdout.split()
    assert told == ["refused" if CAN.confine else "given", str(1 << 20)]


def test_a_limit_that_was_there_before_is_not_raised() -> None:
    twice = TAKES.replace("confine(512 << 20)", "confine(512 << 20); confine(8 << 30)")
    told = subprocess.run([sys.executable, "-c", twice], capture_output=True, text=True, check=True).stdout.split()
    assert told[0] == ("refused" if CAN.confine else "given")
