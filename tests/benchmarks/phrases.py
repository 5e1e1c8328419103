"""What one line costs: to match it against the phrases of the catalog, and to redact it; how long they take to load."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median

from opsagent.analysis.catalog.compile import phrase_sources
from opsagent.analysis.catalog.phrase import compiled
from opsagent.analysis.logs.matching.engine import Matcher
from opsagent.redact import Redactor
from tests.benchmarks.digest import mixed
from tests.benchmarks.table import Row

LOAD_MS, LINE_US, REDACT_US = 25, 100, 30
REDACTED = 5_000  # lines


def rows(rounds: int) -> Iterator[Row]:
    """Yield the load time and the cost of a line: each example and near miss, so that most lines have candidates."""
    meanings = compiled()
    load = _median_s(rounds, lambda: Matcher(compiled.__wrapped__()))
    count = sum(len(meaning.phrases) for meaning in meanings)
    measured = f"{load * 1e3:.1f} ms"
    yield Row(f"load {count} phrases", f"≤ {LOAD_MS} ms", measured, load * 1e3 <= LOAD_MS)
    documents, _ = phrase_sources()
    entries = [entry for document in documents.values() for entry in document["meanings"]]
    lines = [row[name] for entry in entries for row in entry["phrases"] for name in ("example", "not")]
    matcher = Matcher(meanings)
    _match(matcher, lines)  # the patterns are compiled
    line_us = _median_s(rounds, lambda: _match(matcher, lines)) / len(lines) * 1e6
    yield Row(f"{len(lines)} distinct lines matched", f"≤ {LINE_US} µs each", f"{line_us:.0f} µs", line_us <= LINE_US)
    lines = [line.decode() for line in islice(mixed(REDACTED * 1000), REDACTED)]
    redactor = Redactor()
    redact_us = _median_s(rounds, lambda: [redactor(line) for line in lines]) / len(lines) * 1e6
    met = redact_us <= REDACT_US
    yield Row(f"{REDACTED:,} lines of a mixed log redacted", f"≤ {REDACT_US} µs each", f"{redact_us:.0f} µs", met)


def _match(matcher: Matcher, lines: list[str]) -> None:
    for line in lines:
        list(matcher.fitting(line))


def _median_s(rounds: int, work: Callable[[], object]) -> float:
    """Return the median CPU time of some work, in seconds."""
    costs = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        costs.append(time.process_time() - start)
    return median(costs)
