"""The calls of one investigation: bounded, each shown to the operator and kept, a slip answered with the right form."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

from opsagent.agent.context import Progress
from opsagent.agent.model.investigation_tools import TOOLS
from opsagent.agent.model.material import Material
from opsagent.agent.model.slips import SlipError
from opsagent.errors import OpsagentError
from opsagent.models.evidence import Evidence
from opsagent.models.incident import Step
from opsagent.models.opinion import LookedUp
from opsagent.models.tokens import shortened

if TYPE_CHECKING:
    from opsagent.agent.model.schema import Lookup

STEP = "look_up"  # as the operator sees it, between the boxes of the diagram
MOST_CALLS = 8  # of one investigation, slips and repeats included
_TOKENS = 500  # of one answer, in the prompt and in the report
_LONGEST = 200  # characters of an argument


@dataclass
class Calls:
    """What a model has looked up in one incident, and what it may still look up."""

    material: Material
    progress: Progress
    clock: Callable[[], datetime]
    most: int = MOST_CALLS
    made: list[LookedUp] = field(default_factory=list)
    box: str = "analyze"  # of the diagram, as the operator sees who works
    _fresh: int = 0  # calls of the newest round

    @property
    def left(self) -> int:
        """How many more there may be."""
        return max(0, min(self.most, MOST_CALLS) - len(self.made))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The answers that may be cited."""
        return tuple(one.evidence for one in self.made if one.evidence is not None)

    @property
    def newest(self) -> tuple[LookedUp, ...]:
        """The answers of the newest round."""
        return tuple(self.made[len(self.made) - self._fresh :])

    def round(
        self, asked: Iterable["Lookup"], number: int, keep: Callable[[LookedUp], None] = lambda _: None
    ) -> tuple[LookedUp, ...]:
        """Make the calls of one answer, as many as are left; evidence is numbered from `number` on.

        Each is given to `keep` before the next one is made: a process that ends between two has lost none.
        """
        self._fresh = 0
        for one in asked:
            if not self.left:
                break
            made = self._call(one, number)
            number += made.evidence is not None
            self.made.append(made)
            keep(made)
            self._fresh += 1
        return self.newest

    def _call(self, asked: "Lookup", number: int) -> LookedUp:
        redact, begun = self.material.redact, time.monotonic()
        about, pattern = (asked.about or "").strip(), asked.pattern or ""
        plain = ", ".join(part for part in (about, repr(pattern) if pattern else "") if part)
        call = redact(f"{asked.tool[:40]}({plain[:_LONGEST]})")
        self.progress.doing(self.box, f"the model asks for {call}")
        try:
            self._bounded(asked.tool, about, pattern, call)
            lines = TOOLS[asked.tool].answer(self.material, about, pattern)
        except SlipError as slip:
            return self._told(LookedUp(call, redact(str(slip)), ok=False), begun)
        except OpsagentError as error:
            lines = [f"could not be read: {error.message}"]
        text = shortened(redact("\n".join(lines)), _TOKENS)
        tool = TOOLS[asked.tool]
        if not tool.citable:
            return self._told(LookedUp(call, text), begun)
        # The place holds no word of the model's own that is not in what was found: a claim may use what is there.
        place = f"{asked.tool}({about})" if about and about.casefold() in text.casefold() else asked.tool
        piece = Evidence(f"E{number}", tool.source, redact(place), text)
        return self._told(LookedUp(call, _gist(lines), piece), begun)

    def _bounded(self, tool: str, about: str, pattern: str, call: str) -> None:
        """Raise SlipError for a tool that there is not, an argument out of bounds, and a call that was made before."""
        if tool not in TOOLS:
            near = get_close_matches(tool, TOOLS, n=2, cutoff=0.4)
            raise SlipError(f"there is no tool {tool[:40]!r}; the tools are {', '.join(near or TOOLS)}")
        for text in (about, pattern):
            if len(text) > _LONGEST or not text.isprintable():
                raise SlipError(f"an argument is one line of at most {_LONGEST} characters")
        earlier = next((one for one in self.made if one.call == call), None)
        if earlier is not None:
            held = f"it is {earlier.evidence.id}" if earlier.evidence else "its answer is above"
            raise SlipError(f"{call} was asked before: {held}")

    def _told(self, made: LookedUp, begun: float) -> LookedUp:
        """Show the operator what was looked up, at once."""
        head = f"{made.evidence.id} " if made.evidence else ""
        told = made.text if made.evidence or not made.ok else "codes"
        text = f"{head}{made.call} → {told}"
        self.progress.done(Step(STEP, self.clock(), time.monotonic() - begun, text, made.ok))
        return made


def _gist(lines: list[str]) -> str:
    """Return how much a tool answered, in a few words."""
    return shortened(lines[0], 24) if len(lines) == 1 else f"{len(lines)} lines"
