"""Text from outside inside Markdown: it is read, and becomes no link, heading, list, image or HTML."""

import re

from opsagent.ui.inert import inert

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$&])")
_LIST_START = re.compile(r"^([-+=]|\d+[.)])(?=\s|$|[-=])")
# What GitHub and others turn into links without any markup: addresses, mentions, issue numbers.
_SELF_LINKING = re.compile(r"://|@|www\.|#\d", re.IGNORECASE)
_FENCE = re.compile(r"`{3,}")
_TICKS = re.compile(r"`+")


def inline(text: str) -> str:
    """Return one line of text as Markdown that shows just that text."""
    words = [code(word) if _SELF_LINKING.search(word) else _escaped(word) for word in inert(text).split()]
    line = " ".join(words)
    return _LIST_START.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], line)


def code(text: str) -> str:
    """Return one line of text as a code span, whatever back-ticks it holds."""
    shown = inert(text).strip() or " "
    longest = max((len(run) for run in _TICKS.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def block(text: str, *, indent: str = "") -> str:
    """Return text of any number of lines as a code block, whatever fences it holds."""
    shown = inert(text, newlines=True)
    fence = "`" * max([3, *(len(run) + 1 for run in _FENCE.findall(shown))])
    return "\n".join(f"{indent}{line}".rstrip() for line in (fence + "text", *shown.split("\n"), fence))


def _escaped(word: str) -> str:
    return _SPECIAL.sub(r"\\\1", word)
