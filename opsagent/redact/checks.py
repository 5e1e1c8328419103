"""Conditions beyond a pattern, by the names that the rows of secrets.yaml give them."""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Mapping

from opsagent.redact.rows import compiled

_CARD_BRANDS = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d|2\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}"
)
_ID_BEFORE = re.compile(r"(?:trace|span|request|correlation|parent|event)[._-]?id\W{1,4}$", re.IGNORECASE)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SENTENCE_WORD = re.compile(r"[A-Za-z'-]{1,40}")
_TELLING_ENDINGS = ("ed", "ing", "ly", "able", "ible", "n't")
_COUNTED = re.compile(r"\d{1,4}[.,;:!?)]*")
_ENDS_SENTENCE = ".,;:!?)]}"


def is_basic(value: str) -> bool:
    """Return whether `value` is base64 of `user:password`."""
    try:
        return b":" in a2b_base64(value[:4096] + "=" * (-len(value[:4096]) % 4), strict_mode=True)
    except (Base64Error, ValueError):
        return False


def _card(match: re.Match[str]) -> bool:
    """A card's number of a known brand, with its check digit, and no id of a trace."""
    digits = re.sub(r"[ -]", "", match.group(1))
    if not _CARD_BRANDS.fullmatch(digits) or not _luhn(digits):
        return False
    return not _ID_BEFORE.search(match.string[max(0, match.start() - 24) : match.start()])


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _birth_date(match: re.Match[str]) -> bool:
    """A resident's number begins with a day that exists; numbers given out since 2020 have no check digit."""
    month, day = int(match.group(1)[2:4]), int(match.group(1)[4:6])
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def _key_line(match: re.Match[str]) -> bool:
    """Base64 of random bytes holds capitals, small letters and digits or signs."""
    value = match.group(1)
    return value.upper() != value != value.lower() and not value.rstrip("=").isalpha()


def _mixed(match: re.Match[str]) -> bool:
    """A random token holds capitals, small letters and digits."""
    value = match.group(1)
    return value.upper() != value != value.lower() and any(char.isdigit() for char in value)


def _opaque(match: re.Match[str]) -> bool:
    """Not a word of a sentence: "Bearer authentication required"."""
    letters = re.sub("[_-]", "", match.group(1))
    worded = letters.isalpha() and (letters.islower() or letters.istitle() or letters.isupper())
    return not worded or len(match.group(1)) >= 24


def _not_prose(match: re.Match[str]) -> bool:
    """Not how a password is: "wrong", "expired", "8 characters long"."""
    value = match.group(1).rstrip(_ENDS_SENTENCE)
    if not value or _COUNTED.fullmatch(match.group(1)):
        return False
    word = value.lower()
    rows = compiled()
    prose = word in rows.prose or word in rows.described or word.endswith(_TELLING_ENDINGS)
    return not (prose and _SENTENCE_WORD.fullmatch(value))


CHECKS: Mapping[str, Callable[[re.Match[str]], bool]] = {
    "card": _card,
    "birth-date": _birth_date,
    "key-line": _key_line,
    "mixed": _mixed,
    "opaque": _opaque,
    "not-prose": _not_prose,
    "user-and-password": lambda match: is_basic(match.group(1)),
}
