"""A log on its way into a bundle: redacted as it streams by, with bounded memory whatever it holds."""

import re
from collections.abc import Callable, Iterable, Iterator

from opsagent.errors import CheckError
from opsagent.tools.log_lines import pieces

LINE = 16 * 1024  # bytes of a line that are kept
_BLOCK = 64 * 1024  # characters that are redacted at once
_KEY = 32 * 1024  # characters: a private key over many lines is waited for no longer
_OPEN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,60}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]{0,60}PRIVATE KEY(?: BLOCK)?-----")
_GOES_ON = (":", "=", "|", ">", ",", "\\")  # "password: |": the value is in the next line
_TOKEN = re.compile(r"[^\s\"',;]{1,8192}$")


def clean_log(chunks: Iterable[bytes], redact: Callable[[str], str]) -> Iterator[str]:
    """Yield the log's lines as text without secrets; of a line beyond 16 KB the rest is left out and counted.

    A private key that spans lines is kept together until it can be hidden whole. Where the log breaks off, what came
    before is yielded first.
    """
    block: list[str] = []
    size, opened = 0, False
    try:
        for line in _lines(chunks):
            block.append(line)
            size += len(line)
            opened = (opened and not _END.search(line)) or _opens(line)
            goes_on = opened or line.rstrip().endswith(_GOES_ON)
            if size > (_BLOCK + _KEY if goes_on else _BLOCK):
                yield redact("".join(block))
                block, size, opened = [], 0, False
    except CheckError:
        if block:
            yield redact("".join(block))
        raise
    if block:
        yield redact("".join(block))


def _opens(line: str) -> bool:
    begin = None
    for begin in _OPEN.finditer(line):  # noqa: B007  (the last one)
        pass
    return begin is not None and not _END.search(line, begin.end())


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    held: tuple[int, str] | None = None
    more = 0
    try:
        for number, piece in pieces(chunks, LINE):
            if held and held[0] == number:
                more += len(piece)
                continue
            if held:
                yield _whole(held[1], more)
            held, more = (number, piece.decode("utf-8", "replace")), 0
    except CheckError:
        if held:
            yield _whole(held[1], more)
        raise
    if held:
        yield _whole(held[1], more)


def _whole(text: str, more: int) -> str:
    if not more:
        return text + "\n"
    # The cut may go through a secret, and half of one looks like none: the word that was cut goes too.
    kept = _TOKEN.sub("", text)
    return f"{kept}… (+{more + len(text) - len(kept):,} bytes)\n"
