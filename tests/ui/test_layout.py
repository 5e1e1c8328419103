"""Texts cut to a length: what is left can be read."""

from hypothesis import given
from hypothesis import strategies as st

from opsagent.ui.layout import shortened


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=200), st.integers(10, 120))
def test_a_text_without_spaces_keeps_its_ends(text: str, most: int) -> None:
    """Nothing longer than asked for; what is left is the text's beginning and its end."""
    cut = shortened(text, most)
    assert len(cut) <= most
    begin, _, end = cut.partition(" … ")
    assert text.startswith(begin)
    assert text.endswith(end)


@given(st.lists(st.sampled_from(["a", "pod", "status:", "containers", "unready"]), max_size=60), st.integers(40, 120))
def test_words_are_cut_out_whole(words: list[str], most: int) -> None:
    """No half word beside the ellipsis where words are short."""
    cut = shortened(" ".join(words), most)
    assert len(cut) <= most
    assert set(cut.split()) <= {*words, "…"}
