"""Korean particles chosen by how the word before them ends: 로드 밸런서가, 컨테이너를, MySQL로.

A translation holds both forms, as Korean software writes them where it cannot know: "이(가)". The word in front decides
which one is drawn. Latin words are names here, and how they are read is a guess by their last letters: where a guess
would often be wrong, both forms stay.
"""

import re
from typing import NamedTuple

# As written in a translation: the form after a final consonant, the form after none.
_FORMS = {
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "은(는)": ("은", "는"),
    "과(와)": ("과", "와"),
    "와(과)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)": ("이", ""),
}
_AFTER_L = frozenset({"(으)로"})  # after ㄹ these are as after no consonant: 서울로
_BOTH = re.compile("|".join(map(re.escape, _FORMS)))
_BRACKET = re.compile(r"\s*\([^()]*\)$")  # 서비스(blog)가: what is read is the word before it
_CLOSING = " \t\n\"'”’`)]}>.,:;/…"
_WORD = re.compile(r"[A-Za-z]+$")

_FIRST, _LAST, _FINALS, _L = 0xAC00, 0xD7A3, 28, 8  # Hangul syllables, and how Unicode counts their final consonants
_DIGITS_FINAL, _DIGITS_L = frozenset("013678"), frozenset("178")  # 영 일 삼 육 칠 팔
_LETTERS_FINAL, _LETTERS_L = frozenset("lmnr"), frozenset("lr")  # 엘 엠 엔 알
_VOWELS = frozenset("aeiouy")
# Endings of Latin words and how they are read, longer ones first: "" open (포트), "m" closed (소켓), "l" by ㄹ (파일).
# What is not here is not known.
_ENDINGS = (
    *((tail, "") for tail in ("oot", "ait", "eet")),  # 루트 웨이트 시트
    *((tail, "m") for tail in ("me", "ne", "ng", "ck", "ok", "ic", "et", "it", "ot", "out", "pp", "eb", "ob")),
    *((tail, "") for tail in ("nt", "rt", "st", "xt", "ct", "ft", "lt", "nc", "rk", "sk", "nk", "ch", "sh", "th")),
    ("le", "l"), ("pe", None),  # 파일; 타입, but 파이프
    ("l", "l"), ("m", "m"), ("n", "m"),
    *((letter, "") for letter in "adefgiorsuvwxyz"),
)  # fmt: skip


class _Ending(NamedTuple):
    consonant: bool
    is_l: bool = False


_OPEN, _CLOSED, _CLOSED_L = _Ending(consonant=False), _Ending(consonant=True), _Ending(consonant=True, is_l=True)


def with_particles(literal: str, before: str) -> str:
    """Return a translation's own text with each of its particles chosen by the word that it follows.

    `before` is what is drawn in front of it, with names filled in; nothing inside it is changed.
    """
    done, end = "", 0
    for found in _BOTH.finditer(literal):
        done += literal[end : found.start()]
        done += particle(before + done, found[0])
        end = found.end()
    return done + literal[end:]


def particle(word: str, both: str) -> str:
    """Return the form of a particle that fits a word, or both forms where nobody knows how the word is read."""
    ending = _ending(word)
    if ending is None:
        return both
    closed, opened = _FORMS[both]
    return closed if ending.consonant and not (ending.is_l and both in _AFTER_L) else opened


def _ending(text: str) -> _Ending | None:
    """Return how a text ends when it is read aloud, or None."""
    word = _BRACKET.sub("", text).rstrip(_CLOSING)
    if not word:
        return None
    last = word[-1]
    if _FIRST <= ord(last) <= _LAST:
        final = (ord(last) - _FIRST) % _FINALS
        return (_CLOSED_L if final == _L else _CLOSED) if final else _OPEN
    if last in "0123456789":
        return (_CLOSED_L if last in _DIGITS_L else _CLOSED) if last in _DIGITS_FINAL else _OPEN
    latin = _WORD.search(word)
    return _latin(latin[0], spelled=word[: latin.start()][-1:].isdigit()) if latin else None


def _latin(word: str, *, spelled: bool) -> _Ending | None:
    """Return how a Latin word ends; abbreviations are spelled letter by letter."""
    small = word.lower()
    if spelled or word.isupper() or not _VOWELS & set(small):
        return (_CLOSED_L if small[-1] in _LETTERS_L else _CLOSED) if small[-1] in _LETTERS_FINAL else _OPEN
    how = next((how for tail, how in _ENDINGS if small.endswith(tail)), None)
    return None if how is None else {"": _OPEN, "m": _CLOSED, "l": _CLOSED_L}[how]
