"""Texts are cut by the cells that they take on a screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from opsagent.ui.layout import cells, clipped, padded, shortened


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("database", 8, "database"),
        ("database is locked", 9, "database…"),
        ("데이터베이스", 12, "데이터베이스"),
        ("데이터베이스", 11, "데이터베이…"),
        ("데이터베이스", 10, "데이터베…"),  # half a sign is none
        ("", 4, ""),
    ],
)
def test_a_text_is_cut_at_a_cell(text: str, most: int, cut: str) -> None:
    """A Korean sign takes two cells; the ellipsis takes one."""
    assert clipped(text, most) == cut


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60), st.integers(8, 40))
def test_no_cut_is_wider_than_it_may_be(text: str, most: int) -> None:
    """Whatever the script: what fits is left alone, what does not is cut to fit."""
    for cut in (clipped(text, most), shortened(text, most)):
        assert cell_len(cut) <= most
        assert cut == text if cell_len(text) <= most else cut != text
    assert cells(padded(text, most)) == max(most, cell_len(text))
