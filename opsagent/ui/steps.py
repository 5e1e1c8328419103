"""How far the diagnosis is, on stderr: a line for each box that was left and each check that a model asked for."""

import os
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import RenderableType
from rich.text import Text

from opsagent.models.evidence import Symptom
from opsagent.models.incident import Step
from opsagent.models.observed import Where
from opsagent.ui.console import QuietConsole, err, show
from opsagent.ui.evidence_lines import where_text
from opsagent.ui.inert import inert
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, GOOD, QUIET, STRONG, joined, own, say, two_columns
from opsagent.ui.moment import in_zone
from opsagent.ui.translated import translated

if TYPE_CHECKING:
    from rich.status import Status

_NODE_WIDTH = 17
# Two of them would fight for the same line, and so would a spinner and a question: whoever asks stills them first.
_SPINNING: list["Steps"] = []


def still() -> None:
    """Stop every spinner, so that somebody may write or ask."""
    for steps in tuple(_SPINNING):
        steps.rest()


class Steps:
    """Show the operator of each step; a spinner only where it neither floods a file nor a screen reader.

    No spinner without a terminal, under TERM=dumb and with OPSAGENT_PLAIN set: then only finished steps are reported.
    Use as a context manager: leaving it always gives the cursor back.
    """

    def __init__(self, console: QuietConsole | None = None, *, where: Where | None = None) -> None:
        self._console = console or err()
        self._where = where
        self._spinner: Status | None = None
        self._moves = self._console.is_interactive and not os.environ.get("OPSAGENT_PLAIN")

    def found(self, incident_id: str, service: str | None, symptoms: tuple[Symptom, ...]) -> None:  # noqa: ARG002
        """State that an incident was opened, and where; why is in the line of `detect` that follows."""
        head = joined(own(f"incident {incident_id}", STRONG), " · ", own(service or "no service named"))
        if self._where:
            head = joined(head, f" · {where_text(self._where)}")
        show(head, self._console)

    def doing(self, node: str, text: str) -> None:
        """State what is being done now; it vanishes when the step is done."""
        if not self._moves:
            return
        line = Text(inert(f"{node:<{_NODE_WIDTH - 3}} {localised(text)}"), QUIET, no_wrap=True, overflow="ellipsis")
        if self._spinner is None:
            ascii_only = not self._console.encoding.lower().startswith("utf")
            self._spinner = self._console.status(line, spinner="line" if ascii_only else "dots")
            self._spinner.start()
            _SPINNING.append(self)
        else:
            self._spinner.update(line)

    def done(self, step: Step) -> None:
        """State that a box was left."""
        self.rest()
        show(step_line(step), self._console)

    def rest(self) -> None:
        """Stop the spinner; the next `doing` starts it again."""
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None
            _SPINNING.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rest()


def step_line(step: Step) -> RenderableType:
    """Draw one finished step: mark, name of the box, what came of it."""
    step = translated(step)
    told = say(in_zone(step.text, step.at), newlines=True)
    mark = say("✓" if step.ok else "✗", GOOD if step.ok else BAD)
    text = told if step.ok else joined(own("FAILED: "), told)
    grid = two_columns(_NODE_WIDTH)
    grid.add_row(joined(" ", mark, f" {step.node}"), text)
    return grid
