"""Pixels as PNG, frames as animated PNG (APNG), by zlib alone.

Arrays are encoded here whatever is installed: the same pixels are the same bytes everywhere, so that they are stored
once. W3C: "Portable Network Graphics (PNG) Specification (Third Edition)".
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

LEVEL = 1  # of zlib: the training waits for it, and higher ones take several times as long for a tenth of the bytes
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLORS = {1: 0, 3: 2, 4: 6}  # channels: colour type (grey, RGB, RGBA)


class Pixels(NamedTuple):
    """An image, 8 bits a channel: row by row from the top, ``channels`` (1, 3 or 4) bytes for each pixel."""

    width: int
    height: int
    channels: int
    data: bytes


def still(image: Pixels) -> bytes:
    """One image."""
    return b"".join((_SIGNATURE, _head(image), _chunk(b"IDAT", _packed(image)), _chunk(b"IEND", b"")))


def moving(frames: Sequence[Pixels], fps: float) -> bytes:
    """Frames that follow one another, again and again; programs that know PNG only show the first.

    Args:
        frames: all of one size.
        fps: frames per second.
    """
    delay = (1, int(fps)) if float(fps).is_integer() and fps < 1 << 16 else (max(1, round(1000 / fps)), 1000)
    first = frames[0]
    chunks = [_SIGNATURE, _head(first), _chunk(b"acTL", struct.pack(">II", len(frames), 0))]
    number = 0
    for place, frame in enumerate(frames):
        control = struct.pack(">IIIIIHHBB", number, first.width, first.height, 0, 0, *delay, 0, 0)
        chunks.append(_chunk(b"fcTL", control))
        number += 1
        if place == 0:
            chunks.append(_chunk(b"IDAT", _packed(frame)))
        else:
            chunks.append(_chunk(b"fdAT", struct.pack(">I", number) + _packed(frame)))
            number += 1
    return b"".join([*chunks, _chunk(b"IEND", b"")])


def _head(image: Pixels) -> bytes:
    return _chunk(b"IHDR", struct.pack(">IIBBBBB", image.width, image.height, 8, _COLORS[image.channels], 0, 0, 0))


def _packed(image: Pixels) -> bytes:
    stride = image.width * image.channels
    rows: Iterable[bytes] = (image.data[at : at + stride] for at in range(0, len(image.data), stride))
    return zlib.compress(b"\0" + b"\0".join(rows), LEVEL)  # each row begins with its filter: 0 is none


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
