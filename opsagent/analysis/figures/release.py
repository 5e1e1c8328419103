"""A rollout that broke it; and what no rule explains."""

from collections.abc import Sequence

from opsagent.analysis.figures import words
from opsagent.analysis.figures.case import FAINT, Case, most_changed
from opsagent.analysis.figures.spread import onset_of
from opsagent.models.evidence import UNKNOWN, Change, Finding

_ROLLED_S = 900.0  # between a rollout and what it broke
_EARLY_S = 90.0  # that a change may seem to come after what it caused: a scrape, and the step of a query


def released(case: Case) -> Finding | None:
    """Judge that a rollout broke it: the one that is faulty by itself was changed right before."""
    if len(case.roots) != 1:
        return None
    root = case.roots[0]
    signals, change = (
        case.of(root),
        change_before(onset_of(case.of(root)), case.about.owners.get(root), case.about.changes),
    )
    shift = signals.failing or signals.slower
    if change is None or shift is None:
        return None
    text = f"{shift.series.metric} of {root} {words.changed(shift)} since {words.clock(shift.onset)}; "
    text += f"{change.text.split(':', 1)[0]} was rolled out at {change.at:%H:%M} UTC."
    seen = (*case.seen(signals.slower, signals.failing, signals.shift("cpu")), change.observation, *case.victims())
    return case.finding("rollout.bad-revision", root, text, seen, shift.onset)


def change_before(onset: float | None, own: str | None, changes: Sequence[Change]) -> Change | None:
    """Return the newest revision of an object that was rolled out right before a moment."""
    if onset is None or own is None:
        return None
    rolled = [c for c in changes if c.object == own and c.text.startswith("revision ")]
    return next((c for c in reversed(rolled) if -_EARLY_S <= onset - c.at.timestamp() <= _ROLLED_S), None)


def unexplained(case: Case) -> Finding | None:
    """Name the one that is faulty by itself where nothing shows why."""
    if not case.roots:
        return None
    root = most_changed(case)
    signals = case.of(root)
    shift = signals.slower or signals.failing
    if shift is None:
        return None
    text = f"{shift.series.metric} of {root} {words.changed(shift)} since {words.clock(shift.onset)}; "
    text += "what it calls did not change, and none of its figures shows why."
    seen = case.seen(signals.slower, signals.failing)
    return case.finding(UNKNOWN, root, text, seen, shift.onset, strength=FAINT)
