"""A descriptor that shows what is printed, as far as it can."""

from __future__ import annotations

import os
import time

_PIECE = 1 << 16
_PAUSE = 0.01  # seconds between two tries where it takes nothing for now


class Echo:
    """One such descriptor. ``taken`` counts bytes; when ``broken`` it shows nothing more."""

    def __init__(self, fd: int) -> None:
        self._fd, self.taken, self.broken = fd, 0, False

    def write(self, data: bytes) -> None:
        """Show bytes. A closed terminal shows nothing more."""
        view = memoryview(data)
        while view and not self.broken:
            try:
                count = os.write(self._fd, view[:_PIECE])
            except BlockingIOError:
                time.sleep(_PAUSE)
            except OSError:
                self.broken = True
            else:
                self.taken += count
                view = view[count:]
