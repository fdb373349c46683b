"""What C code prints and holds back: its stdout has a buffer of its own, beside Python's."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

_flush: Callable[[], object] | None = None


def flush() -> None:
    """Write out what C's stdout holds back; only that, as another stream may be waiting for input."""
    global _flush
    if _flush is None:
        _flush = _flusher()
    _flush()


def _flusher() -> Callable[[], object]:
    try:
        import ctypes

        library = ctypes.CDLL(None if os.name == "posix" else "ucrtbase")
        for symbol in ("stdout", "__stdoutp"):  # Linux, macOS
            with suppress(ValueError):
                place = ctypes.c_void_p.in_dll(library, symbol)
                return lambda: library.fflush(place)
        library.__acrt_iob_func.restype = ctypes.c_void_p
        file = ctypes.c_void_p(library.__acrt_iob_func(1))
        return lambda: library.fflush(file)
    except (ImportError, OSError, AttributeError, TypeError):
        return lambda: None
