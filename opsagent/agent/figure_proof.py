"""Verification on the figures that raised an incident: from samples after the change, never from those before."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opsagent.agent.context import Context
from opsagent.agent.figures import places
from opsagent.agent.state import State
from opsagent.analysis.figures.recovery import quoted, recovered

_EVERY_S = 15.0  # figures are not asked for more often than they are scraped
_SCRAPES_S = 60.0  # two scrapes of half a minute


@dataclass(frozen=True)
class FigureProof:
    """What the figures of the services that they accused have to show; nothing where they accused none."""

    ctx: Context
    names: tuple[str, ...]
    since: float  # Unix seconds: figures from then on know nothing of the time before the change
    longer_s: float

    @classmethod
    def of(cls, state: State, ctx: Context) -> "FigureProof":
        """Return the proof that the incident's symptoms ask for, from now on."""
        raised = dict.fromkeys(s.service for s in state.get("symptoms", ()) if s.kind == "figures" and s.service)
        if not raised:
            return cls(ctx, (), 0.0, 0.0)
        # A rate over two minutes knows the time before the change until two minutes after it.
        settles_s = ctx.settings.prometheus.rate_window_s if ctx.settings.prometheus.configured else 0.0
        since = ctx.clock().timestamp() + settles_s
        return cls(ctx, tuple(raised), since, settles_s + _SCRAPES_S)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the figures of before the change out of the detection in this block."""
        measured = self.ctx.seen.measured
        measured.judged, measured.keep_s = False, _EVERY_S
        try:
            yield
        finally:
            measured.judged, measured.keep_s = True, 0.0

    def quote(self) -> str:
        """Return the figure that raised the incident, from then to now, with its unit and limit; "" without one."""
        if not self.names:
            return ""
        return self.ctx.seen.redact(quoted(self.ctx.seen.measured.figures, places(self.ctx), self.names, self.since))

    def good(self) -> bool:
        """Return whether the figures are good again; False while there are too few of them, or they cannot be read."""
        if not self.names:
            return True
        figures = self.ctx.seen.measured.figures
        return bool(figures) and recovered(figures, places(self.ctx), self.names, self.since) is True
