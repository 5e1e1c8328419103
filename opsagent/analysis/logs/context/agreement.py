"""Several independent signs of one cause in a log: its words come again, in other words, with work that fails."""

from collections.abc import Mapping, Sequence

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.logs.over.good_work import records_of
from opsagent.analysis.text.requests import failed
from opsagent.models.digest import LogDigest

Key = tuple[str, str | None]

_STATED, _SURE = 0.74, 0.85  # between them a cause is stated by name, and its words alone do not make it sure
_SIGN = 0.15  # of the doubt that each sign takes away
_AGAIN = 3  # records
_LATELY = 0.15  # of the log, at its end
_RIVAL = 0.45


def agreed(log: LogDigest, key: Key, own: Sequence[Match], strengths: Mapping[Key, float], catalog: Catalog) -> float:
    """Return how firm a cause is by its words and by what else in the log agrees with them.

    Nothing is added to a symptom, to a complaint about another, or beside a cause that it does not explain.
    """
    stated = strengths[key]
    row = catalog.get(key[0])
    if not _STATED <= stated < _SURE or key[1] is not None or row is None or row.kind != "cause":
        return stated
    known = catalog.explains(key[0]) | catalog.tagged("remainder") | {key[0]}
    if any(other not in known and value >= _RIVAL for (other, _), value in strengths.items()):
        return stated
    first, last = min(m.group.first_line for m in own), max(m.group.last_line for m in own)
    mine = {id(match.group) for match in own}
    beside = [g for g in log.groups if g.last_line >= first and id(g) not in mine]
    signs = (
        records_of(own) >= _AGAIN,
        len({match.phrase.pattern for match in own if match.phrase}) > 1,
        any(g.kind in ("error", "traceback") or failed(g.text) is True for g in beside),
        log.lines - last <= max(3, _LATELY * log.lines),
    )
    return 1 - (1 - stated) * (1 - _SIGN) ** sum(signs)
