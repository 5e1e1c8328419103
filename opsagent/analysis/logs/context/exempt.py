"""Parts of a log that accuse nobody, whatever they state: a test run that passed, exceptions logged for the curious."""

import re
from collections.abc import Mapping

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.text.late import Late
from opsagent.analysis.text.levels import Level, level_of
from opsagent.models.digest import LogDigest, LogGroup

# What a CI service or a builder puts before the lines of a command.
_FRAME = re.compile(r"^\ufeff?(?:\d{4}-\d\d-\d\dT[\d:.]+Z\s)?(?:#\d+ (?:\d+\.\d+ )?)?")
# AMQP, MySQL and MariaDB, PostgreSQL, MQTT, Kafka: a connection that names no user, client or database yet.
_BROKEN_OFF = Late(
    r"\bclosing AMQP connection <[\d.]+> \([^()\s]+ -> [^()\s]+\):?\s*$"
    r"|^(?:\S+ ){0,4}\S*\s?(?:<[\d.]+> )?\{handshake_(?:timeout|error),\w*(?:handshake|header|starting)\w*\}\s*$"
    r"|\bAborted connection \d+ to db: 'unconnected' user: 'unauthenticated'|\bincomplete startup packet\b"
    r"|\bclient <?unknown>? (?:closed its connection|disconnected)"
)
_CAME_IN = Late(
    r"\bauthenticated and granted access\b|\bconnection authorized\b|\bconnection authenticated\b|\bready (?:for"
    r"|to accept) connections\b|\bNew client connected\b"
)
_INDENTED = 6  # lines between a line and what it owns
# What a server reports about one of its clients: AMQP, NATS, Redis (a replica is no client), Kafka.
# ... what shows that others come in, and how many for each that goes: then it is that client's own matter.
_CLIENT_GONE = (
    (
        Late(
            r"\bmissed heartbeats from client\b|\bSlow Consumer Detected\b"
            r"|\bClient id=\d+ (?!.*\bflags=\w*S).*\bscheduled to be closed ASAP\b"
        ),
        Late(
            _CAME_IN.source + r"|\baccepting AMQP connection\b|\bClient connection created\b"
            r"|\bBackground saving terminated with success\b"
        ),
        3,
    ),
    (Late(r"\bMember \S+ in group \S+ has failed, removing it\b"), Late(r"\bStabilized group\b"), 1),
)
# An old release that failed, in a history whose newest one is deployed (helm history).
_ROW = r"^\d+\s+\w{3} \w{3} +\d+ [\d:]{8} \d{4}\s+"
_FAILED_ONCE, _DEPLOYED = Late(_ROW + r"failed\b"), Late(_ROW + r"deployed\b")
# A person who reports what was: that is no line of a program.
_PAST = Late(
    r"\b(?:last (?:week|month|night|year|time)|yesterday|(?:days?|weeks?|months?) ago|post-?\s?mortem"
    r"|on (?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
)
_PERSON = Late(r"\b(?:we|I|our|us|my)\b(?!\s*[=:])")
_CALLERS, _SERVED = 0.15, 10  # share of a log's lines that complains of callers; lines of work that goes on beside it
_PARAGRAPH = 8  # lines
_WORDS = 6


def passed_until(log: LogDigest) -> int:
    """Return the last line of a run with an end of its own, tests or a command, that ended well; 0 where none did.

    What is before it, builds and retries included, did not keep the run from its end. A part that failed is not undone
    by another one that did not.
    """
    remarks, last = builtin().remarks, 0
    for group in log.groups:
        if ends_badly(group):
            return 0
        if remarks.fits("done", _FRAME.sub("", group.text.partition("\n")[0])):
            last = max(last, group.last_line)
    return last


def ends_badly(group: LogGroup) -> bool:
    """Return whether a line is the last word of a run, or of a tool, that reports a failure."""
    return builtin().remarks.fits("undone", _FRAME.sub("", group.text.partition("\n")[0]))


