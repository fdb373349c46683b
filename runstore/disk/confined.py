"""A process that can't take more of the machine than it was given."""

from __future__ import annotations

from runstore.disk.capabilities import CAN


def confine(memory: int) -> None:
    """Let this process have so many bytes of addresses from now on, and leave no image of itself when it crashes.

    What asks for more is refused, as where memory has run out. On systems without such limits nothing happens.
    """
    if not CAN.confine:
        return
    import resource

    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))
