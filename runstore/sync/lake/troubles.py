"""What a failure of storage means for who asked: to try again, to mend something, or that a name is not there.

The libraries tell of failures in long texts with addresses, which may hold signatures. Nothing of them is passed on but
what is known to be harmless: the status and the code that the storage answered.
"""

from __future__ import annotations

import re

from runstore.errors import Refused, RemoteError, Unreachable

_STATUS = re.compile(r"status code: ?(\d{3})")
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>|\"code\": ?\"([A-Za-z]{1,60})\"")
_AGAIN = frozenset({408, 409, 425, 429})
_NO_PLACE = frozenset({"NoSuchBucket", "ContainerNotFound", "InvalidBucketName", "ContainerBeingDeleted"})
_CREDENTIALS = re.compile(
    r"credential|169\.254\.169\.254|metadata\.google|identity token|NoCredentials|InvalidAccessKeyId|signature", re.I
)
_CUT_OFF = re.compile(
    r"error sending request|\bconnect|timed? ?out|broken pipe|reset by peer|\b(?:incomplete|decoding|body|dns|HTTP)\b",
    re.I,
)


class Missing(RemoteError):
    """There is nothing under that name."""


def understood(text: str, what: str, where: str) -> RemoteError:
    """The error to raise.

    Args:
        text: all that the library says; it is only looked into.
        what: what was tried, such as "reading".
        where: the address, without secrets.
    """
    status = next((int(found[1]) for found in _STATUS.finditer(text)), 0)
    code = next((found[1] or found[2] for found in _CODE.finditer(text)), "")
    answer = " ".join(filter(None, (str(status or ""), code)))
    told = f" ({answer})" if answer else ""
    if code in _NO_PLACE:
        return Refused(f"{where}: there is no such bucket or container{told}; make it, or name another address")
    if "builder error" in text:
        return Refused(
            f"{where}: plain http is not allowed; use https, or set AWS_ALLOW_HTTP=true (or AZURE_, GOOGLE_)"
        )
    if status in (401, 403) or (not status and _CREDENTIALS.search(text)):
        return Refused(f"{where}: {what} is not allowed{told}; set the credentials in the environment (docs/lake.md)")
    if status in _AGAIN or status >= 500:
        return Unreachable(f"{where}: {what} failed{told}; try again later")
    if status == 404:
        return Missing(f"{where}: nothing is there{told}; look whether it was removed")
    if status >= 400:
        return Refused(f"{where}: {what} was refused{told}; look at the storage's settings")
    if _CUT_OFF.search(text):
        return Unreachable(f"{where}: {what} failed, the storage can't be reached; look at the network and the address")
    return RemoteError(f"{where}: {what} failed ({_plain(text)}); look at the storage's settings")


def _plain(text: str) -> str:
    """The beginning of a text, without queries of addresses and without what is quoted from an answer."""
    line = re.split(r"Debug source|[\r\n<{]", text, maxsplit=1)[0]
    return re.sub(r"\?\S*", "", line).strip(" :")[:160] or "no reason given"
