"""What figures prove of a change: samples from after it alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from opsagent.agent.figure_proof import FigureProof
from opsagent.errors import CheckError
from opsagent.models.evidence import Observation, Symptom
from opsagent.models.figures import Figures, series_of
from opsagent.models.profiles import Row
from tests.agent.small_platform import AT, SmallPlatform, bench

if TYPE_CHECKING:
    from opsagent.agent.state import State


@dataclass
class Measured(SmallPlatform):
    """A small platform with one figure of blog, asked for how often, and a clock that the test moves."""

    level: Callable[[float], float] = lambda at: 30.0
    queries: int = 0

    def figures(self, rows: Callable[[], tuple[Row, ...]]) -> Figures:
        """Return an hour of response times until now."""
        self.queries += 1
        end = self.at.timestamp()
        moments = [end - 15 * (240 - number) for number in range(241)]
        points = [(at, self.level(at) * (1 + 0.01 * (number % 3))) for number, at in enumerate(moments)]
        return Figures("prometheus", (series_of("latency_p95", "ms", "Service", "blog", points),))


SLOW = Symptom("blog", "figures", "slow", Observation("metrics", "prometheus:Service/blog:latency_p95", "slow"))


def proven(folder: Path, after: float) -> bool:
    """Return whether figures prove a recovery two minutes after a change at AT; `after` is their level since."""
    begun = AT.timestamp()
    platform = Measured(level=lambda at: 30.0 if at < begun - 900 else 900.0 if at < begun else after)
    made = bench(folder, platform)
    proof = FigureProof.of(cast("State", {"symptoms": (SLOW,)}), made.ctx)
    assert not proof.good()  # nothing of after the change is there yet
    made.ctx.seen.forget()
    platform.at = AT + timedelta(minutes=2)
    return proof.good()


def test_a_change_is_verified_on_figures_from_after_it(tmp_path: Path) -> None:
    """Good figures prove it, bad ones do not, whatever the detection reads beside them."""
    assert proven(tmp_path / "a", 30.0)
    assert not proven(tmp_path / "b", 900.0)


def test_figures_that_accused_nobody_are_not_asked(tmp_path: Path) -> None:
    """An incident that /stats or Kubernetes raised is verified there."""
    platform = Measured()
    proof = FigureProof.of(cast("State", {"symptoms": ()}), bench(tmp_path, platform).ctx)
    assert (proof.good(), proof.longer_s, platform.queries) == (True, 0.0, 0)


def test_a_proof_is_of_the_services_that_figures_accused(tmp_path: Path) -> None:
    """Each once; a symptom of another kind, or of nobody, asks for none. A rate knows the time before the change."""
    ctx = bench(tmp_path).ctx
    others = (replace(SLOW, kind="offline", service="mail"), replace(SLOW, service=None))
    state = cast("State", {"symptoms": (SLOW, SLOW, *others)})
    proof = FigureProof.of(state, ctx)
    assert (proof.names, proof.since, proof.longer_s) == (("blog",), AT.timestamp(), 60.0)
    assert FigureProof.of(cast("State", {"symptoms": others}), ctx) == FigureProof(ctx, (), 0.0, 0.0)
    prometheus = replace(ctx.settings.prometheus, url="http://prometheus:9090")
    rated = replace(ctx, settings=replace(ctx.settings, prometheus=prometheus))
    proof = FigureProof.of(state, rated)
    assert (proof.since, proof.longer_s) == (AT.timestamp() + 120, 180.0)


def test_figures_of_before_are_left_out_within_the_check_alone(tmp_path: Path) -> None:
    """Not judged, and asked for no more often than they are scraped; afterwards as before, whatever went wrong."""
    ctx = bench(tmp_path).ctx
    measured = ctx.seen.measured
    proof = FigureProof(ctx, ("blog",), 0.0, 0.0)

    def fails() -> None:
        with proof.alone():
            assert (measured.judged, measured.keep_s) == (False, 15.0)
            raise CheckError("away", source="stats")

    with pytest.raises(CheckError):
        fails()
    assert (measured.judged, measured.keep_s) == (True, 0.0)