def quiet(log: LogDigest) -> frozenset[int]:
    """Return the ids of the groups that nobody complains of: lines at level DEBUG or TRACE, strangers' calls."""
    strangers = _strangers(log) | _one_clients_matter(log) | _callers_matter(log) | _history(log) | _prose(log)
    owned = [g for g in log.groups if g.kind == "traceback" or (g.kind != "plain" and g.text[:1].isspace())]
    if not owned:
        return strangers
    ends = {line: group for group in log.groups for line in (group.first_line, group.last_line)}
    return strangers | {id(group) for group in owned if _is_quiet(group, ends)}


def _strangers(log: LogDigest) -> frozenset[int]:
    """Return what servers report about connections that break off before they state whose they are: TCP checks.

    Only where others come in: a server that keeps everybody waiting breaks off handshakes, too.
    """
    broken = [group for group in log.groups if _BROKEN_OFF.search(group.text)]
    if not broken or not any(_CAME_IN.search(group.text) for group in log.groups):
        return frozenset()
    return frozenset(id(group) for group in broken)


def _one_clients_matter(log: LogDigest) -> frozenset[int]:
    """Return what a server reports about single clients that went, where others come in after the last of them."""
    found: set[int] = set()
    for pattern, another, share in _CLIENT_GONE:
        gone = [group for group in log.groups if pattern.search(group.text)]
        if not gone:
            continue
        last, often = max(group.last_line for group in gone), sum(group.count for group in gone)
        came = [group for group in log.groups if another.search(group.text)]
        if any(group.last_line > last for group in came) and sum(group.count for group in came) >= share * often:
            found.update(map(id, gone))
    return frozenset(found)


def _callers_matter(log: LogDigest) -> frozenset[int]:
    """Return warnings about callers that may not, where they are few among the many that are served to the end."""
    remarks = builtin().remarks
    # What this program threw was refused to itself: it is the caller.
    asked = [g for g in log.groups if g.kind != "traceback" and level_of(g.text) <= Level.WARNING]
    found = [g for g in asked if remarks.fits("caller", g.text)]
    last = max((group.last_line for group in found), default=0)
    served = [g for g in log.groups if g.kind == "plain" and g.last_line > last]
    few = sum(g.count for g in found) <= _CALLERS * log.lines
    return frozenset(map(id, found)) if few and sum(g.count for g in served) >= _SERVED else frozenset()


def _history(log: LogDigest) -> frozenset[int]:
    failed = [group for group in log.groups if _FAILED_ONCE.search(group.text)]
    last = max((group.last_line for group in failed), default=0)
    deployed = any(group.first_line > last and _DEPLOYED.search(group.text) for group in log.groups)
    return frozenset(map(id, failed)) if deployed else frozenset()


def _prose(log: LogDigest) -> frozenset[int]:
    """Return the sentences of a person about what was, with the paragraph around them."""
    written = {g.first_line: g for g in log.groups if g.count == 1 and _is_sentence(g)}
    found: set[int] = set()
    for line, group in written.items():
        if not _PAST.search(group.text):
            continue
        paragraph = {id(group): group.text}
        for step in (1, -1):
            at = line + step
            while at in written and abs(at - line) <= _PARAGRAPH:
                paragraph[id(written[at])] = written[at].text
                at += step
        if any(_PERSON.search(text) for text in paragraph.values()):
            found.update(paragraph)
    return frozenset(found)


def _is_sentence(group: LogGroup) -> bool:
    if group.kind == "traceback" or group.first_at is not None or group.text[:1] in ("{", "[", " ", "\t"):
        return False
    words = [word for word in group.text.split() if word.strip(".,;:()\"'!?").isalpha()]
    return len(words) >= _WORDS and len(words) * 2 >= len(group.text.split())


def _is_quiet(group: LogGroup, ends: Mapping[int, LogGroup]) -> bool:
    if level_of(group.text.partition("\n")[0]) == Level.DEBUG:
        return True
    for line in range(group.first_line - 1, group.first_line - _INDENTED, -1):
        owner = ends.get(line)
        if owner is None or owner.kind == "traceback":
            return False
        if not owner.text[:1].isspace():
            return level_of(owner.text) == Level.DEBUG and owner.count >= group.count
    return False
