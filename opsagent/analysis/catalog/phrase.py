"""Wordings of failures as data: a meaning, the phrases by which programs print it, and what they must not match.

The sources are phrases/*.yaml; `compiled()` returns what the matcher needs of them, read from one JSON file.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from opsagent.analysis.catalog.literals import literals_of
from opsagent.models.evidence import UNKNOWN

Where = str  # "log", "event", "condition" or "alert"
EVERYWHERE: tuple[Where, ...] = ("log", "event", "condition", "alert")
_LAST_LINK = 9
LONGEST = 120  # a longer pattern cannot be reviewed
_NAME = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reading of text concludes: a code, how firmly, and in which words."""

    code: str
    strength: float
    link: int  # place in a causal chain within one log: 0 for first links, 9 for the last symptom
    summary: str  # "{what}" stands for what is blamed
    variant: str | None = None
    blames: bool = False  # a complaint about somebody else: the line names a host
    weak: bool = False  # proves nothing alone; many of them, or consequences in the same log, do
    lasting: bool | None = None  # whether a later success leaves it as it is; None: its code decides

    @property
    def unexplained(self) -> bool:
        """Return whether it concludes that something is wrong, and not why."""
        return self.code == UNKNOWN


def unexplained(strength: float, summary: str, *, lasting: bool | None = None) -> Verdict:
    """Return the verdict that something is wrong for a reason that no rule knows: the last link of every chain."""
    return Verdict(UNKNOWN, strength, _LAST_LINK, summary, lasting=lasting)


@dataclass(frozen=True, slots=True)
class Phrase:
    """One wording, as some program prints it."""

    pattern: str  # RE2, case ignored, named sub-patterns expanded
    literals: tuple[str, ...]  # one of these, lower case, occurs in every match; empty: not known
    needs: str | None = None  # another pattern that the same line must match
    where: tuple[Where, ...] = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Meaning:
    """A verdict with all its wordings; of the meanings that fit one line the lowest order counts."""

    order: int
    verdict: Verdict
    phrases: tuple[Phrase, ...]
    vetoes: tuple[str, ...] = ()  # a line that matches one of these is another matter
    least_s: float = 0.0  # the patterns' groups are times: the first is at least so long, and far above a second one

    @property
    def id(self) -> str:
        """Return the name by which a pack switches it off: "volume.disk-full#730"."""
        return f"{self.verdict.code}#{self.order}"


@cache
def compiled() -> tuple[Meaning, ...]:
    """Return the built-in meanings in their order, from the compiled file."""
    text = resources.files("opsagent.analysis.catalog").joinpath("phrases.json").read_text("utf-8")
    return tuple(_restored(entry) for entry in json.loads(text))


def meanings_of(documents: Iterable[Mapping[str, Any]], patterns: Mapping[str, str]) -> tuple[Meaning, ...]:
    """Return the meanings of phrase files in their order; ValueError names what is wrong with which row."""
    found = [_meaning(entry, patterns) for document in documents for entry in document["meanings"]]
    return tuple(sorted(found, key=lambda meaning: meaning.order))


def as_json(meanings: Sequence[Meaning]) -> str:
    """Return meanings as the text of the compiled file: one meaning a line."""
    return "[\n" + ",\n".join(json.dumps(_kept(meaning), ensure_ascii=False) for meaning in meanings) + "\n]\n"


def expanded(pattern: str, patterns: Mapping[str, str]) -> str:
    """Replace {name} by the sub-pattern of that name; a repetition such as {0,40} stays."""
    return _NAME.sub(lambda found: patterns[found[1]] if found[1] in patterns else found[0], pattern)


def _meaning(entry: Mapping[str, Any], patterns: Mapping[str, str]) -> Meaning:
    verdict = Verdict(
        code=entry["code"],
        strength=float(entry["strength"]),
        link=int(entry["link"]),
        summary=entry["summary"],
        variant=entry.get("variant"),
        blames=bool(entry.get("blames", False)),
        weak=bool(entry.get("weak", False)),
        lasting=entry.get("lasting"),
    )
    return Meaning(
        order=int(entry["order"]),
        verdict=verdict,
        phrases=tuple(_phrase(row, patterns) for row in entry["phrases"]),
        vetoes=tuple(expanded(_shown(veto, "example")["pattern"], patterns) for veto in entry.get("vetoes", ())),
        least_s=float(entry.get("least_s", 0.0)),
    )


def _phrase(row: Mapping[str, Any], patterns: Mapping[str, str]) -> Phrase:
    _shown(row, "example", "not", "prints")
    pattern = expanded(row["pattern"], patterns)
    needs = expanded(row["needs"], patterns) if row.get("needs") else None
    return Phrase(pattern, literals_of(pattern), needs, tuple(row.get("where", EVERYWHERE)))


def _shown(row: Mapping[str, Any], *fields: str) -> Mapping[str, Any]:
    if len(row["pattern"]) > LONGEST:
        raise ValueError(f"pattern of {len(row['pattern'])} characters, at most {LONGEST}: {row['pattern']}")
    for name in fields:
        if not row.get(name):
            raise ValueError(f"{name} is missing: {row['pattern']}")
    return row


def _kept(meaning: Meaning) -> dict[str, Any]:
    verdict = meaning.verdict
    kept: dict[str, Any] = {"order": meaning.order, "code": verdict.code, "strength": verdict.strength}
    kept |= {"link": verdict.link, "summary": verdict.summary}
    for name in ("variant", "blames", "weak", "lasting"):
        value = getattr(verdict, name)
        if value not in (None, False) or (name == "lasting" and value is not None):
            kept[name] = value
    if meaning.vetoes:
        kept["vetoes"] = list(meaning.vetoes)
    if meaning.least_s:
        kept["least_s"] = meaning.least_s
    kept["phrases"] = [_kept_phrase(phrase) for phrase in meaning.phrases]
    return kept


def _kept_phrase(phrase: Phrase) -> list[Any]:
    where = None if phrase.where == EVERYWHERE else list(phrase.where)
    kept = [phrase.pattern, list(phrase.literals), phrase.needs, where]
    while kept[-1] is None:
        kept.pop()
    return kept


def _restored(entry: Mapping[str, Any]) -> Meaning:
    verdict = Verdict(
        entry["code"], entry["strength"], entry["link"], entry["summary"], entry.get("variant"),
        entry.get("blames", False), entry.get("weak", False), entry.get("lasting"),
    )  # fmt: skip
    phrases = tuple(_restored_phrase(*kept) for kept in entry["phrases"])
    return Meaning(entry["order"], verdict, phrases, tuple(entry.get("vetoes", ())), entry.get("least_s", 0.0))


def _restored_phrase(
    pattern: str, literals: Sequence[str], needs: str | None = None, where: Sequence[Where] | None = None
) -> Phrase:
    return Phrase(pattern, tuple(literals), needs, tuple(where) if where else EVERYWHERE)
