"""Secrets that are given away by the name in front of them: key=value, JSON, YAML, flags, headers, cookies.

A head (name and separator) is searched, then the value behind it is read once and skipped: each character is checked
a bounded number of times.
"""

import re
from functools import cache

from opsagent.redact.mark import PLACEHOLDER, AnyOf, Mark
from opsagent.redact.rows import compiled
from opsagent.redact.shapes import hide_schemes
from opsagent.redact.values import read_value

_HEAD_END = (
    r"(?P<close>\\{0,8}[\"']|%22)?\]?"
    r"(?P<sep>[ \t]{0,8}(?::=|=>|==?|:(?!//))[ \t]{0,8}|%3[ad](?:%2[02]|\+)?|>"
    r"|[\"']?,[ \t]{0,4}(?=[\"'])|[ \t]{1,8}(?=[^\s=:]))"
)
_KINDS = {"authorization": "auth"}  # as the placeholder states it
_FLAG_BEFORE = re.compile(r"(?:^|[\s\"'=(\[,])--?[A-Za-z][\w.-]{0,64}$|(?:^|[\s\"'=(\[,])--?$")
_PATH_BEFORE = re.compile(r"/[\w.-]{0,64}$")  # "/api/v1/secrets: HTTP 403": a path's last part is not a name
_TAG_BEFORE = re.compile(r"<[\w.:-]{0,64}$")
_SETS_PASSWORD = re.compile(r"(?:^|\s)$")

# The two lines of a container's environment as YAML or JSON prints them.
_ENV_PAIR = re.compile(
    r"\bname[\"']?[ \t]{0,4}:[ \t]{0,4}[\"']?([\w.-]{1,80}+)[\"']?[ \t]{0,4},?\s{0,80}"
    r"[\"']?value[\"']?[ \t]{0,4}:(?=[ \t]{0,4}\S)",
    re.IGNORECASE,
)


def hide_named(text: str, mark: Mark) -> str:
    """Return `text` with every value replaced whose name states that it is a secret."""
    lower = text.lower()
    if hints().in_text(lower):
        text = _hide_headed(text, mark)
        if "value" in lower:
            text = _hide_env_pairs(text, mark)
    return hide_schemes(text, mark)


def is_secret_name(name: str) -> bool:
    """Return whether a value under this name (a JSON key, a variable) is a secret."""
    return len(name) <= 256 and _name().search(name) is not None


@cache
def hints() -> AnyOf:
    """Return the quick words: without one of them there is no head, and most lines have none."""
    return AnyOf(hint for row in compiled().names for hint in row.hints)


@cache
def _head() -> re.Pattern[str]:
    """Return the pattern of a name with its separator; the group's number is the row's place."""
    names = "|".join(f"(?P<row{place}>{row.in_text})" for place, row in enumerate(compiled().names))
    return re.compile(rf"{PLACEHOLDER.pattern}|(?:{names})\d{{0,2}}{_HEAD_END}", re.IGNORECASE)


@cache
def _name() -> re.Pattern[str]:
    names = "|".join(row.name for row in compiled().names)
    return re.compile(rf"(?:{names})\d{{0,2}}\Z", re.IGNORECASE)


def is_secret_flag(word: str) -> bool:
    """Return whether a command line's word is a flag whose next word is a secret."""
    return word.startswith("-") and "=" not in word and is_secret_name(word)


def _hide_headed(text: str, mark: Mark) -> str:
    done: list[str] = []
    at = searched = 0
    head = _head()
    while match := head.search(text, searched):
        searched = match.end()
        if match.lastgroup is None:
            continue  # a placeholder: nothing in it is a name
        if not _leads_to_value(match, text):
            searched = match.start() + 1
            continue
        kind = next(row.kind for place, row in enumerate(compiled().names) if match[f"row{place}"])
        found = read_value(text, match.end(), kind=kind, tag=match["sep"] == ">")
        if found:
            start, searched = found
            done += text[at:start], mark(_KINDS.get(kind, kind), text[start:searched])
            at = searched
    return "".join(done) + text[at:]


def _hide_env_pairs(text: str, mark: Mark) -> str:
    done: list[str] = []
    at = searched = 0
    while match := _ENV_PAIR.search(text, searched):
        searched = match.end()
        found = read_value(text, searched, kind="env") if is_secret_name(match[1]) else None
        if found:
            start, searched = found
            done += text[at:start], mark("env", text[start:searched])
            at = searched
    return "".join(done) + text[at:]


def _leads_to_value(match: re.Match[str], text: str) -> bool:
    """Return whether the separator is one: a blank or a comma is it only after a flag, `>` only after `<`."""
    sep = match["sep"]
    before = text[max(0, match.start() - 66) : match.start()]
    if sep == ">":
        return bool(_TAG_BEFORE.search(before))
    if sep.isspace():
        name = match.group()[: -len(sep)].lower()
        if name in ("requirepass", "masterauth"):
            return bool(_SETS_PASSWORD.search(before))
        return bool(_FLAG_BEFORE.search(before)) and not match["close"]
    if "," in sep:
        return bool(_FLAG_BEFORE.search(before))
    return not (sep.endswith((" ", "\t")) and _PATH_BEFORE.search(before))
