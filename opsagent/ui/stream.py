"""A text stream that takes any text: what it cannot print becomes something plain instead of an exception."""

from collections.abc import Mapping
from typing import TextIO

# Each as wide as what it is for, so that columns stay where they are. A shortened name must not read as another
# name: "~" is in none.
_PLAIN = str.maketrans({
    "✓": "+", "✗": "x", "●": "*", "○": "o", "→": ">", "←": "<", "↑": "^", "↓": "v", "·": "-", "…": "~", "–": "-",
    "—": "-", "×": "x", "≥": ">", "≤": "<", "│": "|", "─": "-", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
    "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+", "▇": "*", "█": "#",
})  # fmt: skip
_PROBE = "✓→·…╭│"


def prints_marks(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether the stream, in this locale, can show box characters, arrows and check marks."""
    # PEP 538 and 540 state UTF-8 for the C locale too; a terminal that was reported C often cannot draw it.
    if (environ.get("LC_ALL") or environ.get("LANG")) in {"C", "POSIX"}:
        return False
    try:
        _PROBE.encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class PlainStream:
    """Write to `stream`, our marks in ASCII where `marks` is false, the rest escaped where it cannot be encoded.

    Calls itself ASCII then, so that Rich draws its boxes with `+`, `-` and `|`.
    """

    def __init__(self, stream: TextIO, *, marks: bool) -> None:
        self._stream = stream
        self._marks = marks

    @property
    def encoding(self) -> str:
        """The encoding as Rich asks for it."""
        return (self._stream.encoding or "utf-8") if self._marks else "ascii"

    def write(self, text: str) -> int:
        """Write the text, whatever it holds; return its length."""
        shown = text if self._marks else text.translate(_PLAIN)
        encoding = self._stream.encoding or "utf-8"
        try:
            shown.encode(encoding)
        except UnicodeEncodeError:
            shown = shown.encode(encoding, "backslashreplace").decode(encoding)
        self._stream.write(shown)
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's descriptor; OSError or ValueError where it has none."""
        return self._stream.fileno()
