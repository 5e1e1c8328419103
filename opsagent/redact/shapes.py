"""Secrets that give themselves away by their own shape, whatever surrounds them: rows of secrets.yaml, keys and tokens.

Every pattern is either bounded or starts where no other attempt of the same run starts (a look-behind on its own
character class, possessive repeats), so that no text makes it slow.
"""

import re
from functools import cache
from itertools import pairwise

from opsagent.redact.checks import CHECKS
from opsagent.redact.mark import PLACEHOLDER, Mark
from opsagent.redact.rows import Shape, compiled

_RUN = re.compile(r"(?<![A-Za-z0-9_.-])[A-Za-z0-9_-][A-Za-z0-9_.-]{15,}+")

_PEM_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"(?:(?:\s|\\[nr]){0,4}+[A-Za-z0-9+/=]{16,}+)*+")
_PEM_REACH = 16_384  # no key is longer; an END further away belongs to another one
_DIGITS = re.compile(r"\d{3,6}\D{0,3}\d{3}")


def hide_shaped(text: str, mark: Mark) -> str:
    """Return `text` with every secret of a known shape replaced."""
    if "PRIVATE KEY" in text:
        text = _hide_pem(text, mark)
    if "eyJ" in text:
        text = _RUN.sub(lambda match: _hide_jwt(match.group(), mark), text)
    return _hide_rows(_before(), text, mark)


def hide_schemes(text: str, mark: Mark) -> str:
    """Return `text` with the shapes replaced that give way to a name in front of them: `Authorization: Basic …`."""
    return _hide_rows(_behind(), text, mark)


@cache
def _before() -> tuple[Shape, ...]:
    return tuple(shape for shape in compiled().shapes if shape.after is None)


@cache
def _behind() -> tuple[Shape, ...]:
    return tuple(shape for shape in compiled().shapes if shape.after == "names")


def _hide_rows(shapes: tuple[Shape, ...], text: str, mark: Mark) -> str:
    lower, digits = text.lower(), _DIGITS.search(text) is not None
    for shape in shapes:
        if shape.hints:
            for hint in shape.hints:
                if hint in (lower if shape.folded else text):
                    break
            else:
                continue
        if len(text) < shape.least or (shape.digits and not digits):
            continue
        text = _hide(shape, text, mark)
    return text


def _hide(shape: Shape, text: str, mark: Mark) -> str:
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
        stop = end.end() if end and near else _stop(_PEM_BODY, text, begin.end())
        done += text[at : begin.start()], mark("private-key", text[begin.start() : stop])
        at = stop
    return "".join(done) + text[at:]


def _stop(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


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
