"""What is shown of what is printed."""

from __future__ import annotations

import os
from threading import Thread

from runstore.runs.echo import Echo


def test_everything_is_shown_in_order_however_little_is_taken_at_once() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    echo, data = Echo(writing), os.urandom(1 << 20)
    thread = Thread(target=lambda: (echo.write(data), os.close(writing)))
    thread.start()
    with open(reading, "rb") as file:
        assert file.read() == data
    thread.join()
    assert (echo.taken, echo.broken) == (len(data), False)


def test_a_place_that_is_gone_shows_nothing_and_raises_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    echo = Echo(writing)
    echo.write(b"one")
    echo.write(b"two")
    os.close(writing)
    assert (echo.taken, echo.broken) == (0, True)
