"""More looks that a model may ask for: the nine reading tools, with plain arguments, and nothing else."""

import inspect
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opsagent.agent.context import Context
from opsagent.agent.model.tool_answers import compact, fitted, gist
from opsagent.errors import OpsagentError, UnknownServiceError, UsageError
from opsagent.models.evidence import Evidence, Source
from opsagent.models.incident import Step
from opsagent.models.tokens import shortened
from opsagent.tools.reading import Tool, bound_tools

if TYPE_CHECKING:
    from opsagent.agent.model.schema import Lookup

STEP = "look_up"  # as it is told, between the boxes of the diagram
_TOKENS = 650  # of one result, in the prompt and in the report
_LONGEST = 200  # characters of an argument
_MOST_LINES = 200  # of a log
# The namespace of an incident is settled; a model does not wander.
_WITHHELD = frozenset({"namespace"})
_SOURCES: Mapping[str, Source] = {
    "get_system_stats": "stats",
    "get_service_status": "stats",
    "get_traffic_metrics": "stats",
    "check_health": "health",
    "list_pods": "objects",
    "describe_pod": "objects",
}


class RefusedLookupError(Exception):
    """The model asked for what is not to be had: the message says why, and the asking ends."""


@dataclass
class Lookups:
    """The looks of one diagnosis that the model asked for."""

    ctx: Context
    made: list[Evidence]

    @property
    def left(self) -> int:
        """How many more it may ask for."""
        return max(0, self.ctx.settings.model.max_lookups - len(self.made))

    def offered(self) -> tuple[str, ...]:
        """Return the tools as a prompt names them: "get_pod_logs(pod_name, tail?, container?)"."""
        return tuple(_signature(tool) for tool in self._tools().values())

    def look(self, asked: "Lookup", number: int) -> Evidence:
        """Make a look, and return what it showed as evidence of this number. Raises RefusedLookupError.

        A look that fails is an answer too: it says that it could not be looked at.
        """
        tool = self._tools().get(asked.tool)
        if tool is None:
            raise RefusedLookupError(f"there is no tool {asked.tool[:40]!r}")
        arguments = _checked(tool, asked.arguments)
        call = f"{asked.tool}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"
        if any(piece.where == call for piece in self.made):
            raise RefusedLookupError(f"{call} was looked at already")
        if not self.left:
            raise RefusedLookupError(f"more than {self.ctx.settings.model.max_lookups} looks")
        self.ctx.progress.doing("analyze", f"the model asks for {call}")
        begun = time.monotonic()
        try:
            found = tool(**arguments)
            text, told, failed = compact(fitted(found, _TOKENS)), gist(found), False
        except (UsageError, UnknownServiceError) as error:
            raise RefusedLookupError(f"{call}: {error.message}") from error
        except OpsagentError as error:
            text, told, failed = f"could not be looked at: {error.message}", error.message, True
        redact = self.ctx.seen.redact
        piece = Evidence(
            f"E{number}", _SOURCES.get(asked.tool, "logs"), redact(call), redact(shortened(text, _TOKENS))
        )  # fmt: skip
        self.made.append(piece)
        plain = f"{asked.tool}({', '.join(map(str, arguments.values()))})"
        self._show(f"{piece.id} {redact(f'{plain} → {told}')}", time.monotonic() - begun, ok=not failed)
        return piece

    def ended(self, refused: RefusedLookupError) -> None:
        """Say that no more is looked at for the model, and why; the diagnosis goes on."""
        self._show(f"no further look-ups: {self.ctx.seen.redact(str(refused))}", 0.0, ok=False)

    def _show(self, text: str, took_s: float, *, ok: bool) -> None:
        self.ctx.progress.done(Step(STEP, self.ctx.clock(), took_s, text, ok))

    def _tools(self) -> dict[str, Tool]:
        seen = self.ctx.seen
        return {tool.__name__: tool for tool in bound_tools(self.ctx.platform, seen.services, seen.redact)}


def _signature(tool: Tool) -> str:
    words = [
        name if entry.default is entry.empty else f"{name}?"
        for name, entry in inspect.signature(tool).parameters.items()
        if name not in _WITHHELD
    ]
    return f"{tool.__name__}({', '.join(words)})"


def _checked(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    parameters = {
        name: entry for name, entry in inspect.signature(tool).parameters.items() if name not in _WITHHELD
    }  # fmt: skip
    arguments = {name: value for name, value in given.items() if value is not None}
    unknown = sorted(set(arguments) - set(parameters))
    missing = [
        name for name, entry in parameters.items() if entry.default is entry.empty and name not in arguments
    ]  # fmt: skip
    if unknown or missing:
        what = f"takes no {unknown[0][:40]!r}" if unknown else f"needs {missing[0]}"
        raise RefusedLookupError(f"{tool.__name__} {what}")
    # In the tool's own order and without what is the default anyway: a repeat is known however it is spelled.
    checked = {
        name: _argument(name, arguments[name], str(entry.annotation))
        for name, entry in parameters.items()
        if name in arguments
    }
    return {name: value for name, value in checked.items() if value != parameters[name].default}


def _argument(name: str, value: Any, kind: str) -> Any:
    """Return an argument of the type that the tool declares, within bounds."""
    fits: Sequence[type] = (bool,) if "bool" in kind else (int,) if "int" in kind else (str,)
    if not isinstance(value, tuple(fits)) or (isinstance(value, bool) and bool not in fits):
        raise RefusedLookupError(f"{name} is of another type")
    if isinstance(value, str) and (len(value) > _LONGEST or not value.isprintable()):
        raise RefusedLookupError(f"{name} is no plain short text")
    if isinstance(value, int) and not isinstance(value, bool):
        return min(max(1, value), _MOST_LINES)
    return value
