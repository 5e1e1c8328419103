"""The question to the operator: the default is no, and silence is never a yes."""

import os
from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.text import Text

from opsagent.models.panel import Panel
from opsagent.models.plan import Answer, Decision
from opsagent.models.wording import counted
from opsagent.ui.console import console_on, err
from opsagent.ui.evidence_page import evidence_view
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, STRONG, joined, own, say, stacked
from opsagent.ui.model_view import model_page
from opsagent.ui.moment import clock_zone, span
from opsagent.ui.page import show_page
from opsagent.ui.panel_view import panel_view
from opsagent.ui.steps import still
from opsagent.ui.terminal import Hearing, ResizedError, controlling_terminal, operator

_NAME_TRIES = 3
_HELP = (
    "r, Enter  reject: nothing is done; words after r are kept as the reason",
    "a         approve exactly the change shown; where data is lost, the object's name is asked for first",
    "e         the evidence with the lines around it, on a page that scrolls and can be searched",
    "m         what the model stated, where one was asked",
    "l         leave it pending: opsagent approve goes on with it, from any terminal",
    "Ctrl-C    leave the command; the incident is kept",
)


def utc_now() -> datetime:
    """Return the clock's time, aware, in UTC."""
    return datetime.now(UTC)


class RichPrompter:
    """Ask in the operator's terminal, line by line: fine over ssh, in screen, and with a screen reader.

    Ctrl-C goes up as KeyboardInterrupt; Ctrl-D and a terminal that is gone leave the incident pending. Where the
    terminal can, each question is drawn again below a complete panel; with OPSAGENT_PLAIN lines only follow lines.
    """

    def __init__(
        self,
        *,
        console: Console | None = None,
        hearing: Hearing | None = None,
        now: Callable[[], datetime] = utc_now,
        by: str | None = None,
    ) -> None:
        self._console = console
        self._hearing = hearing
        self._now = now
        self._by = by
        self._drawn = False

    def ask(self, panel: Panel) -> Answer:
        """Show the panel and return the operator's answer; the default is to reject."""
        hearing = self._hearing = self._hearing or controlling_terminal()
        if hearing is None:
            return self._answer(panel, None, "leave", "there is no terminal to ask on")
        still()
        self._drawn = False
        note: list[Text] = []
        while True:
            word, reason = self._choice(panel, hearing, note)
            note = []
            if word is None:
                self._print(own("Nobody answered: left pending."))
                return self._answer(panel, hearing, "leave", "the terminal was closed")
            if word in {"", "r", "reject"}:
                return self._answer(panel, hearing, "reject", reason)
            if word in {"l", "leave"}:
                return self._answer(panel, hearing, "leave", reason)
            if word in {"e", "evidence"}:
                self._page(
                    evidence_view(panel, self._now()), localised(f"evidence of incident {panel.incident_id}"), hearing
                )
            elif word in {"m", "model"} and panel.analysis is not None and panel.analysis.model:
                self._page(
                    model_page(panel.analysis, panel.plan, panel.causes), localised("what the model stated"), hearing
                )
            elif word in {"?", "h", "help"}:
                self._page(stacked(map(own, _HELP)), localised("keys"), hearing)
            elif word in {"a", "approve"} and reason is None:
                return self._approve(panel, hearing)
            else:
                note = [own("Please answer r, a, e or l; Enter alone rejects.")]

    def _choice(self, panel: Panel, hearing: Hearing, note: list[Text]) -> tuple[str | None, str | None]:
        left = (panel.expires_at - self._now()).total_seconds()
        expiry = localised(f"{span(left if left < 60 else 60 * round(left / 60))} left" if left > 0 else "EXPIRED")
        model = "[m]odel  " if panel.analysis is not None and panel.analysis.model else ""
        keys = own(f" [r]eject (default)  [a]pprove  [e]vidence  {model}[l]eave pending  [?]", STRONG)
        lines = [*note, joined(keys, f" · {expiry}")]
        if panel.plan.loses_data:
            lines.append(own(" This loses data: after [a] the Deployment's name has to be typed.", BAD))
        line = self._question(panel, hearing, stacked(lines))
        if line is None:
            return None, None
        word, _, reason = line.strip().partition(" ")
        return word.lower(), reason.strip() or None

    def _approve(self, panel: Panel, hearing: Hearing) -> Answer:
        if panel.plan.loses_data:
            decision, reason = self._name_typed(panel, hearing)
            if decision != "approve":
                return self._answer(panel, hearing, decision, reason)
        if self._now() >= panel.expires_at:
            # The answer carries its time: whoever gets it checks again and asks again.
            self._print(own(f"This panel expired at {clock_zone(panel.expires_at)}: nothing is done on it.", BAD))
        return self._answer(panel, hearing, "approve", None)

    def _name_typed(self, panel: Panel, hearing: Hearing) -> tuple[Decision, str | None]:
        wanted = panel.plan.target.name if panel.plan.target else ""
        note: list[Text] = []
        for left in range(_NAME_TRIES - 1, -1, -1):
            asked = joined(own(" This loses data. To approve, type "), say(wanted, STRONG))
            line = self._question(panel, hearing, stacked([*note, asked]))
            if line is None:
                self._print(own("Nobody answered: left pending."))
                return "leave", "the terminal was closed"
            if wanted and line.strip() == wanted:
                return "approve", None
            if not line.strip():
                return "reject", None
            again = counted(left, "1 more try; Enter rejects", "{n} more tries; Enter rejects") if left else "rejected"
            note = [own(f" That is not the Deployment's name: not approved ({again}).")]
        self._print(note[0])
        return "reject", "the Deployment's name was not typed"

    def _question(self, panel: Panel, hearing: Hearing, text: Text) -> str | None:
        while True:
            size = hearing.size()
            self._draw(panel, text)
            # Only now the question can be read: what was typed before cannot be its answer, what follows `>` counts.
            hearing.forget()
            self._shown().print("> ", end="")
            try:
                line = hearing.line(size)
            except ResizedError:
                continue
            if line is None:
                self._print("")
            return line

    def _draw(self, panel: Panel, text: Text) -> None:
        """Show the panel with the question below it; where the screen cannot be drawn again, the panel once."""
        console = self._shown()
        if self._drawn and not self._redraws:
            self._print(text)
            return
        if self._drawn:
            console.clear()
        self._drawn = True
        rows = console.height - len(console.render_lines(text, pad=False)) - 1
        self._print(Group(panel_view(panel, self._now(), rows=rows), text))

    @property
    def _redraws(self) -> bool:
        return self._shown().is_interactive and not os.environ.get("OPSAGENT_PLAIN")

    def _page(self, view: RenderableType, title: str, hearing: Hearing) -> None:
        if self._redraws:
            with hearing.keyboard() as keyboard:
                if keyboard is not None:
                    show_page(view, title, self._shown(), keyboard)
                    return
        self._print(view)

    def _print(self, what: RenderableType) -> None:
        self._shown().print(what)

    def _shown(self) -> Console:
        if self._console is None:
            console = err()
            # With stderr in a file, the question still has to be where it is answered.
            screen = None if console.is_terminal or self._hearing is None else self._hearing.screen()
            self._console = console_on(screen) if screen else console
        return self._console

    def _answer(self, panel: Panel, hearing: Hearing | None, decision: Decision, reason: str | None) -> Answer:
        return Answer(
            decision=decision,
            shown=panel.fingerprint,
            by=self._by or operator(),
            terminal=hearing.name if hearing else None,
            at=self._now(),
            how=panel.how,
            reason=reason,
        )
