"""Robust statistics: medians, spread and the point at which a series changes most."""

from collections.abc import Sequence

_MAD_TO_SIGMA = 1.4826  # of a normal distribution


def middle(values: Sequence[float]) -> float:
    """Return the median; the values need not be sorted and must not be empty."""
    ordered = sorted(values)
    half, odd = divmod(len(ordered), 2)
    return ordered[half] if odd else (ordered[half - 1] + ordered[half]) / 2


def spread(values: Sequence[float], around: float) -> float:
    """Return the robust standard deviation around a level: the median of the distances, scaled."""
    return _MAD_TO_SIGMA * middle([abs(value - around) for value in values])


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, int(share * len(ordered))))]


def split(values: Sequence[float], margin: int) -> int | None:
    """Return where the values change most: the largest sum of deviations from the mean (CUSUM), extremes cut.

    At least `margin` values stay on both sides. None where all are equal or there are too few.
    """
    count = len(values)
    if count < 2 * margin:
        return None
    ordered = sorted(values)
    low, high = ordered[count // 50], ordered[count - 1 - count // 50]
    if low == high:
        low, high = ordered[0], ordered[-1]
        if low == high:
            return None
    cut = [low if value < low else min(value, high) for value in values]
    mean = sum(cut) / count
    total, most, at = 0.0, 0.0, None
    for index, value in enumerate(cut[: count - margin], 1):
        total += value - mean
        if index >= margin and (total if total > 0 else -total) > most:
            most, at = abs(total), index
    return at
