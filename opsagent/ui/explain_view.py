"""A cause code explained: what it means, how it is found, how to fix it, and whether an action helps."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from opsagent.analysis.catalog.records import EFFECT_KINDS, Code, Effect, Variant
from opsagent.ui.language import localised
from opsagent.ui.layout import BAD, GOOD, POOR, QUIET, STRONG, hanging, joined, labelled, listing, say

_VERDICTS = {"yes": GOOD, "sometimes": POOR, "no": BAD}
_SEVERITIES = {"critical": BAD, "high": POOR}
_LABELS = 10


def explain_view(info: Code) -> RenderableType:
    """Draw everything that the catalog holds of one code."""
    head = joined(say(info.code, STRONG), " · ", _severity(info))
    rows: list[tuple[str, RenderableType]] = [
        ("MEANING", say(localised(info.meaning))),
        ("FOUND BY", say(localised(info.found))),
        ("REMEDY", say(localised(info.remedy))),
        ("STEPS", hanging(("-", general(localised(step))) for step in info.steps)),
        ("RESTART", _help(info.effect("restart"))),
        ("SCALE", _help(info.effect("scale"))),
        ("ROLLBACK", _help(info.effect("rollback"))),
    ]
    rows += [("VARIANT", _variant(info, variant)) for variant in info.variants]
    if info.confirms:
        rows.append(("CONFIRMS", hanging(("-", localised(text)) for text in info.confirms)))
    if info.rules_out:
        rows.append(("RULES OUT", hanging(("-", localised(text)) for text in info.rules_out)))
    return Group(head, labelled(rows, width=_LABELS))


def _variant(info: Code, variant: Variant) -> RenderableType:
    """Draw a sub-case: what it is, which effects differ, and its own steps."""
    effects = [joined(localised(kind.upper()), ": ", _help(effect)) for kind, effect in variant.effects.items()]
    own = info.of(variant.name)
    steps = hanging(("-", general(localised(step))) for step in own.steps)
    return Group(joined(say(variant.name, STRONG), f": {localised(variant.meaning)}"), *effects, steps)


def code_list_view(infos: Iterable[Code]) -> RenderableType:
    """Draw a table of codes: the meaning, how severe it is, and which actions help ("?": sometimes)."""
    table = listing("CODE", "MEANING")
    table.columns[0].no_wrap = True
    for info in infos:
        helped = say(f" · {localised('helps')}: {localised(helps(info))})", QUIET)
        table.add_row(
            say(info.code, STRONG), joined(localised(info.meaning), say(" (", QUIET), _severity(info), helped)
        )
    return table


def helps(info: Code) -> str:
    """Return which actions help, the doubtful ones with a question mark: "restart, scale?"; "none" where none does."""
    verdicts = {kind: info.effect(kind) for kind in EFFECT_KINDS}
    marks = {"yes": "", "sometimes": "?"}
    return (
        ", ".join(f"{name}{marks[said.verdict]}" for name, said in verdicts.items() if said.verdict != "no") or "none"
    )


def general(step: str) -> str:
    """Return a step of the catalog with placeholders that an operator can read."""
    return step.format(
        ref="<kind>/<name>", name="<name>", workload="deployment/<name>", service="<service>", ns=" -n <namespace>"
    )


def _severity(info: Code) -> Text:
    return say(localised(info.severity), _SEVERITIES.get(info.severity, ""))


def _help(said: Effect) -> Text:
    verdict = {"yes": "helps", "sometimes": "helps sometimes", "no": "does not help"}[said.verdict]
    return joined(say(localised(verdict), _VERDICTS[said.verdict]), f": {localised(said.why)}")
