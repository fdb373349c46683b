"""Look again and again, until there is nothing more to come."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable

from runstore.cli import style
from runstore.cli.text import width

INTERVAL = 0.5
AT_WORK = ("Preparing", "Starting", "Running", "Finalizing", "CancelRequested")
GOING_ON = (*AT_WORK, "NotStarted", "Queued", "Provisioning", "NotResponding")


def redraw(draw: Callable[[], tuple[list[str], bool]], interval: float = INTERVAL) -> None:
    """Draw in place on a terminal until ``draw`` says that nothing more comes; the last picture stays, whole.

    Where nobody looks only that last picture is printed.

    Args:
        draw: gives the lines to show, and whether there will be more.
        interval: seconds between two pictures.
    """
    drawn = 0
    while True:
        lines, more = draw()
        if style.watched():
            size = shutil.get_terminal_size()
            shown = lines[: size.lines - 1] if more else lines
            sys.stdout.write(f"\x1b[{drawn}F\x1b[J" if drawn else "")
            style.echo("\n".join(shown))
            drawn = sum(max(-(-width(style.unpainted(line)) // size.columns), 1) for line in shown)
        elif not more:
            style.echo("\n".join(lines))
        if not more:
            return
        time.sleep(interval)
