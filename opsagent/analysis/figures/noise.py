"""Robust statistics: medians, spread and the point at which a series changes most."""

from collections.abc import Sequence
from itertools import accumulate

_MAD_TO_SIGMA = 1.4826  # of a normal distribution


def middle(values: Sequence[float]) -> float:
    """Return the median; the values need not be sorted and must not be empty."""
    ordered = sorted(values)
    half, odd = divmod(len(ordered), 2)
    return ordered[half] if odd else (ordered[half - 1] + ordered[half]) / 2


def spread(values: Sequence[float], around: float) -> float:
    """Return the robust standard deviation around a level: the median of the distances, scaled."""
    return _MAD_TO_SIGMA * middle([abs(value - around) for value in values])


def bounds(values: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and the highest value, extremes cut: two in a hundred on each side."""
    ordered = sorted(values)
    count = len(ordered)
    low, high = ordered[count // 50], ordered[count - 1 - count // 50]
    return (low, high) if low != high else (ordered[0], ordered[-1])


def split(values: Sequence[float], margin: int, low: float, high: float) -> int | None:
    """Return where the values change most: the largest sum of deviations from the mean (CUSUM), cut to the bounds.

    At least `margin` values stay on both sides. None where all are equal or there are too few.
    """
    count = len(values)
    if count < 2 * margin or low == high:
        return None
    cut = [low if value < low else high if value > high else value for value in values]
    mean = sum(cut) / count
    sums = [total if total > 0 else -total for total in accumulate(value - mean for value in cut)]
    inner = sums[margin - 1 : count - margin]
    return margin + inner.index(max(inner)) if inner else None
