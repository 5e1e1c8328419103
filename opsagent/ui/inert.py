"""Hostile text made harmless for the terminal: whatever could steer it becomes something to read."""

import unicodedata
from functools import lru_cache

# Zs holds the ordinary space too; it and the no-break space only look like what they are.
_STEERING = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
_MARKS = {"Mn", "Me"}
_TAB = " " * 4
# A few accents belong to a letter; a heap of them paints over the lines above and below.
_MARKS_IN_A_ROW = 3
# Letters and marks by category, yet nothing is seen of them: fillers, joiners, variation selectors.
_INVISIBLE = (
    frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
    | {chr(code) for code in range(0xFE00, 0xFE10)}
    | {chr(code) for code in range(0xE0100, 0xE01F0)}
)


def inert(text: str, *, newlines: bool = False) -> str:
    r"""Return `text` with everything that a terminal would obey or hide written out as an escape (`\x1b`, `\u202e`).

    That is: C0 and C1 controls, DEL, bidi controls and isolates, zero-width, variation and tag characters, lone
    surrogates, unassigned code points, piled-up accents. A tab becomes spaces. `newlines` keeps line feeds (and reads
    CR LF as one); otherwise they are written out too. What comes back holds no control character and may be printed
    as it is, but not as markup: put it into a `rich.text.Text`.
    """
    if text.isascii() and text.isprintable():
        return text
    if newlines:
        return "\n".join(inert(line) for line in text.replace("\r\n", "\n").split("\n"))
    shown: list[str] = []
    marks = 0
    for char in text:
        piece, is_mark = _visible(char)
        marks = marks + 1 if is_mark else 0
        shown.append(_escape(char) if marks > _MARKS_IN_A_ROW else piece)
    return "".join(shown)


@lru_cache(maxsize=4096)
def _visible(char: str) -> tuple[str, bool]:
    if char == "\t":
        return _TAB, False
    category = unicodedata.category(char)
    if category in _STEERING or char in _INVISIBLE:
        return _escape(char), False
    return char, category in _MARKS


def _escape(char: str) -> str:
    known = {"\n": r"\n", "\r": r"\r", "\0": r"\0"}.get(char)
    code = ord(char)
    return known or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
