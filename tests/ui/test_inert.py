"""Nothing that a log states can steer a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.ui.inert import inert

_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ANY = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2J\x1b[31mred", r"\x1b[2J\x1b[31mred"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", r"\x1b]8;;http://evil\x07link\x1b]8;;\x07"),
        ("\x1bPq#0\x1b\\", "\\x1bPq#0\\x1b\\"),
        ("\x9b31m c1", r"\x9b31m c1"),
        ("a\x00b\x7f\x08", r"a\0b\x7f\x08"),
        ("user\u202etxt.exe", r"user\u202etxt.exe"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("x\ufe0f\U000e0041", r"x\ufe0f\U000e0041"),
        ("half \ud83d pair", r"half \ud83d pair"),
        ("one\ntwo\rthree", r"one\ntwo\rthree"),
        ("col\tumn", "col    umn"),
        ("[/red][link=x]로그인 실패 é ✓", "[/red][link=x]로그인 실패 é ✓"),
        ("Z" + "\u0300" * 5, "Z\u0300\u0300\u0300\\u0300\\u0300"),
        ("\u3164\u115f", r"\u3164\u115f"),
    ],
)
def test_what_steers_is_written_out(hostile: str, shown: str) -> None:
    """Escapes, controls, bidi, invisible and broken characters become something to read; the rest stays."""
    assert inert(hostile) == shown


def test_newlines_are_kept_when_asked_for() -> None:
    """Line feeds stay with `newlines`, CR LF counts as one, a lone carriage return is still written out."""
    assert inert("a\r\nb\nc\rd", newlines=True) == "a\nb\nc\\rd"


@given(_ANY)
def test_no_control_character_comes_through(text: str) -> None:
    """Whatever goes in, nothing that controls, reorders or hides comes out, and it can be encoded."""
    shown = inert(text)
    assert not [char for char in shown if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert not set(shown) & set(_BIDI)
    shown.encode("utf-8")


@given(_ANY)
def test_inert_text_stays_as_it_is(text: str) -> None:
    """Making it inert twice changes nothing more."""
    assert inert(inert(text)) == inert(text)


@given(_ANY)
def test_newlines_is_the_only_control_that_is_ever_kept(text: str) -> None:
    """With `newlines` each line is as inert as on its own."""
    assert all(unicodedata.category(char) != "Cc" for line in inert(text, newlines=True).split("\n") for char in line)
