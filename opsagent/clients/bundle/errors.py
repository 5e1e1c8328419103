"""errors.json: what the writer of a bundle could not check, and why."""

from typing import Any

from opsagent.models.coverage import Outcome
from opsagent.models.observed import Skipped

_REFUSED = ("forbidden", "unauthorized", "401", "403")


def notes_of(document: Any) -> tuple[Skipped, ...]:
    """Return the entries of errors.json as `not_checked` has them, and that some of them cannot be read."""
    entries = [entry for entry in document if isinstance(entry, dict)] if isinstance(document, list) else []
    notes = [Skipped(str(entry.get("source") or "bundle"), _why(entry), _outcome(entry)) for entry in entries]
    if not isinstance(document, list) or len(entries) < len(document):
        notes.append(Skipped("bundle", "errors.json holds entries that cannot be read"))
    return tuple(notes)


def _outcome(entry: dict[str, Any]) -> Outcome:
    """Return what the writer noted; by its words where it noted none (a bundle may be made by hand)."""
    noted = entry.get("outcome")
    if noted in set(Outcome):
        return Outcome(noted)
    why = _why(entry).lower()
    return Outcome.REFUSED if any(word in why for word in _REFUSED) else Outcome.FAILED


def _why(entry: dict[str, Any]) -> str:
    parts = [str(entry[key]) for key in ("error", "detail") if entry.get(key)]
    return ": ".join(parts)[:2000] or "no reason given"
