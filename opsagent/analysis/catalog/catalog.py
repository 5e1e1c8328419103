"""The cause catalogue: every code, what it means, what mends it, and whether an action helps."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, cast

from opsagent.models.plan import Action

Helps = Literal["yes", "no", "sometimes"]
Severity = Literal["critical", "high", "medium", "low"]
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Help:
    """Whether an action mends a cause, and why or why not."""

    verdict: Helps
    why: str


@dataclass(frozen=True, slots=True)
class CauseInfo:
    """One code of the catalogue, for `explain`, plans and prompts."""

    code: str
    severity: Severity
    meaning: str  # one sentence for an operator
    found: str  # what the rules go by
    remedy: str  # what usually mends it
    restart: Help
    scale: Help
    rollback: Help
    steps: tuple[str, ...]  # with {ref}, {name}, {workload}, {service} and {ns} to be filled in

    @property
    def family(self) -> str:
        """Return what stands before the dot: "db"."""
        return self.code.partition(".")[0]

    def helps(self, action: Action) -> Help:
        """Return whether an action helps; doing nothing never does."""
        by_action = {
            "restart_deployment": self.restart, "scale_deployment": self.scale, "rollback_deployment": self.rollback,
        }  # fmt: skip
        return by_action.get(action) or Help("no", "nothing is done")


@cache
def catalogue() -> Mapping[str, CauseInfo]:
    """Return every cause by its code, in the catalogue's order."""
    # PyYAML takes 30 ms that `stats` or `logs` need not pay for.
    import yaml  # noqa: PLC0415

    # Only strings: YAML's own reading would turn `no` into False. The C loader is there where libyaml is.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    text = resources.files("opsagent.analysis.catalog").joinpath("catalogue.yaml").read_text("utf-8")
    document = yaml.load(text, Loader=loader)  # noqa: S506 - a BaseLoader makes nothing but strings, lists and dicts
    return {code: _info(code, entry) for code, entry in document["causes"].items()}


def codes() -> tuple[str, ...]:
    """Return every code of the catalogue."""
    return tuple(catalogue())


def explain(code: str) -> CauseInfo | None:
    """Return what is known about a code, None where it is none of the catalogue."""
    return catalogue().get(code)


def _info(code: str, entry: Mapping[str, Any]) -> CauseInfo:
    return CauseInfo(
        code=code,
        severity=cast(Severity, entry["severity"]),
        meaning=entry["meaning"],
        found=entry["found"],
        remedy=entry["remedy"],
        restart=_help(entry["restart"]),
        scale=_help(entry["scale"]),
        rollback=_help(entry["rollback"]),
        steps=tuple(entry["steps"]),
    )


def _help(entry: tuple[str, str]) -> Help:
    verdict, why = entry
    return Help(cast(Helps, verdict), why)
