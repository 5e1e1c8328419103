"""Passwords on command lines that only the program gives away: `redis-cli -a …`, `mongosh -p …`: secrets.yaml."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from opsagent.redact.mark import PLACEHOLDER, AnyOf, Mark, has_one, replace_passwords
from opsagent.redact.rows import Program, compiled

_GAP = r"[\s\"',\[=]{1,4}"  # between two words, in a shell or in a printed list
_VALUE = r"(?![$<\-])([^\s\"',\]]{1,256}+)"


def hide_in_commands(text: str, mark: Mark) -> str:
    """Return `text` with the passwords of known programs' command lines replaced."""
    if not programs().in_text(text):
        return text
    for place, row in enumerate(compiled().programs):
        if has_one(text, row.programs) and (row.command is None or row.command in text):
            text = replace_passwords(_pattern(place), text, mark)
    return text


@cache
def programs() -> AnyOf:
    """Return the programs, and of those that many lines name only the sub-command."""
    return AnyOf(word for row in compiled().programs for word in ((row.command,) if row.command else row.programs))


@cache
def _pattern(place: int) -> re.Pattern[str]:
    """Return the pattern of a row: the program, its sub-command where it takes one, the flag and its value."""
    row = compiled().programs[place]
    program = rf"(?<![\w.-])(?:{'|'.join(sorted(row.programs))})(?![\w.-])"
    command = rf"[^\n|;]{{0,40}}?{_GAP}{row.command}(?![\w.-])" if row.command else ""
    return re.compile(rf"{program}{command}[^\n|;]{{0,400}}?{_GAP}{row.flag}{'' if row.glued else _GAP}{_VALUE}")


@cache
def _rows_of(program: str) -> tuple[Program, ...]:
    """Return the rows that need no sub-command, by the program's name."""
    return tuple(row for row in compiled().programs if program in row.programs and row.command is None)


def passwords_in(words: Sequence[object], before: Iterable[object] = ()) -> dict[int, int]:
    """Return place and beginning of each password among a command's words; `before`: words that come before these."""
    program, found = "", dict[int, int]()
    for word in before:
        program = _program(word) or program
    for place, word in enumerate(words):
        program = _program(word) or program
        if not isinstance(word, str) or not program or PLACEHOLDER.search(word):
            continue
        behind = words[place - 1] if place else None
        for row in _rows_of(program):
            if not row.glued and behind == row.flag and not word.startswith(("-", "$")):
                found[place] = 0
            elif (
                row.glued
                and word.startswith(row.flag)
                and word[len(row.flag) :].lstrip("$") == word[len(row.flag) :] != ""
            ):
                found[place] = len(row.flag)
    return found


def _program(word: object) -> str:
    name = word.rpartition("/")[2] if isinstance(word, str) else ""
    return name if name and len(name) <= 32 and _rows_of(name) else ""
