"""Secrets that give themselves away by their own shape, whatever surrounds them: rows of secrets.yaml, keys and tokens.

Every pattern is either bounded or starts where no other attempt of the same run starts (a look-behind on its own
character class, possessive repeats), so that no text makes it slow.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from opsagent.redact.checks import CHECKS
from opsagent.redact.mark import PLACEHOLDER, AnyOf, Mark, end_of, has_one
from opsagent.redact.rows import SecretShape, compiled

_RUN = re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z0-9_-][A-Za-z0-9_.-]{15,}+")

_PEM_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"(?:(?:\s|\\[nr]){0,4}+[A-Za-z0-9+/=]{16,}+)*+")
_PEM_REACH = 16_384  # no key is longer; an END further away belongs to another one
_COMMON = frozenset({"://", "@", "s."})  # hints that half of all lines hold
# Ten digits, or groups of them; an IPv4 address, as half of all lines hold one, is none. A digit is first, before what
# has to be around it: so Python skips from one digit to the next.
_IPV4_REST = r"[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![0-9.-])"
_NUMBERS = re.compile(rf"[0-9](?:(?<![:0-9][0-9])(?!{_IPV4_REST})[0-9]{{1,5}}[ .)-]{{1,3}}[0-9]{{3}}|[0-9]{{9}})")


def hide_shaped(text: str, mark: Mark) -> str:
    """Return `text` with every secret of a known shape replaced."""
    if "PRIVATE KEY" in text:
        text = _hide_pem(text, mark)
    if "eyJ" in text:
        text = _RUN.sub(lambda match: _hide_jwt(match.group(), mark), text)
    return _before().hide(text, mark)


def hide_wordless(text: str, mark: Mark) -> str:
    """Return `text` with the shapes replaced that no word of `words` gives away."""
    for stage in (_before(), _behind()):
        text = _hide_stage(stage.common, text, mark)
    return text


def words() -> Iterator[str]:
    """Yield what all other shapes hold at least one of."""
    yield from ("PRIVATE KEY", "eyJ")
    for stage in (_before(), _behind()):
        yield from stage.rare_words.words


def hide_schemes(text: str, mark: Mark) -> str:
    """Return `text` with the shapes replaced that give way to a name in front of them: `Authorization: Basic …`."""
    return _behind().hide(text, mark)


@dataclass(frozen=True)
class _Stage:
    """Shapes that are applied one after the other."""

    every: tuple[SecretShape, ...]
    common: tuple[SecretShape, ...]  # without those that few lines hold a hint of
    rare_words: AnyOf  # the hints of those

    @classmethod
    def of(cls, shapes: Iterable[SecretShape]) -> "_Stage":
        every = tuple(shapes)
        words = AnyOf(hint for shape in every if _is_rare(shape) for hint in shape.hints)
        return cls(every, tuple(shape for shape in every if not _is_rare(shape)), words)

    def hide(self, text: str, mark: Mark) -> str:
        return _hide_stage(self.every if self.rare_words.in_text(text) else self.common, text, mark)


@cache
def _before() -> _Stage:
    return _Stage.of(shape for shape in compiled().shapes if shape.after is None)


@cache
def _behind() -> _Stage:
    return _Stage.of(shape for shape in compiled().shapes if shape.after == "names")


def _is_rare(shape: SecretShape) -> bool:
    return not (shape.least or shape.digits or _COMMON.intersection(shape.hints))


def _hide_stage(shapes: Iterable[SecretShape], text: str, mark: Mark) -> str:
    for shape in _possible(shapes, text):
        text = _hide(shape, text, mark)
    return text


def _possible(shapes: Iterable[SecretShape], text: str) -> Iterator[SecretShape]:
    """Yield the shapes that the text may hold a secret of: plain searches, for this runs on every line of a log."""
    lower = text.lower()
    longest, numbers = -1, None  # each found once, and only where a shape asks
    for shape in shapes:
        if shape.least:
            longest = longest if longest >= 0 else max(map(len, text.split()), default=0)
            if longest < shape.least:
                continue
        if shape.hints and not has_one(lower if shape.folded else text, shape.hints):
            continue
        if shape.digits:
            numbers = _NUMBERS.search(text) is not None if numbers is None else numbers
            if not numbers:
                continue
        yield shape


def _hide(shape: SecretShape, text: str, mark: Mark) -> str:
    check = CHECKS[shape.check] if shape.check else None

    def put(match: re.Match[str]) -> str:
        value = match.group(1)
        if not value or PLACEHOLDER.fullmatch(value) or (check and not check(match)):
            return match.group()
        whole, start = match.group(), match.start()
        return whole[: match.start(1) - start] + mark(shape.kind, value) + whole[match.end(1) - start :]

    return shape.regex.sub(put, text)


def _hide_pem(text: str, mark: Mark) -> str:
    done: list[str] = []
    at = 0
    ends = _PEM_END.finditer(text)
    end = next(ends, None)
    while begin := _PEM_BEGIN.search(text, at):
        while end and end.start() < begin.end():
            end = next(ends, None)
        near = end is not None and end.start() - begin.end() <= _PEM_REACH
        # Cut off before its end: what still looks like key is taken.
        stop = end.end() if end and near else end_of(_PEM_BODY, text, begin.end())
        done += text[at : begin.start()], mark("private-key", text[begin.start() : stop])
        at = stop
    return "".join(done) + text[at:]


def _hide_jwt(run: str, mark: Mark) -> str:
    """Hide a JWS or a JWE; the key of the latter may be empty, so that two dots follow each other."""
    parts = run.split(".")
    before = 0
    for place, (part, following) in enumerate(pairwise(parts)):
        inside = part.find("eyJ")
        if inside >= 0 and len(part) - inside >= 9 and (len(following) >= 2 or len("".join(parts[place + 1 :])) >= 16):
            token = run[before + inside :].rstrip(".")
            return run[: before + inside] + mark("jwt", token) + "." * (len(run) - before - inside - len(token))
        before += len(part) + 1
    return run
