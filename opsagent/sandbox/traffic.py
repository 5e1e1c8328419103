"""The load balancer's own figures: a window of 10 s, and sums since it started."""

from dataclasses import dataclass
from math import sin

from .cluster import ServiceAnswer
from .facts import Json

WINDOW_S = 10.0


@dataclass(frozen=True, slots=True)
class Phase:
    """What the traffic is like from a moment on."""

    since: float  # simulated seconds
    rate: float  # completed requests per second
    mean_ms: float
    failing: float = 0.0  # share of requests that fail


class Traffic:
    """Phases of traffic, integrated exactly, so that every figure follows from the time alone."""

    def __init__(self, phases: list[Phase]) -> None:
        self.phases = phases
        self.born = phases[0].since

    def change(self, phase: Phase) -> None:
        """Let the traffic be different from a moment on."""
        last = self.phases[-1]
        if (last.rate, last.mean_ms, last.failing) != (phase.rate, phase.mean_ms, phase.failing):
            self.phases = [known for known in self.phases if known.since < phase.since]
            self.phases.append(phase)

    def forget(self, now: float) -> None:
        """Begin to count again, as a load balancer that was restarted does."""
        self.born = now

    def figures(self, now: float) -> Json:
        """Return the load balancer's entry of /stats at a moment (simulated seconds)."""
        window, slow, _ = self._sums(max(self.born, now - WINDOW_S), now)
        total, spent, failed = self._sums(self.born, now)
        wave = 1 + 0.05 * sin(now / 3.7)
        rate = round(window / WINDOW_S * wave, 1)
        requests = int(total)
        return {
            "avg_response_time_ms": slow / window * (1 + 0.04 * sin(now / 2.3)) if rate else 0,
            "avg_response_time_ms_lifetime": spent / total if requests else 0,
            "has_real_traffic": rate > 0,
            "requests_per_second": rate,
            "status": "healthy",
            "success_rate": 100 * (total - failed) / total if requests else 0,
            "total_requests": requests,
        }

    def _sums(self, start: float, end: float) -> tuple[float, float, float]:
        count = spent = failed = 0.0
        ends = [phase.since for phase in self.phases[1:]] + [end]
        for phase, until in zip(self.phases, ends, strict=True):
            lasted = max(0.0, min(end, until) - max(start, phase.since))
            count += lasted * phase.rate
            spent += lasted * phase.rate * phase.mean_ms
            failed += lasted * phase.rate * phase.failing
        return count, spent, failed


def usual(now: float) -> Phase:
    """Return a healthy platform's traffic."""
    return Phase(now, 48, 5.5)


def around(answers: dict[str, ServiceAnswer], now: float) -> list[Phase]:
    """Return the traffic that follows from who answers: one phase, or two where waiting requests come late."""
    if ServiceAnswer.HUNG in answers.values():
        # nothing completes until the gateway's 2 s limit, then everything that waited fails together
        return [Phase(now, 6, 5.4), Phase(now + 2, 62, 1951, failing=0.93)]
    if answers["load-balancer"] is ServiceAnswer.REFUSED:
        return [Phase(now, 0, 0)]
    if answers["api-gateway"] is ServiceAnswer.REFUSED:
        return [Phase(now, 44, 1.2, failing=0.96)]
    share = {"blog-service": 0.7, "auth-service": 0.2, "user-service": 0.12}
    failing = sum(part for app, part in share.items() if answers[app] in (ServiceAnswer.REFUSED, ServiceAnswer.FAILING))
    return [Phase(now, 46, 4.1, failing=min(failing, 0.97))] if failing else [usual(now)]
