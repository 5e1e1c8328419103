"""How many tokens a text costs, estimated: no end point states it beforehand, and no encoding is downloaded."""

import re

# Cut as byte-pair encodings cut at the most: a word of up to four letters is one token, camelCase and digits fall
# apart, each sign stands alone, a run of one sign is a few.
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d{1,2}|([^\w\s])\1*|_+|[^\S ]+| {2,}|[^\x00-\x7f]+", re.ASCII)
_LONGEST = 16  # characters that a token has at the most: blanks
MESSAGE = 8  # what one message costs beyond its text


def estimate(text: str) -> int:
    """Return how many tokens a text has at the most, or nearly so: real usage is what the end point reports."""
    return sum(_cost(match) for match in _PIECE.finditer(text))


def shortened(text: str, most: int) -> str:
    """Return a text of at most `most` tokens: cut in the middle, for the place is first and the cause last."""
    if len(text) <= most or (len(text) <= most * _LONGEST and estimate(text) <= most):
        return text
    low, high = 0, min(len(text), most * _LONGEST)
    while low < high:
        kept = (low + high + 1) // 2
        if estimate(_cut(text, kept)) <= most:
            low = kept
        else:
            high = kept - 1
    return _cut(text, low) if low else ""


def _cut(text: str, kept: int) -> str:
    head = kept * 3 // 5
    return f"{text[:head]} … {text[len(text) - (kept - head) :]}"


def _cost(match: re.Match[str]) -> int:
    piece = match.group()
    first = piece[0]
    if not piece.isascii():
        # Encodings made for English give a Korean or Chinese sign two tokens, an emoji three.
        return (2 * len(piece.encode("utf-8", "surrogatepass")) + 2) // 3
    if first.isalpha():
        return 1 + (len(piece) - 1) // (3 if piece.isupper() else 5)
    if first.isdigit():
        return 1
    return 1 + len(piece) // (16 if first.isspace() else 4)
