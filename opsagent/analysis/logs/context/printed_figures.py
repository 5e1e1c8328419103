"""Figures that programs and proxies print of themselves: throttled CPU, workers that are all taken, rates that jump."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.phrase import Verdict
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.analysis.text.levels import any_of
from opsagent.models.digest import LogDigest, LogGroup

_CPU = Verdict("load.cpu-saturated", 0.84, 0, "the program is held back at its CPU limit for most of the time")
_WORKERS = Verdict("load.thread-pool", 0.78, 1, "every worker is taken, and work waits in the queue")
_SURGE = Verdict("load.traffic-surge", 0.84, 0, "several times as many requests come in as before")
_DELAY = Verdict("network.delay", 0.62, 2, "calls take far longer than the service that answers them needs")
_SHARE = 0.5  # of the periods or of the time
_JUMP = 4.0  # times the rate before
_FEWEST = 20.0  # requests a second: below, a jump is chance
_ROOTS = (
    "throttl",
    "available=0",
    "starvation",
    "rps",
    "rate",
    "req",
    "qps",
    "load average",
    "rss",
    "memory",
    "mem",
    "total",
    "elapsed",
)
_PERCENT = Late(
    r"\bthrottled?(?:[_ ](?:pct|percent\w*|ratio|time|periods))?[\"']?(?:\s?[=:]\s?\"?| )(\d+(?:\.\d+)?)( ?%)?"
)
_PERIODS = Late(
    r"\bnr_throttled[\"']?\s?[=:]\s?(\d+)\s?/\s?(\d+)"
    r"|\bnr_throttled[\"']?\s?[=:]\s?(\d+)[^\n]{0,40}?nr_periods[\"']?\s?[=:]\s?(\d+)"
    r"|\bnr_periods[\"']?\s?[=:]\s?(?P<of>\d+)[^\n]{0,40}?nr_throttled[\"']?\s?[=:]\s?(?P<n>\d+)"
)
_LOAD = Late(
    r"load average:? ?(\d+(?:\.\d+)?)[^\n]{0,60}?\b(?:on |of |with |n?cpus?[=: ]+|cores[=: ]+)(\d+)(?: cores| cpus)?"
)
_STARVED = Late(
    r"could be caused by thread pool starvation|\bqueue[=:] ?[1-9]\d{2,}\b[^\n]{0,60}\bavailable[=:] ?0\b"
    r"|\bavailable[=:] ?0\b[^\n]{0,60}\bqueue[=:] ?[1-9]\d{2,}\b"
)
_RATE = Late(
    r"(?<![\w.])(rps|qps|(?:req(?:uest)?s?|http)[_ ]?(?:rate|per[_ ]sec\w*)|rate"
    r"|req(?:uest)?s?/s(?:ec)?)[\"']?\s?[=:]\s?\"?(\d+(?:\.\d+)?)(?!\d|\.\d| ?%)"
)
# What the service that is called took by its own account, and what its caller waited.
_LEGS = Late(
    r"\b(?:server|service|backend|handler|processing|upstream_service)_?(?:time|timing|duration"
    r"|took)?(?:_ms)?[\"']?\s?[=:]\s?\"?(\d+(?:\.\d+)?)(?: ?ms)?\b[^\n]{0,80}?\b(?:total|elapsed|client|wall"
    r"|end_to_end|e2e|round_trip)_?(?:time|duration|latency)?(?:_ms)?[\"']?\s?[=:]\s?\"?(\d+(?:\.\d+)?)(?: ?ms)?\b"
)
_MEMORY = Late(
    r"\b(?:rss|mem(?:ory)?(?:_?(?:usage|used))?|used"
    r"|usage)[\"']?[=: ]{1,2}(\d+(?:\.\d+)?) ?([KMG])i?B?\b.{0,30}?(?:\blimit|\bmax|\bof\b"
    r"|/)[\"']?[=: ]{0,2}(\d+(?:\.\d+)?) ?([KMG])"
)
_NEAR, _KILLED = 0.85, 0.8  # so near its limit; how firm that makes a kill from outside
_WAITED_MS, _TIMES, _OFTEN = 500.0, 20.0, 2
_LIMITED = Late(
    r"\b5xx[\"']?[=: ]{1,2}[1-9]\d|ScalingLimited|maximum replica count|maxconn|queue(?:d|_length)?[=:] ?[1-9]\d{2,}"
)


def figures(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield what the figures of a log show; those of its last lines count too, which no group keeps."""
    speaking = [group for group in log.groups if any_of(_ROOTS, group.text.lower())]
    if not speaking:
        return
    lately = any(_held_back(line) for line in log.tail)
    for group in speaking:
        if _held_back(group.text) or (lately and (_PERCENT.search(group.text) or _PERIODS.search(group.text))):
            yield Match.of_group(_CPU, group)
        elif _STARVED.search(group.text):
            yield Match.of_group(_WORKERS, group)
        elif group.count >= _OFTEN and _on_the_way(group.text):
            yield Match.of_group(_DELAY, group)
    yield from _killed_for_memory(log, found)
    suffers = any(builtin().is_a(code, "suffers") for code, _ in found) or any(_LIMITED.search(t) for t in _texts(log))
    jumped = _jumped(log) if suffers else None
    if jumped is not None:
        yield Match.of_group(_SURGE, jumped)


def _killed_for_memory(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    killed = [m for (code, _), matches in found.items() if builtin().is_a(code, "out-of-memory") for m in matches]
    if killed and any(_near_limit(text) for text in _texts(log)):
        yield from (replace(match, strength=max(match.strength, _KILLED)) for match in killed[:1])


def _near_limit(text: str) -> bool:
    memory = _MEMORY.search(text)
    return (
        memory is not None and memory[2].upper() == memory[4].upper() and _NEAR * float(memory[3]) <= float(memory[1])
    )


def _texts(log: LogDigest) -> Iterator[str]:
    return chain((group.text for group in log.groups if group.kind != "traceback"), log.tail)


def _held_back(text: str) -> bool:
    percent = _PERCENT.search(text)
    if percent and 100 * _SHARE <= float(percent[1]) <= 100:
        return True
    periods = _PERIODS.search(text)
    if periods:
        held, of = (
            float(n) for n in (periods[1] or periods[3] or periods["n"], periods[2] or periods[4] or periods["of"])
        )
        return of > 0 and _SHARE <= held / of <= 1
    load = _LOAD.search(text)
    return load is not None and float(load[1]) >= 2 * float(load[2]) > 0


def _on_the_way(text: str) -> bool:
    legs = _LEGS.search(text)
    return legs is not None and float(legs[2]) >= max(_WAITED_MS, _TIMES * float(legs[1]))


def _jumped(log: LogDigest) -> LogGroup | None:
    """Return the group whose rate, first seen low, is several times as high later in the log."""
    for group in sorted(log.groups, key=lambda one: one.first_line):
        first = _RATE.search(group.text)
        if first is None or group.kind == "traceback":
            continue
        head = group.text[: first.start(2)].rpartition(" ")[2]
        later = [float(m[2]) for text in _texts(log) if (m := _RATE.search(text)) and m[1] == first[1] and head in text]
        if (
            later
            and max(later) >= max(_FEWEST, _JUMP * float(first[2]))
            and float(first[2]) > 0
            and later[-1] * 2 > max(later)
        ):
            return group
    return None
