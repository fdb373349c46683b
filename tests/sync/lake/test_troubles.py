"""What a failure of storage means, and that nothing secret is told of it."""

from __future__ import annotations

import pytest

from runstore.errors import Refused, RemoteError, Unreachable
from runstore.sync.lake.troubles import Missing, understood

SIGNED = "HTTP error: error sending request for url (https://x.blob/y?sig=SECRET%2B&se=2026)"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Server returned non-2xx status code: 403 Forbidden: <Code>AccessDenied</Code>", Refused),
        ("Server returned non-2xx status code: 401 Unauthorized", Refused),
        ("Server returned non-2xx status code: 404 Not Found: <Code>NoSuchBucket</Code>", Refused),
        ("Server returned non-2xx status code: 404 Not Found: <Code>ContainerNotFound</Code>", Refused),
        ("Server returned non-2xx status code: 404 Not Found: <Code>NoSuchKey</Code>", Missing),
        ("Server returned non-2xx status code: 400 Bad Request", Refused),
        ("Server returned non-2xx status code: 409 Conflict", Unreachable),
        ("Server returned non-2xx status code: 429 Too Many Requests", Unreachable),
        ("Server returned non-2xx status code: 503 Service Unavailable: <Code>SlowDown</Code>", Unreachable),
        ("HTTP error: error sending request", Unreachable),
        ("HTTP error: request or response body error: operation timed out", Unreachable),
        ("HTTP error: builder error", Refused),
        ("the credential provider was not enabled", Refused),
        ("error performing PUT http://169.254.169.254/latest/api/token", Refused),
        ("something that nobody has heard of", RemoteError),
    ],
)
def test_each_failure_is_of_the_kind_that_says_what_to_do(text: str, kind: type[RemoteError]) -> None:
    found = understood(text, "reading", "s3://bucket/lake")
    assert type(found) is kind
    assert str(found).startswith("s3://bucket/lake: ")
    assert "; " in str(found) and "\n" not in str(found)


@pytest.mark.parametrize("text", [SIGNED, f"strange {SIGNED}", "odd https://x/y?sig=SECRET&z", "<Sig>SECRET</Sig> odd"])
def test_no_signature_is_repeated(text: str) -> None:
    assert "SECRET" not in str(understood(text, "writing", "az://box/lake"))


def test_what_the_storage_answered_is_told() -> None:
    text = "Server returned non-2xx status code: 403 Forbidden: <Error><Code>AccessDenied</Code>"
    assert "403 AccessDenied" in str(understood(text, "writing", "s3://b/l"))
