"""Smoothing of bucket means: what an exponential mean over all points would show, from few numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def exponential(buckets: Iterable[tuple[int, float | None]], weight: float) -> Iterator[float | None]:
    """The exponential mean after each bucket, corrected for its start.

    A bucket of n points moves the mean as n points of the bucket's mean would: the weight of what was before is
    ``weight`` to the n-th power.

    Args:
        buckets: of each the number of finite points and their mean, in the order of x.
        weight: how much of the mean stays when a point comes, from 0 (nothing) to below 1.

    Returns:
        One value for each bucket; None for one without a finite point, which changes nothing.
    """
    total, smoothed = 0.0, 0.0  # how much weight is in the mean; the mean
    for count, mean in buckets:
        if mean is None or not count:
            yield None
            continue
        kept = weight**count
        share = (1.0 - kept) / (kept * total + 1.0 - kept)
        if mean != smoothed:  # what is constant stays exactly so
            smoothed = (1.0 - share) * smoothed + share * mean
        total = kept * total + 1.0 - kept
        yield smoothed
