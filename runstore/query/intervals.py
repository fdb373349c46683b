"""The SQL of group statistics: mean, spread, and where the true mean lies with a confidence of 95 %."""

from __future__ import annotations

from runstore.query.buckets import LARGE, SMALL

COLUMNS = ("n", "mean", "std", "ci_low", "ci_high", "min", "max")
"""What is told of a group of numbers, in order; NaN and Inf are left out."""

# Student's t, two-sided 95 %, for 1 to 30 degrees of freedom; beyond, a series about the normal quantile (Abramowitz
# and Stegun 26.7.5), which there is off by less than 3e-8.
_TABLE = (
    12.706204736175, 4.302652729749, 3.182446305284, 2.776445105198, 2.570581835636, 2.446911851145, 2.364624251593,
    2.306004135204, 2.262157162798, 2.228138851986, 2.200985160092, 2.178812829667, 2.160368656463, 2.144786687918,
    2.13144954556, 2.119905299221, 2.109815577833, 2.100922040241, 2.093024054408, 2.085963447266, 2.079613844728,
    2.073873067904, 2.068657610419, 2.063898561628, 2.059538552753, 2.055529438643, 2.05183051648, 2.048407141795,
    2.045229642133, 2.042272456301,
)  # fmt: skip
_SERIES = (1.959963984540054, 2.372271230298562, 2.8224986157396112, 2.555849679507722, 1.5895340533938225)

_FINITE = "CASE WHEN isfinite({0}) THEN {0} END"
# Rows come in any order, and adding in another one rounds to another digit: so they are added as they rise. A sum of
# all may be too large: that of their small parts is not.
_RISING = f"list({{v}} * {SMALL} ORDER BY {{v}}) FILTER (isfinite({{v}}))"
_MEAN = f"least(greatest(list_avg({_RISING}) * {LARGE}, min({{y}})), max({{y}}))"
_SPREAD = f"list_stddev_samp({_RISING}) * {LARGE}"
_HALF = "CASE WHEN count({y}) > 1 THEN {t} * {std} / sqrt(count({y})) END"


def aggregates(v: str) -> str:
    """The aggregates ``COLUMNS`` over the numbers that an expression gives, as they stand in a SELECT."""
    y = _FINITE.format(v)
    mean, std = _MEAN.format(v=v, y=y), _SPREAD.format(v=v)
    half = _HALF.format(y=y, std=std, t=t(f"count({y}) - 1"))
    found = (f"count({y})", mean, std, f"{mean} - {half}", f"{mean} + {half}", f"min({y})", f"max({y})")
    return ", ".join(f"{expression} AS {column}" for expression, column in zip(found, COLUMNS, strict=True))


def quartiles(v: str) -> str:
    """The aggregates lower, median and upper over these numbers: their quartiles."""
    y = _FINITE.format(v)
    found = (("lower", 0.25), ("median", 0.5), ("upper", 0.75))
    return ", ".join(f"quantile_cont({y}, {share}) AS {column}" for column, share in found)


def odd(v: str) -> str:
    """The aggregates nan_count and inf_count over these numbers."""
    return f"count(*) FILTER (isnan({v})) AS nan_count, count(*) FILTER (isinf({v})) AS inf_count"


def t(freedom: str) -> str:
    """Student's t, two-sided 95 %, as an expression over the degrees of freedom."""
    table = ", ".join(f"{value!r}::DOUBLE" for value in _TABLE)
    series = " + ".join(f"{value!r}::DOUBLE / pow({freedom}, {power})" for power, value in enumerate(_SERIES))
    return f"CASE WHEN {freedom} <= {len(_TABLE)} THEN [{table}][{freedom}] ELSE {series} END"
