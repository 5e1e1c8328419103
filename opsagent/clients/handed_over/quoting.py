"""What mail, chat and Markdown put before the lines of a paste: quote marks and indentation, taken off in place."""

import re
from collections.abc import Sequence

_QUOTE = re.compile(r"^(?:>|&gt;|│|┃) ?")
_NAME = re.compile(r"^(?P<indent>[ \t]+)Name:\s+[a-z0-9]")
_YAML = re.compile(r"^(?P<indent>[ \t]+)apiVersion:\s*\S")
_WITHIN = re.compile(r"^\s*(?:- |-$|[a-z][\w./-]*:(?:\s|$))")  # a list or a map of YAML that goes on below it
_RUN = 3  # lines in a row that are quoted; fewer may be a prompt


def unquoted(text: str) -> str:
    """Return a text without quote marks, and descriptions and manifests at the margin; each line keeps its number."""
    if not _needed(text):
        return text
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _QUOTE.match(lines[end]):
            end += 1
        if end - at >= _RUN:
            lines[at:end] = [_QUOTE.sub("", line, count=1) for line in lines[at:end]]
        at = max(end, at + 1)
    at = 0
    while at < len(lines):
        found = _NAME.match(lines[at]) or _YAML.match(lines[at])
        at = _dedented(lines, at, found["indent"]) if found and _begins(lines, at, found["indent"]) else at + 1
    return "\n".join(lines)


def _needed(text: str) -> bool:
    return re.search(r"^(?:>|&gt;|│|┃|[ \t]+(?:Name:\s+[a-z0-9]|apiVersion:))", text, re.MULTILINE) is not None


def _begins(lines: Sequence[str], at: int, indent: str) -> bool:
    """Return whether a block begins here: what is above it is indented less, what is below it as much."""
    above = next((line for line in reversed(lines[max(0, at - 3) : at]) if line.strip()), "")
    below = lines[at + 1] if at + 1 < len(lines) else ""
    # The keys of a list's item are sorted: apiVersion need not be the first of them.
    if _YAML.match(lines[at]) and _WITHIN.match(above):
        return False
    return not above.startswith(indent) and below.startswith(indent)


def _dedented(lines: list[str], at: int, indent: str) -> int:
    """Take the indentation off a block; return where it ends."""
    while at < len(lines) and (lines[at].startswith(indent) or not lines[at].strip()):
        lines[at] = lines[at].removeprefix(indent)
        at += 1
    return at
