"""The lines of a log that a pattern may match: none is missed, whatever the log and the cuts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsagent.redact import Redactor
from opsagent.tools.candidates import candidates, literals_in, stands_anywhere
from opsagent.tools.log_lines import pieces, split_stamp
from opsagent.tools.logs import _found
from opsagent.tools.pattern import compile_pattern

STAMP = b"2026-11-22T12:00:00.000000001Z "
LINES = st.one_of(
    st.binary(max_size=30), st.sampled_from((STAMP + b"a b", b"\r", b"", b"abc\r", b"caf\xff", b" a", b"x" * 99))
)
PATTERNS = (
    "a",
    "a.*c",
    "x*",
    "(?i)B|c",
    "[^b]c",
    "caf.",
    r"\ba\b",
    r"\Ba",
    r"\s",
    "(?s)a.b",
    "^a",
    "c$",
    r"\Aabc\z",
    "1Z a",
    "abc|caf",
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=12), st.sampled_from(PATTERNS), st.integers(1, 60))
def test_the_same_lines_as_one_by_one(lines: list[bytes], pattern: str, step: int) -> None:
    """A search by blocks finds the very lines that a check of each of them finds."""
    log, wanted = b"\n".join(lines), compile_pattern(pattern)
    chunks = [log[start : start + step] for start in range(0, len(log), step)]
    found = [match.line for match in _found(chunks, "log", wanted, Redactor())]
    each = pieces(chunks, 1 << 20)
    assert found == [n for n, line in each if wanted.search(split_stamp(line.decode("utf-8", "replace"))[1])]


@pytest.mark.parametrize(
    ("pattern", "expected"), [("a|b", True), ("[^a]", True), ("^a", False), ("a$", False), (r"\Aa", False)]
)
def test_a_pattern_that_names_a_place_is_asked_of_each_line(pattern: str, expected: bool) -> None:
    """The start of a line is not where its stamp begins, nor its end behind a carriage return."""
    assert stands_anywhere(pattern) is expected


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("database is locked", (b"database is locked",)),
        ("locked|payment 99[0-9]{3} failed", (b"locked", b"payment 99")),
        ("(Timeout|Refused) after", (b"Refused", b"Timeout")),
        ("a?bcd+", ()),
        ("(?i)locked", ()),
        ("[[:alpha:]]locked", ()),
        (r"\pLlocked", ()),
        (r"\Qa.b\E", ()),
        ("[a-z]+", ()),
        ("ab|locked", ()),
        ("not decoded: \N{REPLACEMENT CHARACTER}", ()),
        ("", ()),
    ],
)
def test_texts_that_every_match_holds(pattern: str, texts: tuple[bytes, ...]) -> None:
    """They are known where both syntaxes agree, as they are written; elsewhere nothing is spared."""
    assert literals_in(pattern) == texts


WORDS = st.lists(st.sampled_from([b"locked", b"LOCKED", b"is locked\r", b"payment 99123", b"x", b"\xff"]), max_size=30)
WITH_TEXTS = ("locked", "is (locked|free)", "payment 99[0-9]+", "l.cked|payment")


@given(st.lists(WORDS, max_size=10), st.sampled_from(WITH_TEXTS))
def test_texts_lose_no_line(lines: list[list[bytes]], pattern: str) -> None:
    """Whatever the log, the lines that match are the same with and without the texts."""
    wanted, log = compile_pattern(pattern), b"\n".join(b" ".join(line) for line in lines)
    chunks = [log[at : at + 7] for at in range(0, len(log), 7)]

    def found(texts: tuple[bytes, ...]) -> list[tuple[int, str]]:
        hits = ((number, line.decode("utf-8", "replace")) for number, line in candidates(chunks, 1000, wanted, texts))
        return [(number, line) for number, line in hits if wanted.search(line)]

    assert found(literals_in(pattern)) == found(())


def test_texts_that_are_everywhere_are_not_searched_for_one_by_one() -> None:
    """A text in thousands of lines: the pattern alone decides, and its lines keep their numbers."""
    wanted = compile_pattern("ready [0-9]{3} times")
    log = b"".join(b"ready %d times\n" % (number % 1000) for number in range(3000))
    hits = list(candidates([log], 1000, wanted, literals_in("ready [0-9]{3} times")))
    matching = [number for number, line in hits if wanted.search(line.decode())]
    assert matching == [number + 1 for number in range(3000) if number % 1000 >= 100]
    assert len(hits) <= len(matching) + 100
