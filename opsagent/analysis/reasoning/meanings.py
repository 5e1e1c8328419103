"""What quoted evidence means to the catalog and the rules, and whether that can support a cause."""

from collections.abc import Iterable, Iterator
from typing import Literal

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.logs.matching.engine import matcher_of
from opsagent.analysis.logs.matching.matches import matches
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.evidence import UNKNOWN, Evidence, Finding
from opsagent.models.opinion import OTHER

# own: it shows the cause, or is no known wording; consequence: it shows what follows from it; foreign: something else.
Bearing = Literal["own", "consequence", "foreign"]
_REASONS = ("event", "condition", "waiting", "terminated", "pod")
_WIDEST = 400  # characters of a quoted line that are read; of a longer one the quote


def read_as(quote: str, piece: Evidence, findings: Iterable[Finding], catalog: Catalog) -> frozenset[str]:
    """Return the codes that a quote is read as: by the findings that rest on its piece, by phrases and by reasons."""
    found = {finding.code for finding in findings if _rests_on(finding, piece)}
    for line in _quoted(quote, piece):
        found.update(_by_reason(line, catalog) if piece.source in ("events", "objects") else ())
        found.update(_by_phrase(line, piece, catalog))
    return frozenset(found - {UNKNOWN})


def bearing(code: str, read: frozenset[str], catalog: Catalog) -> Bearing:
    """Return what evidence that is read as these codes is to a cause; what nothing reads is not held against it.

    Of its family, and what brings the cause about, count as the cause itself.
    """
    row = catalog.get(code)
    if row is None or code in (OTHER, UNKNOWN) or not read:
        return "own"
    families = {name.partition(".")[0] for name in read}
    if row.family in families or any(code in catalog.explains(name) for name in read):
        return "own"
    return "consequence" if read & catalog.explains(code) else "foreign"


def _rests_on(finding: Finding, piece: Evidence) -> bool:
    return any(
        (seen.source, seen.where) == (piece.source, piece.where)
        and (seen.text in piece.text or piece.text in seen.text)
        for seen in finding.observations
    )


def _quoted(quote: str, piece: Evidence) -> Iterator[str]:
    """Yield the lines of a piece that hold the quote; the quote where they are long or it spans several."""
    flat = " ".join(quote.split()).strip("… .").casefold()
    lines = [line for line in piece.text.split("\n") if flat in " ".join(line.split()).casefold()]
    yield from (line if len(line) <= _WIDEST else quote for line in lines or [quote])


def _by_phrase(line: str, piece: Evidence, catalog: Catalog) -> Iterator[str]:
    if piece.source in ("events", "alerts"):
        where: Literal["event", "alert"] = "event" if piece.source == "events" else "alert"
        yield from (meaning.verdict.code for meaning, _ in matcher_of(catalog).fitting(line, where))
        return
    group = LogGroup("error", line, 1, 1, 1)
    log = LogDigest(
        piece.where, pod=None, container=None, previous=False, service=None, lines=1, size=len(line), groups=(group,)
    )
    yield from (match.verdict.code for match in matches(log, matcher_of(catalog)))


def _by_reason(line: str, catalog: Catalog) -> Iterator[str]:
    """Yield the codes of the reasons that are words of the line: "Pod/x FailedScheduling ×3: 0/3 nodes …"."""
    for word in {word.strip(":,;()\"'") for word in line.split()}:
        rows = (catalog.reason(word, of) for of in _REASONS)
        yield from (row.code for row in rows if row is not None and row.failing and row.code)
