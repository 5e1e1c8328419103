"""The figures and alerts of one round: each source asked once, until a new round begins."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from opsagent.analysis.figures.profiles import profile_rows
from opsagent.analysis.figures.signals import SignalBoard
from opsagent.errors import CheckError, NotCheckedError
from opsagent.models.coverage import Outcome, outcome_of
from opsagent.models.figures import Alert, Figures, KnowsAlertGaps, KnowsAlerts, KnowsFigures
from opsagent.models.platform import Platform

T = TypeVar("T")
Note = Callable[[str, str, Outcome], None]  # source, why, outcome


@dataclass
class Measured:
    """What the sources of figures and alerts answered."""

    platform: Platform
    note: Note  # of what could not be read
    keep_s: float = 0.0  # for which figures are not asked for again, new rounds included
    judged: bool = True  # off while a change is verified: then only figures from after it count
    _figures: Figures | None = None
    _asked_at: float = 0.0  # monotonic seconds
    _alerts: tuple[Alert, ...] | None = None
    _boards: list[SignalBoard | None] = field(default_factory=list)  # of the figures: none, or the one that was made

    def new_round(self) -> None:
        """Forget what was read, figures only where they are old enough."""
        self._alerts = None
        if time.monotonic() - self._asked_at >= self.keep_s:
            self.forget()

    def forget(self) -> None:
        """Forget the figures."""
        self._figures = None
        self._boards.clear()

    @property
    def figures(self) -> Figures:
        """The figures over time; none where no source has any."""
        if self._figures is None:
            self._figures = self._ask("metrics", self._read_figures, Figures("none"))
            self._asked_at = time.monotonic()
        return self._figures

    def board(self, make: Callable[[], SignalBoard | None]) -> SignalBoard | None:
        """Return what the figures of this round show, judged once."""
        if not self.judged:
            return None
        if not self._boards:
            self._boards.append(make())
        return self._boards[0]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts; none where no source has any."""
        if self._alerts is None:
            known, none = self.platform, tuple[Alert, ...]()
            self._alerts = self._ask("alerts", known.alerts, none) if isinstance(known, KnowsAlerts) else none
            for gap in known.alert_gaps if isinstance(known, KnowsAlertGaps) else ():
                self.note(gap.source, gap.why, gap.outcome)
        return self._alerts

    def _read_figures(self) -> Figures:
        if not isinstance(self.platform, KnowsFigures):
            return Figures("none")
        found = self.platform.figures(profile_rows)
        for why in found.notes:
            self.note("metrics", why, Outcome.FAILED)
        return found

    def _ask(self, source: str, ask: Callable[[], T], nothing: T) -> T:
        """Return the answer of a source; nothing where it was not asked, or failed, which is noted."""
        try:
            return ask()
        except NotCheckedError:
            return nothing
        except CheckError as error:
            self.note(source, error.message, outcome_of(error))
            return nothing
