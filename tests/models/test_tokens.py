"""What a text costs is never estimated far too low, and what is shortened fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.models.tokens import estimate, shortened


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("The quick brown fox jumps over the lazy dog", 9, 14),
        ("2026-11-22T12:26:47Z ERROR sqlite3.OperationalError: database is locked", 18, 40),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 30, 64),
        ("aB3xYz9Q" * 20, 60, 160),
        ("사용자 인증에 실패했습니다", 13, 40),
        ("😀" * 10, 10, 40),
        ("=" * 400, 4, 110),
        ("", 0, 0),
    ],
)
def test_the_estimate_is_on_the_safe_side(text: str, least: int, most: int) -> None:
    """Prose, stamps, digests, base64, Korean, pictures: between what encodings really take and about twice that."""
    assert least <= estimate(text) <= most


@given(st.text(max_size=400), st.integers(1, 60))
def test_what_is_shortened_fits(text: str, most: int) -> None:
    """Whatever the text, it fits its room; what fits already is not touched."""
    cut = shortened(text, most)
    assert estimate(cut) <= most or len(cut) <= most
    if estimate(text) <= most:
        assert cut == text


def test_both_ends_of_a_long_line_stay() -> None:
    """The place is first, the cause last."""
    cut = shortened("place " + "filler " * 500 + "cause", 30)
    assert cut.startswith("place")
    assert cut.endswith("cause")
