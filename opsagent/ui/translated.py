"""Records with their sentences in the operator's language, for the views: what is kept and sent stays English.

Quotes are left alone: evidence, log digests, what a model or an operator wrote.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar, cast

from opsagent.models.evidence import Cause, Change, Rung, Symptom, Trend
from opsagent.models.ignore import Ignored
from opsagent.models.incident import Aftermath, Analysis, Report, Step
from opsagent.models.observed import Skipped
from opsagent.models.opinion import Claim, Opinion
from opsagent.models.panel import Panel
from opsagent.models.plan import ActionRecord, Plan, Risk, Verification
from opsagent.ui.language import SOURCE, in_use, localised

T = TypeVar("T")

# Of each record the fields that hold sentences of ours; records that are not listed hold none.
_SENTENCES: Mapping[type, frozenset[str]] = {
    Aftermath: frozenset({"tried", "pods", "unread"}),
    ActionRecord: frozenset({"outcome"}),
    Analysis: frozenset({"fallback"}),
    Cause: frozenset({"summary"}),
    Claim: frozenset({"why"}),
    Change: frozenset({"text"}),
    Ignored: frozenset({"summary"}),
    Opinion: frozenset({"text", "doubt"}),
    Panel: frozenset({"notice", "history"}),
    Plan: frozenset({"reason", "recommendations", "change", "differences"}),
    Report: frozenset({"closing", "confidence_note", "history"}),
    Risk: frozenset({"text"}),
    Rung: frozenset({"name", "actor"}),
    Skipped: frozenset({"why"}),
    Step: frozenset({"text"}),
    Symptom: frozenset({"text"}),
    Trend: frozenset({"text"}),
    Verification: frozenset({"rollout", "figure", "text"}),
}


def translated(record: T) -> T:
    """Return a record as it is drawn; in English the very same one."""
    return record if in_use() == SOURCE else cast(T, _translated(record))


def _translated(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_translated, value))
    if type(value) not in _SENTENCES:
        return value
    sentences, changed = _SENTENCES[type(value)], {}
    for name in (field.name for field in fields(value)):
        old = getattr(value, name)
        new = _spoken(old) if name in sentences else _translated(old)
        if new != old:
            changed[name] = new
    return replace(value, **changed) if changed else value


def _spoken(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_spoken, value))
    return "\n".join(map(localised, value.split("\n"))) if isinstance(value, str) else value
