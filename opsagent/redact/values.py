"""Where the value behind a secret's name begins and ends."""

import re
from functools import cache

from opsagent.redact.mark import PLACEHOLDER, end_of
from opsagent.redact.rows import compiled

_WORD = re.compile(r"[A-Za-z']{1,20}(?=[\s,.;:!?)]|$)")
_SCHEME = re.compile(
    r"(bearer|basic|token|digest|negotiate|apikey|aws4-hmac-sha256|hmac|ntlm)[ \t]{1,4}", re.IGNORECASE
)
_COOKIE = re.compile(r"[^\r\n=]{0,200}=")
_QUOTE = re.compile(r"\\{0,8}[\"'`]")
_END_OF_LINE = re.compile(r"[^\r\n]*")
_BLOCK = re.compile(r"[|>][+-]?\d?[ \t]*(?:\r?\n[ \t]+[^\r\n]*)+")
_BLANKS = re.compile(r"[ \t]*")
# A separator goes on with the value unless a blank, the end or the next key is behind it; a quote and a closing
# bracket end it where a value of JSON or of a call would end.
_PLAIN = re.compile(
    r"(?:[^\s\"'`&,;\\]|[&,;](?!\s|$|[\"']?[\w.-]{1,40}[\"']?[ ]{0,2}[=:])"
    r"|[\"'`](?![\s,}\]):;.]|$|\\)|\\(?!\\{0,8}[\"'`\\]))++"
)
_ENDS_HIDDEN = re.compile(rf"{PLACEHOLDER.pattern}$")
_TAG_VALUE = re.compile(r"[^<\r\n]*")


def read_value(text: str, at: int, *, kind: str, tag: bool = False) -> tuple[int, int] | None:
    """Return start and end of the value that is at `at`; None where there is none to hide."""
    blanks = _BLANKS.match(text, at)
    start = blanks.end() if blanks and not tag else at
    quote = _QUOTE.match(text, start)
    # Refused by how it begins, before it is read to its end: a refused value is not skipped, what it holds is searched.
    if (not quote and _begins_no_value(text, start)) or (kind == "cookie" and not _COOKIE.match(text, start)):
        return None
    if quote:
        start, stop = quote.end(), _closing(text, quote.end(), quote.group())
    elif kind == "cookie":
        stop = end_of(_END_OF_LINE, text, start)
    elif tag:
        stop = end_of(_TAG_VALUE, text, start)
    elif block := _BLOCK.match(text, start):
        stop = block.end()
    else:
        stop = _plain_end(text, start, kind)
    if kind == "authorization" and (scheme := _SCHEME.match(text, start, stop)):
        start = scheme.end()
    return (start, stop) if _is_value(text, start, stop, quoted=bool(quote)) else None


def _begins_no_value(text: str, start: int) -> bool:
    """Return whether an unquoted value is a sentence, a structure, a directory or `kubectl describe`'s reference."""
    first = text[start : start + 1]
    if first in ("{", "[", "(") and text[max(0, start - 1)] != "=":
        return True
    if first == "/" and text[max(0, start - 4) : start].lower() in ("pwd=", "wd: "):
        return True
    word = _WORD.match(text, start)
    return (word is not None and word.group().lower() in compiled().prose) or text.startswith("<set to ", start)


@cache
def _no_value() -> re.Pattern[str]:
    """Return the pattern of what is not a value: it is not there, is elsewhere, or was hidden by somebody else."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in compiled().no_value), re.IGNORECASE)


def _is_value(text: str, start: int, stop: int, *, quoted: bool) -> bool:
    if start >= stop or PLACEHOLDER.fullmatch(text, start, stop) or _no_value().fullmatch(text, start, stop):
        return False
    # A parser's complaint about one sign ("unexpected token") names no secret.
    return quoted or stop - start >= 4 or any(char.isalnum() for char in text[start:stop])


def _plain_end(text: str, start: int, kind: str) -> int:
    if kind == "authorization":
        scheme = _SCHEME.match(text, start)
        if scheme and scheme.group(1).lower() in ("digest", "aws4-hmac-sha256", "hmac"):
            return end_of(_END_OF_LINE, text, start)
        after = scheme.end() if scheme else start
    else:
        after = start
    stop = end_of(_PLAIN, text, after)
    ends = "}]).,;" if text.startswith("<", after) else "}])>.,;"
    while stop > after and text[stop - 1] in ends and not _ENDS_HIDDEN.search(text, max(after, stop - 40), stop):
        stop -= 1
    return stop


def _closing(text: str, start: int, quote: str) -> int:
    """Return where a quoted value ends: before the same quote, or with the line where that is missing."""
    if len(quote) == 1:
        match = re.compile(rf"(?:[^\\\n{quote}]|\\.)*+").match(text, start)
        return match.end() if match else start
    line_end = end_of(_END_OF_LINE, text, start)
    found = text.find(quote, start, line_end)
    return found if found >= 0 else line_end
