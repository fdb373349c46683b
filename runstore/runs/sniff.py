"""What kind of file some bytes are: by how they begin, else by the name they were given."""

from __future__ import annotations

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"PAR1", "application/vnd.apache.parquet"),
)
_CONTAINERS = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_LOOKED_AT = 1024  # bytes in which an SVG or HTML file says what it is
_WEAK = 3  # beginnings this short are believed only where the name says nothing else


def media_type(name: str, head: bytes) -> str:
    """The media type (RFC 6838) of a file.

    Args:
        name: what it is called.
        head: its first bytes; a kilobyte is enough.
    """
    import mimetypes  # reads the system's tables: only where there are artifacts

    sniffed, sure = _sniffed(head)
    if sniffed and sure:
        return sniffed
    return mimetypes.guess_type(name)[0] or sniffed or "application/octet-stream"


def _sniffed(head: bytes) -> tuple[str, bool]:
    """The type by the first bytes ("" where they say nothing), and whether chance is ruled out."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind, len(beginning) > _WEAK or kind == "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] in _CONTAINERS:
        return _CONTAINERS[head[8:12]], True
    if head[4:8] == b"ftyp":
        return ("image/avif" if head[8:12] == b"avif" else "video/mp4"), True
    start = head[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "text/html", True
    if start.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in start:
        return "image/svg+xml", True
    return "", False
