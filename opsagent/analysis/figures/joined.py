"""Several series as one: the mean over the pods of a service, the share of errors in the requests."""

from collections.abc import Sequence

from opsagent.models.figures import Series, series_of


def mean_of(members: Sequence[Series], metric: str, name: str) -> Series:
    """Return the mean over members a moment: the figure of one pod, however many there are just then."""
    if len(members) == 1:
        only = members[0]
        return Series(metric, only.unit, only.kind, only.name, only.times, only.values, only.query)
    sums: dict[float, list[float]] = {}
    for member in members:
        for at, value in member.known():
            entry = sums.setdefault(at, [0.0, 0.0])
            entry[0] += value
            entry[1] += 1
    points = [(at, total / count) for at, (total, count) in sorted(sums.items())]
    return series_of(metric, members[0].unit, "Service", name, points, members[0].query)


def error_share(errors: Series, requests: Series) -> Series | None:
    """Return errors / requests moment by moment; no figure where there was no traffic. None where they never meet."""
    by_time = dict(requests.known())
    points = [(at, value / by_time[at]) for at, value in errors.known() if by_time.get(at, 0.0) > 0]
    if not points:
        return None
    return series_of("error_share", "ratio", errors.kind, errors.name, points, errors.query)
