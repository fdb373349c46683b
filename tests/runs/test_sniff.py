"""What a file is, its first bytes say better than its name."""

from __future__ import annotations

import pytest

from runstore.runs.sniff import media_type


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"%PDF-1.7", "application/pdf"),
        (b'<?xml version="1.0"?>\n<svg xmlns=', "image/svg+xml"),
        (b"\n<!DOCTYPE html><html>", "text/html"),
    ],
)
def test_the_first_bytes_say_what_it_is_whatever_the_name(head: bytes, kind: str) -> None:
    assert media_type("loss", head) == media_type("a.txt", head) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.txt", "text/plain"), ("a.json", "application/json"), ("weights", "application/octet-stream")],
)
def test_bytes_that_say_nothing_leave_it_to_the_name(name: str, kind: str) -> None:
    assert media_type(name, b"anything") == kind


def test_two_letters_do_not_outweigh_a_name() -> None:
    assert media_type("notes.txt", b"BMW is a make of cars") == "text/plain"
    assert media_type("picture", b"BM\0\0") == "image/bmp"
