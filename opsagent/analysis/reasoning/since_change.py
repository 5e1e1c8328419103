"""Broken since the last change: a complaint that began after a revision, perhaps about what it changed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.reasoning.suspects import Suspect
from opsagent.models.evidence import Change, Finding

_FAINT = 0.45  # a finding fainter than this is not trouble yet: a program that was started only just now
_FIRM = 0.75  # a finding this firm needs no change to explain it
_LATELY = timedelta(hours=1)  # between a change and what it broke
_RELATED = timedelta(hours=6)  # where the complaint names what was changed
_SETTING = re.compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+) (?:added|changed|removed)\b")
_ADDRESS = re.compile(r"_(?:URL|URI|HOST|HOSTNAME|ADDR|ADDRESS|ENDPOINT|DSN|SERVER|SERVERS|PORT)$")
_WORD = re.compile(r"[a-z]{4,}")
_STEM = 5  # letters: "expiry" and "expired" are about one thing
_PLAIN = frozenset({"error", "servi", "faile", "http", "https", "reque"})


def since_change(suspects: Sequence[Suspect], changes: Iterable[Change], catalog: Catalog) -> list[Finding]:
    """Return what the newest revision before a complaint explains of it; live logs and restarts prove no change."""
    revisions = [change for change in changes if change.text.startswith("revision ")]
    return [finding for suspect in suspects for finding in _explained(suspect, revisions, catalog)]


def _explained(suspect: Suspect, revisions: Sequence[Change], catalog: Catalog) -> Iterator[Finding]:
    unreached, vague = (catalog.is_a(suspect.code, tag) for tag in ("unreached", "vague"))
    if suspect.at is None or suspect.object is None or not (unreached or vague):
        return
    before = [r for r in revisions if r.object == suspect.object and timedelta(0) <= suspect.at - r.at <= _RELATED]
    if not before:
        return
    change = max(before, key=lambda revision: revision.at)
    said = " ".join([suspect.code, *(o.text for f in suspect.findings for o in f.observations[:3])])
    setting = next((name for name in _SETTING.findall(change.text) if _about(name, said)), None)
    which = change.text.split(":", 1)[0]
    if unreached:
        if setting and _ADDRESS.search(setting):
            text = f"{setting} was changed ({which}), and since then the address it gives does not answer."
            yield _finding("config.wrong-address", suspect, change, 0.72, text)
    elif setting:
        text = f"{setting} was changed ({which}), and since then the log complains of just that."
        yield _finding("config.invalid", suspect, change, 0.7, text)
    elif _FAINT <= suspect.score < _FIRM and suspect.at - change.at <= _LATELY:
        text = f"The trouble began after {which}; nothing of it was seen before."
        yield _finding("rollout.bad-revision", suspect, change, 0.55, text)


def _finding(code: str, suspect: Suspect, change: Change, strength: float, text: str) -> Finding:
    seen = (change.observation, *suspect.findings[0].observations[:1])
    return Finding(code, suspect.object, suspect.service, strength, text, seen, at=change.at)


def _about(setting: str, said: str) -> bool:
    """Whether a text is about a setting: it holds two words of its name; of an address, one."""
    stems = {word[:_STEM] for word in _WORD.findall(setting.lower())} - _PLAIN
    shared = stems & {word[:_STEM] for word in _WORD.findall(said.lower())}
    return len(shared) >= (1 if _ADDRESS.search(setting) else 2)
