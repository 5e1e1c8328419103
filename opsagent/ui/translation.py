"""Sentences matched against the messages of a `.mo` file, and put into the words of another language.

A msgid is a sentence, or a template with named placeholders that English sentences were formatted from:
"up to {away} of {count} pods are away at a time". A placeholder takes any text but none, `{ns}` also none; what it
took is put into the msgstr as it is, or, for `{why!t}`, translated too. `<name>` in a step is such a placeholder: the
catalog's steps have these words filled in where the name is known.
"""

import gettext
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter

import re2

_HOME = Path(__file__).with_name("locale")
_MAY_BE_EMPTY = {"ns", "flag"}
_BLANK = re.compile(r"(<[A-Za-z][^<>]*>)")
_LONGEST = 2000  # characters; longer than any sentence of ours
_JOINS = ("; ", " · ", ", ")
_NAMED = re.compile(r"(?P<name>[^\s:]{1,253}): (?P<rest>\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template: literal text, or the placeholder that stands there."""

    text: str  # the literal; of a placeholder its name
    placeholder: bool = False
    translated: bool = False  # what the placeholder takes is a sentence of ours, too


@cache
def pieces(template: str) -> tuple[Piece, ...]:
    """Return a template's parts in order; ValueError where its braces are not balanced."""
    return tuple(_pieces(template))


def _pieces(template: str) -> Iterator[Piece]:
    for literal, name, _, conversion in Formatter().parse(template):
        for part in _BLANK.split(literal):
            if part:
                yield Piece(part, placeholder=_BLANK.fullmatch(part) is not None)
        if name is not None:
            yield Piece(name, placeholder=True, translated=conversion == "t")


class _Messages(gettext.GNUTranslations):
    """A `.mo` file whose messages can be listed."""

    _catalog: dict[str, str]

    def listed(self) -> Mapping[str, str]:
        """Return msgid → msgstr, the header left out."""
        return {source: text for source, text in self._catalog.items() if source and isinstance(source, str)}


@dataclass(frozen=True, slots=True)
class _Template:
    source: tuple[Piece, ...]
    target: tuple[Piece, ...]
    weight: int  # literal characters: of the templates that fit, the one with the most counts
    head: str
    tail: str

    def may_fit(self, text: str) -> bool:
        return text.startswith(self.head) and text.endswith(self.tail)


class Translator:
    """One language's messages."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._messages = messages
        templates = (_template(source, target) for source, target in messages.items() if "{" in source or "<" in source)
        self._templates = sorted(templates, key=lambda template: -template.weight)
        self.sentence = lru_cache(maxsize=4096)(self._sentence)

    def _sentence(self, text: str) -> str:
        return self._found(text) or self._composed(text) or text

    def _found(self, text: str) -> str | None:
        """Return the translation of exactly this sentence, with or without its full stop."""
        if text in self._messages:
            return self._messages[text]
        if f"{text}." in self._messages:
            return self._messages[f"{text}."].rstrip(".")
        if len(text) > _LONGEST:
            return None
        fitting = (self._filled(template, text) for template in self._templates if template.may_fit(text))
        return next((filled for filled in fitting if filled is not None), None)

    def _composed(self, text: str) -> str | None:
        """Return sentences that are joined, or one behind a name and a colon, each translated where it is known."""
        for between in _JOINS:
            parts = text.split(between)
            if len(parts) > 1:
                return between.join(map(self.sentence, parts))
        named = _NAMED.fullmatch(text)
        return f"{named['name']}: {self.sentence(named['rest'])}" if named else None

    def _filled(self, template: _Template, text: str) -> str | None:
        try:
            match = _compiled(template.source).fullmatch(text)
        except UnicodeEncodeError:  # a lone surrogate: no sentence of ours
            return None
        if match is None:
            return None
        values: dict[str, str] = {}
        for piece, value in zip((p for p in template.source if p.placeholder), match.groups(), strict=True):
            if values.setdefault(piece.text, value) != value:
                return None  # one name has one value
        return "".join(self._shown(piece, values) for piece in template.target)

    def _shown(self, piece: Piece, values: Mapping[str, str]) -> str:
        if not piece.placeholder:
            return piece.text
        value = values.get(piece.text, piece.text)
        return self.sentence(value) if piece.translated else value


def _template(source: str, target: str) -> _Template:
    parts = pieces(source)
    literals = [piece.text for piece in parts if not piece.placeholder]
    head, tail = (("" if piece.placeholder else piece.text) for piece in (parts[0], parts[-1]))
    return _Template(parts, pieces(target), sum(map(len, literals)), head, tail)


@cache
def _compiled(source: tuple[Piece, ...]) -> "re2._Regexp":
    """Return a pattern that takes time linear in the text, whatever a name of the cluster holds."""
    body = "".join(
        ("(.*?)" if piece.text in _MAY_BE_EMPTY else "(.+?)") if piece.placeholder else re2.escape(piece.text)
        for piece in source
    )
    return re2.compile(f"(?s){body}")


@cache
def translator(language: str) -> Translator:
    """Return a language's translator; FileNotFoundError where its compiled messages are missing."""
    found = gettext.translation("opsagent", _HOME, [language], class_=_Messages)
    return Translator(found.listed())
