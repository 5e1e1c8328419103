"""A model's claims, tested in code against the evidence that they cite: quote, figures, names, time, call path."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from opsagent.models.evidence import Evidence
from opsagent.models.opinion import Claim
from opsagent.models.service import CallGraph

_SHORTEST = 4  # characters of a quote: fewer occur anywhere
# Kubernetes stamps in whole seconds, and the clocks of two nodes differ by a few.
_SKEW = timedelta(seconds=10)
_ID = re.compile(r"\bE\d{1,5}\b")
_FIGURE = re.compile(r"(?<![\w.])\d+(?:[.,:]\d+)*")
_TOKEN = re.compile(r"[^\W_](?:[\w.:/@-]*[^\W_])?")
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2,}[a-z]")
_KIND = re.compile(
    r"(?:Deployment|Pod|Service|Node|ConfigMap|Secret|(?:Stateful|Daemon|Replica)Set|(?:Cron)?Job|Ingress|"
    r"(?:Network|LimitRange|ResourceQuota)\w*|PersistentVolume(?:Claim)?|StorageClass|ServiceAccount)s?"
)
_ORDINARY = frozenset({
    "and/or", "e.g", "i.e", "i/o", "read-only", "read-write", "read/write", "non-zero", "out-of-memory",
    "out-of-date", "up-to-date", "time-out", "back-off", "start-up", "shut-down", "roll-back", "roll-out",
    "re-try", "long-running", "single-threaded",
})  # fmt: skip
_LETTERS = re.compile(r"[^\W\d_]{5,}")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
# A particle follows a name or a figure without a blank: "blog.db\uac00", "25\uac1c".
_JOINT = re.compile(r"(?<=[0-9A-Za-z])(?=[\uac00-\ud7a3])|(?<=[\uac00-\ud7a3])(?=[0-9A-Za-z])")
_UNIT = re.compile(r"(?<=\d)(?=(?:[mun\u00b5]?s|min|h|[KMGT]i?B|B)\b)")  # "5001ms" is 5001 ms
_OWN_SCRIPT = re.compile(r"[A-Za-z]{3,}|\d+")
_STEM = 5
_SHARED = 0.5


def judged(
    claims: Iterable[Claim], evidence: Mapping[str, Evidence], *, known: Collection[str], about: Sequence[str]
) -> tuple[Claim, ...]:
    """Return the claims with the result of their tests.

    `known`: names of objects, services and products that a text may use; `about`: those it may use without evidence.
    """
    vocabulary = {_plain(name) for name in known if len(name) > 2}
    marked = ((claim, _wrong(claim, evidence.get(claim.evidence), vocabulary, about)) for claim in claims)
    return tuple(replace(claim, supported=not why, why=why) for claim, why in marked)


def unfounded(text: str, sources: Iterable[Evidence], *, known: Collection[str], about: Sequence[str]) -> str:
    """Return the first figure or name of a text that is in none of the sources; "" where each is."""
    return _made_up(text, " ".join(map(_all_of, sources)), {_plain(name) for name in known if len(name) > 2}, about)


def related(text: str, sources: Iterable[Evidence]) -> bool:
    """Return whether at least half of a text's longer words are in the sources, by their first letters.

    Of a Korean sentence about evidence in another language the names and figures count.
    """
    there = " ".join(map(_all_of, sources)).casefold()
    translated = _HANGUL.search(text) is not None and _HANGUL.search(there) is None
    words = [word[:_STEM] for word in (_OWN_SCRIPT if translated else _LETTERS).findall(text.casefold())]
    return bool(words) and sum(word in there for word in words) >= _SHARED * len(words)


def late(claims: Iterable[Claim], evidence: Mapping[str, Evidence], symptom: Iterable[Evidence]) -> str:
    """Return why a cause is too late: all that is quoted for it came after the symptom was last seen; else ""."""
    ids = {claim.evidence for claim in claims if claim.supported}
    causes = [piece.at for name in ids if (piece := evidence.get(name)) is not None]
    seen = [piece.at for piece in symptom if piece.at is not None and piece.id not in ids]
    begun = [at for at in causes if at is not None]
    if not seen or len(begun) < len(causes) or not begun or min(begun) <= max(seen) + _SKEW:
        return ""
    return f"it begins at {_clock(min(begun))}, after the symptom at {_clock(max(seen))}"


def off_path(service: str | None, patient: str | None, calls: CallGraph) -> str:
    """Return why a service cannot be the cause: the patient neither calls it nor is called by it; else ""."""
    if service is None or patient is None or service == patient or not any(calls.calls.values()):
        return ""
    if patient not in calls.calls or service in (*calls.below(patient), *calls.callers(patient)):
        return ""
    return f"{service} is not on the call path of {patient}"


def _wrong(claim: Claim, piece: Evidence | None, known: Collection[str], about: Sequence[str]) -> str:
    if piece is None:
        return "it cites no evidence"
    quote, there = _flat(claim.quote).strip("… ."), _flat(piece.text)
    if not quote or (len(quote) < _SHORTEST and quote != there):
        return "it quotes nothing"
    if quote not in there:
        return f"the quote is not in {piece.id}"
    if not claim.text.strip():
        return "it reports nothing"
    made_up = _made_up(claim.text, _all_of(piece), known, about)
    return f"{made_up!r} is not in {piece.id}" if made_up else ""


def _made_up(text: str, there: str, known: Collection[str], about: Sequence[str]) -> str:
    """Return the first figure or name that is nowhere in the sources and is not what the text is about."""
    spoken = _UNIT.sub(" ", _JOINT.sub(" ", _ID.sub(" ", text)))
    for name in about:
        spoken = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", " ", spoken, flags=re.IGNORECASE)
    for figure in (match[0] for match in _FIGURE.finditer(spoken)):
        if not _occurs(figure, there) and not _occurs(figure.replace(",", ""), there):
            return figure[:60]
    plain = _plain(there)
    for token in (match[0] for match in _TOKEN.finditer(spoken)):
        if _is_name(token, known) and _plain(token) not in plain:
            return token[:60]
    return ""


def _occurs(figure: str, there: str) -> bool:
    """Return whether a figure is in a text as such, not as a part of a longer one."""
    return re.search(rf"(?<!\d)(?<!\d[.,]){re.escape(figure)}(?![.,]?\d)", there) is not None


def _is_name(token: str, known: Collection[str]) -> bool:
    """Return whether a token names one thing, as far as its form or the incident shows it."""
    word = token.casefold()
    if word in _ORDINARY or _KIND.fullmatch(token) or _FIGURE.fullmatch(token):
        return False
    joined = any(sign in token for sign in "-_/.:@")
    mixed = any(sign.isdigit() for sign in token) and any(sign.isalpha() for sign in token)
    return joined or mixed or bool(_CAMEL.search(token)) or _plain(token) in known


def _plain(text: str) -> str:
    """Return a name without what separates its parts: "connection-refused" is "connection refused"."""
    return " ".join(re.sub(r"[-_\s]+", " ", text.casefold()).split())


def _flat(text: str) -> str:
    return " ".join(text.split()).casefold()


def _all_of(piece: Evidence) -> str:
    at = f" {piece.at:%Y-%m-%dT%H:%M:%SZ %H:%M:%S %H:%M}" if piece.at else ""
    return f"{piece.text} {piece.where}{at}"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"
