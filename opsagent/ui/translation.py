"""Sentences matched against the messages of a `.mo` file, and put into the words of another language.

A msgid is a sentence, or a template with named placeholders that English sentences were formatted from:
"up to {away} of {count} pods are away at a time". A placeholder takes any text but none, `{ns}` also none, and what it
took is put into the msgstr as it is. `{name!w}` takes one word alone, `{status!v}` one word that is translated,
`{why!t}` a sentence that is translated. `<name>` in a step is a placeholder, too: the catalog's steps have these words
filled in where the name is known.
"""

import gettext
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter

import re2

from opsagent.ui.particles import with_particles

_HOME = Path(__file__).with_name("locale")
# What these placeholders of a template take, and what each may lack.
_OWN = {"ns": r"((?: [\w.-]+)?(?: -n [\w.-]+)?)", "flag": r"((?: -n [\w.-]+)?)", "model": r"((?:\[m\]odel  )?)"}
_BLANK = re.compile(r"(<[A-Za-z][^<>]*>)")
_LONGEST = 2000  # characters; longer than any sentence of ours
_QUOTES = ('"', "“", "(")
_SEPARATED = re.compile("; | · ")
_MOST_PARTS = 6  # of one sentence
_JOINS = ("; ", " · ", ", ")
_NAMED = re.compile(r"(?P<name>\d\d:\d\d:\d\d|[^\s:]{1,253})(?P<between>: | )(?P<rest>\S.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template: literal text, or the placeholder that is there."""

    text: str  # the literal; of a placeholder its name
    placeholder: bool = False
    kind: str = ""  # "t": it takes a sentence of ours, "v": a word of ours, "w": any one word, "": anything


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
            yield Piece(name, placeholder=True, kind=conversion or "")


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
        return self._each(text) or self._found(text) or self._composed(text) or self._found(text, strict=False) or text

    def _each(self, text: str) -> str | None:
        """Return several sentences, each of which is ours: a bracket of the first must not swallow the next ones."""
        parts = text.split("; ")
        if not 1 < len(parts) <= _MOST_PARTS or text in self._messages:
            return None
        shown = [self._found(part) for part in parts]
        return "; ".join(map(str, shown)) if all(shown) else None

    def _found(self, text: str, *, strict: bool = True) -> str | None:
        """Return the translation of exactly this sentence, with or without its full stop.

        Strictly no placeholder spans what joins sentences, unless it is in quotation marks or brackets.
        """
        if text in self._messages:
            return self._messages[text]
        if f"{text}." in self._messages:
            return self._messages[f"{text}."].rstrip(".")
        if len(text) > _LONGEST:
            return None
        fitting = (self._filled(one, text, strict=strict) for one in self._templates if one.may_fit(text))
        return next((filled for filled in fitting if filled is not None), None)

    def _composed(self, text: str) -> str | None:
        """Return sentences that are joined, or one behind a name, with what is known of them translated."""
        named = _NAMED.fullmatch(text)
        rest = self._found(named["rest"]) if named else None
        if named and rest:
            return f"{named['name']}{named['between']}{rest}"
        first, _, last = text.rpartition(" and ")
        if first and last in self._messages:
            return f"{self.sentence(first)}, {self._messages[last]}"
        for between in _JOINS:
            parts = text.split(between)
            if len(parts) > 1:
                shown = between.join(self._grouped(parts, between))
                return shown if shown != text else None
        return None

    def _grouped(self, parts: Sequence[str], between: str) -> Iterator[str]:
        """Yield the parts translated, as many at once as make one sentence of ours."""
        start = 0
        while start < len(parts):
            ends = range(min(len(parts), start + _MOST_PARTS), start, -1)
            found = ((end, self._found(between.join(parts[start:end]))) for end in ends)
            end, shown = next((pair for pair in found if pair[1]), (start + 1, None))
            yield shown or self.sentence(parts[start])
            start = end

    def _filled(self, template: _Template, text: str, *, strict: bool) -> str | None:
        try:
            match = _compiled(template.source, strict=strict).fullmatch(text)
        except UnicodeEncodeError:  # a lone surrogate: no sentence of ours
            return None
        if match is None:
            return None
        values: dict[str, str] = {}
        for piece, value in zip((p for p in template.source if p.placeholder), match.groups(), strict=True):
            if values.setdefault(piece.text, value) != value:
                return None  # one name has one value
            if strict and piece.kind == "t" and not self._whole(value):
                return None
        shown = ""
        for piece in template.target:
            shown += self._shown(piece, values) if piece.placeholder else with_particles(piece.text, shown)
        return shown

    def _whole(self, value: str) -> bool:
        """Return whether a text may be one sentence: it closes the brackets that it opens, and joins no others."""
        closed = value.count("(") == value.count(")")
        return closed and (not _SEPARATED.search(value) or self._found(value) is not None)

    def _shown(self, piece: Piece, values: Mapping[str, str]) -> str:
        value = values.get(piece.text, piece.text)
        return self.sentence(value) if piece.kind in {"t", "v"} else value


def _template(source: str, target: str) -> _Template:
    parts = pieces(source)
    literals = [piece.text for piece in parts if not piece.placeholder]
    head, tail = (("" if piece.placeholder else piece.text) for piece in (parts[0], parts[-1]))
    return _Template(parts, pieces(target), sum(map(len, literals)), head, tail)


@cache
def _compiled(source: tuple[Piece, ...], *, strict: bool) -> "re2._Regexp":
    """Return a pattern that takes time linear in the text, whatever a name of the cluster holds."""
    before = ("", *(piece.text for piece in source))
    quoted = (text.endswith(_QUOTES) for text in before)
    return re2.compile("(?s)" + "".join(_pattern(*pair, strict=strict) for pair in zip(source, quoted, strict=False)))


def _pattern(piece: Piece, quoted: bool, *, strict: bool) -> str:  # noqa: FBT001  (one of a pair)
    if not piece.placeholder:
        return str(re2.escape(piece.text))
    if piece.text in _OWN:
        return _OWN[piece.text]
    if piece.kind in {"w", "v"}:
        return r"(\S+?)"
    if not strict or quoted or piece.kind:
        return "(.+?)"
    return r"((?:[^;·:]|:\S)+?)"


@cache
def translator(language: str) -> Translator:
    """Return a language's translator; FileNotFoundError where its compiled messages are missing."""
    found = gettext.translation("opsagent", _HOME, [language], class_=_Messages)
    return Translator(found.listed())
