"""The lines of a log that a pattern may match: none is missed, whatever the log and the cuts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsagent.redact import Redactor
from opsagent.tools.candidates import stands_anywhere
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
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=12), st.sampled_from(PATTERNS), st.integers(1, 60))
def test_the_same_lines_as_one_by_one(lines: list[bytes], pattern: str, step: int) -> None:
    """A search by blocks finds the very lines that a look at each of them finds."""
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
