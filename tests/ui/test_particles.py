"""Korean particles fit the word before them, and never touch a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.ui.particles import particle, with_particles
from opsagent.ui.translation import Translator

PAIRS = {
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)": ("이", ""),
}
SYLLABLES = st.integers(0xAC00, 0xD7A3).map(chr)


@pytest.mark.parametrize(
    ("word", "subject", "towards"),
    [
        ("로드 밸런서", "가", "로"),
        ("인시던트 목록", "이", "으로"),
        ("서울", "이", "로"),
        ("redis", "가", "로"),
        ("blog-service", "가", "로"),
        ("local-blog-service-6b5d9f8c77-zk4mh", "가", "로"),
        ("MySQL", "이", "로"),
        ("node", "가", "로"),
        ("username", "이", "으로"),
        ("web", "이", "으로"),
        ("socket", "이", "으로"),
        ("root", "가", "로"),
        ("deployment/api", "가", "로"),
        ("blog.db", "가", "로"),
        ("8005", "가", "로"),
        ("E7", "이", "로"),
        ("10", "이", "으로"),
        ("파드(blog-1)", "가", "로"),
        ("“설정”", "이", "으로"),
        ("type", "이(가)", "(으)로"),
        ("heartbeat", "이(가)", "(으)로"),
        ("Ωmega-Ω", "이(가)", "(으)로"),
        ("", "이(가)", "(으)로"),
        ("(…)", "이(가)", "(으)로"),
    ],
)
def test_the_form_fits_how_the_word_is_read(word: str, subject: str, towards: str) -> None:
    """Hangul by its final consonant, digits and abbreviations as spelled, Latin words by their ending, else both."""
    assert (particle(word, "이(가)"), particle(word, "(으)로")) == (subject, towards)


@given(st.text(max_size=20), SYLLABLES, st.sampled_from(sorted(PAIRS)))
def test_hangul_is_never_left_open(before: str, syllable: str, both: str) -> None:
    """Every syllable of Hangul decides; only ㄹ before 로 counts as no consonant."""
    closed, opened = PAIRS[both]
    final = (ord(syllable) - 0xAC00) % 28
    consonant = final not in ({0, 8} if both == "(으)로" else {0})
    assert particle(before + syllable, both) == (closed if consonant else opened)


@given(st.text(max_size=40), st.sampled_from(sorted(PAIRS)))
def test_a_particle_is_one_of_its_forms(word: str, both: str) -> None:
    """Whatever a name holds, what follows it is one of the forms or both of them."""
    assert particle(word, both) in {*PAIRS[both], both}


@given(st.text(max_size=40), st.text("가나다 .()이을은는으로과와를", max_size=20))
def test_only_the_particles_of_the_literal_change(before: str, literal: str) -> None:
    """A literal without a particle comes back as it is."""
    drawn = with_particles(literal, before)
    assert drawn == literal or any(both in literal for both in PAIRS)


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("blog", "blog가 redis를 기다림"),
        ("cron", "cron이 redis를 기다림"),
        ("이(가)", "이(가)가 redis를 기다림"),
    ],
)
def test_a_sentence_is_drawn_with_fitting_particles(name: str, drawn: str) -> None:
    """The translation's own particles are chosen; one that is in a name stays letter by letter."""
    korean = Translator({"{who!w} waits for {what}": "{who!w}이(가) {what}을(를) 기다림"})
    assert korean.sentence(f"{name} waits for redis") == drawn
