"""Which rules fit which lines of a digest, and how firmly."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.catalog.phrase import Phrase, Verdict, unexplained
from opsagent.analysis.logs.context.crashes import crash_of
from opsagent.analysis.logs.context.exempt import passed_until, quiet
from opsagent.analysis.logs.matching.engine import Matcher, matcher_of
from opsagent.analysis.logs.matching.proxy_flags import ended, flagged
from opsagent.analysis.logs.matching.routine import is_routine
from opsagent.analysis.text.levels import BENIGN, Level, answered, carries_event, level_of
from opsagent.analysis.text.own_words import coped_with, own_words, plain_words
from opsagent.analysis.text.peers import blamed, by_client, named, object_of
from opsagent.analysis.text.requests import answer
from opsagent.models.digest import LogDigest, LogGroup

_QUIET = 0.55  # what is left where the program itself calls the line information
_MILD = 0.85  # ... or a warning
# What browsers and scanners ask everybody for.
_PROBED = re.compile(
    r"favicon|robots\.txt|sitemap\.xml|apple-touch|\.(?:php|aspx?|env|git|cgi)\b|/wp-|\s\S*/\.\w", re.IGNORECASE
)
_WIDTH = 2_000
_GATEWAY_TIMEOUT = 504
_HINTS, _UNSAID = 0.3, "requests are answered 504"
_CALLED = re.compile(
    r"upstream|backend|://|\bhost|\bcluster|\bpeer|\b(?:callee|target|remote|service)[\"']?\s*[=:]|timed? ?-?out"
    r"|deadline",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(r"^\s*\.\.\. \((\d+) lines left out\)$")
_FRAME = re.compile(r"^(?:\s*\|?\s*)(?:File \"|at \S|\.{3} \d+ |\^|[~^]+$|from \S+:\d+)|^\s+\S")
_INNER = re.compile(
    r"^[\s|+]*(?:[\w.$]+(?:Error|Exception|Timeout|Refused|Fault|Exit|Group)\b.{0,4}:? |code: '|Caused by: "
    r"|address: |hostname: |\S+ ?: .*(?:Error|Exception))"
)


@dataclass(frozen=True, slots=True)
class Match:
    """One verdict on one line."""

    verdict: Verdict
    group: LogGroup
    line: int  # 1-based
    text: str
    strength: float
    blames: str | None
    object: str | None
    named: str | None
    phrase: Phrase | None = None  # what showed it, where a phrase did

    @classmethod
    def of_group(cls, verdict: Verdict, group: LogGroup) -> "Match":
        """Return what the first line of a group shows by itself: nobody is blamed, no object named."""
        return cls(verdict, group, group.first_line, group.text, verdict.strength, None, None, None)


def matches(log: LogDigest, matcher: Matcher | None = None) -> Iterator[Match]:
    """Yield what the phrases and the readers of single lines show in a digest; built-in phrases without a `matcher`."""
    matcher = matcher or matcher_of(builtin())
    passed, unheard = passed_until(log), quiet(log)
    for group in log.groups:
        found = False
        if group.kind == "noise" or group.last_line <= passed or id(group) in unheard:
            continue
        for line, text in _lines(group):
            match = _fit(matcher, group, line, text)
            if match is not None:
                found = True
                yield match
        if not found and not by_client(group.text):
            crash = crash_of(log, group)
            if crash is not None:
                rule, offset_line, text = crash
                yield Match(rule, group, offset_line, text, rule.strength, None, None, None)


def _lines(group: LogGroup) -> Iterator[tuple[int, str]]:
    """Give the lines of a sample that speak for themselves, with their place in the log; source lines do not."""
    if group.kind != "traceback":
        yield group.first_line, group.text[:_WIDTH]
        return
    at = group.first_line
    for text in group.text.split("\n"):
        gap = _LEFT_OUT.match(text)
        if gap:
            at += int(gap[1])
            continue
        if not _FRAME.match(text) or _INNER.match(text):
            yield at, text[:_WIDTH]
        at += 1


def _fit(matcher: Matcher, group: LogGroup, line: int, text: str) -> Match | None:
    level = level_of(text) if group.kind != "traceback" else Level.ERROR
    status = answered(own_words(text), level)
    if status is not None:
        return _fit_access(matcher.catalog, group, line, text, status)
    proxied = ended(matcher.catalog, text)
    if proxied is not None:
        return Match(proxied, group, line, text, proxied.strength, None, None, None)
    words = plain_words(text)
    if (level < Level.ERROR and BENIGN.search(words)) or is_routine(text):
        return None
    rest = BENIGN.sub(" ", words) if level >= Level.ERROR else words
    for meaning, phrase in matcher.fitting(rest):
        if not coped_with(meaning.verdict.code, rest, level):
            return _match(matcher.catalog, (meaning.verdict, phrase), group, (line, text), level)
    return None


def _match(
    known: Catalog, shown: tuple[Verdict, Phrase], group: LogGroup, at: tuple[int, str], level: Level
) -> Match | None:
    line, text = at
    verdict, phrase = shown
    whole = text if group.kind != "traceback" or blamed(text) else group.text
    peer = blamed(whole) if verdict.blames else None
    if known.is_a(verdict.code, "call") and by_client(text):
        return None
    verdict = _own_answer(known, _by_peer(known, verdict, peer), text)
    strength = verdict.strength
    if known.is_a(verdict.code, "stated") or carries_event(text):
        pass  # the platform or the kernel states a fact, under whatever level
    elif level in (Level.INFO, Level.DEBUG):
        strength *= _QUIET
    elif level == Level.WARNING:
        strength *= _MILD
    about = known.about(verdict.code)
    return Match(verdict, group, line, text, strength, peer, object_of(text, about), named(text, about), phrase)


def _own_answer(known: Catalog, verdict: Verdict, text: str) -> Verdict:
    """Call it unknown that the program itself answered 504: whom it waited for, if anybody, is not stated."""
    if known.about(verdict.code).failure != "silent" or _CALLED.search(text):
        return verdict
    one = answer(text)
    if one is None or one.status != _GATEWAY_TIMEOUT:
        return verdict
    own = unexplained(_HINTS, _UNSAID)
    return replace(verdict, code=own.code, strength=own.strength, link=own.link, summary=own.summary, blames=False)


def _by_peer(known: Catalog, verdict: Verdict, peer: str | None) -> Verdict:
    """Call a refused or silent database or cache by its name."""
    kind = known.peer_kind(name=peer) if known.is_a(verdict.code, "call") else None
    code = known.unreachable_code(kind)
    if code is None:
        return verdict
    summary = f"the {kind} cannot be reached ({{what}})"
    return replace(verdict, code=code, strength=min(0.85, verdict.strength + 0.05), link=2, summary=summary)


def _fit_access(known: Catalog, group: LogGroup, line: int, text: str, status: int) -> Match | None:
    """Judge an access line by its status and its proxy's flags: the path is the client's word."""
    proxied = flagged(known, text)
    if proxied is not None:
        if status == 404 and _PROBED.search(text):
            return None
        verdict, peer = proxied
        verdict = _by_peer(known, verdict, peer)
        return Match(verdict, group, line, text, verdict.strength, peer, None, None)
    if status not in (429, 502, 503, 504) or group.count < 1:
        return None
    code = "dependency.rate-limited" if status == 429 else "network.timeout" if status == 504 else "dependency.down"
    verdict = Verdict(code, 0.35 if status != 429 else 0.45, 6, f"requests are answered {status}")
    return Match(verdict, group, line, text, verdict.strength, None, None, None)
