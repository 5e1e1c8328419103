"""The state of a platform without /stats, from what can be read of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from opsagent.errors import CheckError, ForbiddenError, NoClusterError, NotCheckedError
from opsagent.models.figures import Figures, series_of
from opsagent.models.profiles import Row
from opsagent.tools.platform_stats import KINDS, StatsScope, get_platform_stats
from tests.analysis.workloads import deployment, pod
from tests.tools.platforms import Records

ITEMS = {"Deployment": [deployment("blog")], "Pod": [pod("blog", ready=True)]}


@dataclass
class Measured(Records):
    """A platform with figures."""

    measured: Any = None

    def figures(self, rows: Callable[[], tuple[Row, ...]]) -> Figures:
        """Answer what it was given."""
        if isinstance(self.measured, CheckError):
            raise self.measured
        assert isinstance(self.measured, Figures)
        return self.measured


def figures(platform: Records) -> Figures:
    """Return an hour of requests up to now."""
    now = platform.now().timestamp()
    points = [(now - 3600 + at * 15, 20.0) for at in range(241)]
    return Figures("prometheus", (series_of("requests", "1/s", "Service", "blog", points),), ("one is missing",))


def of(platform: Records, **asked: Any) -> Any:
    """Return what the tool answers."""
    return get_platform_stats(platform, StatsScope(None, **asked))


def test_from_kubernetes_alone() -> None:
    """The workloads found, ready of wanted; what could not be listed is named."""
    platform = Records(kinds={**ITEMS, "Service": ForbiddenError("no", source="services")})
    found = of(platform)
    assert [(row.service, row.status, row.ready) for row in found.services] == [("blog", "healthy", "1/1")]
    assert [(skip.source, skip.why) for skip in found.not_checked] == [("services", "no")]
    assert (found.reach, found.traffic, found.sample) == (None, None, None)


def test_with_figures() -> None:
    """They are beside it, and what is missing of them is stated."""
    platform = Measured(kinds=dict(ITEMS))
    platform.measured = figures(platform)
    found = of(platform, figures=True)
    assert found.services[0].figures.requests_per_s.now == 20
    assert [skip.why for skip in found.not_checked] == ["one is missing"]


def test_figures_that_fail_hide_nothing() -> None:
    """The table is there, with why it has no figures."""
    platform = Measured(kinds=dict(ITEMS), measured=CheckError("Prometheus answered HTTP 503", source="metrics"))
    found = of(platform, figures=True)
    assert (found.services[0].status, found.services[0].figures) == ("healthy", None)
    assert [skip.source for skip in found.not_checked] == ["metrics"]


def test_figures_alone_make_nobody_healthy() -> None:
    """Without a cluster the services that figures name are listed, their state unknown."""
    platform = Measured()
    platform.measured = figures(platform)
    [row] = of(platform, cluster=False, figures=True).services
    assert (row.service, row.status) == ("blog", "unknown")


@pytest.mark.parametrize("error", [NoClusterError("no kubeconfig", source="cluster"), ForbiddenError("no", source="x")])
def test_where_nothing_can_be_read_it_is_an_error(error: CheckError) -> None:
    """What was tried is stated; never an empty table."""
    with pytest.raises(CheckError, match=error.message):
        of(Records(kinds=dict.fromkeys(KINDS, error)))
    with pytest.raises(CheckError, match="nothing there"):
        of(Measured(measured=NotCheckedError("nothing there", source="metrics")), cluster=False, figures=True)
