"""Names of a server: those that it answers to, and what a request says of them in Host and Origin."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable

ANY = "*"
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9_]([a-z0-9_.-]{0,252}))(:[0-9]{1,5})?")  # RFC 3986, 3.2.2


def loopback(host: str) -> bool:
    """Whether only this machine can reach such an address."""
    return host.lower() == "localhost" or _is_loopback(host.strip("[]"))


def names_of(host: str) -> frozenset[str]:
    """The names that a server answers to which listens at an address."""
    names = {"localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host}
    if not loopback(host):
        names |= {socket.gethostname(), socket.getfqdn()}
    return frozenset(name.lower() for name in names) - {"0.0.0.0", "[::]", ""}


def name(header: str) -> str | None:
    """The name in a Host header, in lower case, without its port; None where the header is not well-formed."""
    match = _HOST.fullmatch(header.lower())
    return match["name"] if match else None


def known(header: str, names: Iterable[str], addresses: bool = False) -> bool:
    """Whether a Host header is well-formed and one of these names.

    Args:
        header: as it came.
        names: in lower case; ``ANY`` stands for all.
        addresses: any address of a machine is also right.
    """
    given, names = name(header), frozenset(names)
    if given is None:
        return False
    return ANY in names or given in names or (addresses and _is_address(given.strip("[]")))


def same_origin(origin: str, host: str, schemes: Iterable[str]) -> bool:
    """Whether an Origin header names the server that the Host header names (RFC 6454)."""
    return origin.lower() in {f"{scheme}://{host}".lower() for scheme in schemes}


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ipaddress.ip_address(name).is_loopback
