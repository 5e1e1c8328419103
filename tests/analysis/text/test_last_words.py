"""A record in its own words: what message and error of a structured one state, and a plain line without frame."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.analysis.text.last_words import last_words
from tests.analysis.logs.said import summaries


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ('{"level":"error","msg":"flush failed","error":"code: 252, parts"}', "flush failed; code: 252, parts"),
        ('{"level":50,"msg":"boom","err":{"message":"no","stack":"E: no\\n  at x"}}', "boom; no; E: no"),
        ('{"log":"{\\"level\\":\\"error\\",\\"message\\":\\"inner\\"}\\n","stream":"stderr"}', "inner"),
        ('{"record":{"sql_state_code":"08P01","message":"gone"}}', "gone; sql_state_code 08P01"),
        ('time=2026-11-22T03:04:05Z level=error msg="cannot go on" err="EOF"', "cannot go on; EOF"),
        ("2026-11-22T03:04:05.123Z ERROR the door stays shut", "the door stays shut"),
        ("E1122 03:04:05.123456       1 run.go:71] the door stays shut", "the door stays shut"),
        ("nothing around it", "nothing around it"),
    ],
)  # fmt: skip
def test_the_frame_of_a_record_is_left_out(record: str, words: str) -> None:
    """The message comes first, then the error beside it; times, levels and loggers are left out."""
    assert last_words(record) == words


@given(
    st.one_of(
        st.text(), st.recursive(st.text() | st.integers(), lambda x: st.dictionaries(st.text(), x)).map(json.dumps)
    )
)
def test_any_text_gives_one_short_line(text: str) -> None:
    """Whatever a program wrote, the quote is one line of at most 200 characters."""
    words = last_words(text)
    assert len(words) <= 200
    assert "\n" not in words


def test_what_is_not_understood_is_quoted() -> None:
    """An unknown failure names the message, how often it came, and when it came first and last."""
    lines = [f"2026-11-22T03:04:0{n}Z INFO order {n} stored" for n in range(9)]
    lines += [f"2026-11-22T03:05:0{n}Z ERROR the vault door stays shut: badge 7 was not honoured" for n in range(4)]
    (summary,) = summaries("\n".join(lines) + "\n")
    assert '"the vault door stays shut: badge 7 was not honoured" (4 times, from 03:05:00 to 03:05:03 UTC)' in summary
