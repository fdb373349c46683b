"""Messages of HTTP/1.1 as they come over a connection: heads, and the bodies that belong to them, byte for byte."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

CHUNK = 16 << 10
_NO_BODY = (b"204", b"304")


class Wire:
    """A connection from which messages are read as they are, not a byte more than has come."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""

    def head(self) -> bytes:
        """Up to the empty line; nothing where the other end is done."""
        while (end := self._read.find(b"\r\n\r\n")) < 0:
            if not self._more():
                return b""
        head, self._read = self._read[: end + 4], self._read[end + 4 :]
        return head

    def body(self, head: bytes, asked: bytes = b"") -> Iterator[bytes]:
        """What follows a head. ``asked``: the method, where it is the head of an answer."""
        if b"chunked" in field(head, b"transfer-encoding"):
            yield from self._chunked()
        elif length := field(head, b"content-length"):
            yield from self._sized(0 if asked == b"HEAD" else int(length))
        elif asked and asked != b"HEAD" and head.split()[1] not in _NO_BODY:
            yield from self._rest()

    def abort(self, others: bool = False) -> None:
        """Cut it: the other end is told that it was reset. ``others``: other threads may be reading or writing it."""
        try:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if others:
                self.connection.shutdown(socket.SHUT_RDWR)  # wakes them
        except OSError:
            pass
        self.connection.close()

    def _more(self) -> bool:
        came = self.connection.recv(CHUNK)
        self._read += came
        return bool(came)

    def _sized(self, length: int) -> Iterator[bytes]:
        while length:
            if not self._read and not self._more():
                raise ConnectionResetError("ended within a body")
            part, self._read = self._read[:length], self._read[length:]
            length -= len(part)
            yield part

    def _chunked(self) -> Iterator[bytes]:
        size = -1
        while size:
            line = self._line()
            size = int(line.split(b";")[0], 16)
            yield line
            yield from self._sized(size + 2 if size else 0)
        while (line := self._line()) != b"\r\n":
            yield line
        yield line

    def _rest(self) -> Iterator[bytes]:
        while self._read or self._more():
            part, self._read = self._read, b""
            yield part

    def _line(self) -> bytes:
        while (end := self._read.find(b"\n")) < 0:
            if not self._more():
                raise ConnectionResetError("ended within a line")
        line, self._read = self._read[: end + 1], self._read[end + 1 :]
        return line


def field(head: bytes, name: bytes) -> bytes:
    """A field of a head, in small letters; empty where it has none."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip().lower()
    return b""
