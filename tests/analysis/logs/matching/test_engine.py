"""The engine: literals, patterns, what they need, times and vetoes, on a catalog of a few rows."""

import pytest

from opsagent.analysis.catalog.literals import literals_of
from opsagent.analysis.catalog.phrase import Meaning, Phrase, Verdict
from opsagent.analysis.logs.matching.engine import Matcher
from opsagent.analysis.text.durations import TIME


def _meaning(order: int, code: str, pattern: str, needs: str | None = None, **more: object) -> Meaning:
    phrase = Phrase(pattern, literals_of(pattern), needs, ("log", "event"))
    return Meaning(order, Verdict(code, 0.5, 3, ""), (phrase,), **more)  # type: ignore[arg-type]


def _codes(matcher: Matcher, text: str, where: str = "log") -> list[str]:
    return [meaning.verdict.code for meaning, _ in matcher.fitting(text, where)]


@pytest.mark.parametrize(
    ("text", "fits"),
    [("delay 2s, usually 20ms", True), ("delay 90ms, usually 20ms", False), ("delay 2s, usually 1s", False)],
)
def test_a_meaning_asks_for_a_time_that_is_long_and_far_above_the_usual(text: str, fits: bool) -> None:
    """Short ones, and long ones that are usual, do not fit."""
    matcher = Matcher([_meaning(1, "network.delay", rf"delay {TIME}, usually {TIME}", least_s=0.1)])
    assert bool(_codes(matcher, text)) is fits


def test_the_most_specific_meaning_comes_first_whatever_the_case() -> None:
    """Orders decide, not the places in a line or in a file."""
    matcher = Matcher([_meaning(1, "db.locked", "is locked"), _meaning(2, "unknown", "database")])
    assert _codes(matcher, "ERROR Database IS LOCKED") == ["db.locked", "unknown"]


def test_a_veto_silences_its_own_meaning_only() -> None:
    """What rules one meaning out may be another one's matter."""
    matcher = Matcher([_meaning(1, "db.locked", "is locked", vetoes=("by you",)), _meaning(2, "unknown", "database")])
    assert _codes(matcher, "database is locked by you") == ["unknown"]


def test_what_a_phrase_needs_has_to_be_in_the_same_line() -> None:
    """A weak wording counts beside the word that makes it telling."""
    matcher = Matcher([_meaning(1, "image.auth", "unauthorized", "pull")])
    assert _codes(matcher, "pull: unauthorized") == ["image.auth"]
    assert _codes(matcher, "unauthorized") == []


def test_a_phrase_counts_where_it_holds() -> None:
    """A wording of logs and events is none of an alert."""
    matcher = Matcher([_meaning(1, "db.locked", "is locked")])
    assert _codes(matcher, "database is locked", "event") == ["db.locked"]
    assert _codes(matcher, "database is locked", "alert") == []


def test_a_pattern_without_literal_text_is_searched_in_every_line() -> None:
    """The prefilter spares time, never an answer."""
    matcher = Matcher([_meaning(1, "unknown", r"\d+/\d+")])
    assert literals_of(r"\d+/\d+") == ()
    assert _codes(matcher, "3/4") == ["unknown"]
