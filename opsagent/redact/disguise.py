"""Text as it is read: a word does not stop being one because colours or invisible signs are inside it."""

import re
import unicodedata

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,32}[ -/]{0,4}[@-~]|\x1b\][^\x07\x1b\n]{0,400}(?:\x07|\x1b\\)?|\x1b[ -/]{0,4}[0-Z\\^-~]"
)
# Everything that has no width: controls but tab and line ends, soft hyphens, joiners, marks of direction, tags.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_PLAIN = re.compile(r"[\t\n\r\x20-\x7e]*+")


def undisguised(text: str) -> str:
    """Return the text without escape sequences and invisible signs, wide letters as plain ones; itself where it is so.

    What a terminal draws over (a backspace) stays readable here: nothing is executed, only left out.
    """
    if _PLAIN.fullmatch(text):
        return text
    plain = _INVISIBLE.sub("", _ESCAPES.sub("", text))
    plain = plain if plain.isascii() else unicodedata.normalize("NFKC", plain)
    return text if plain == text else plain
