"""What a tool answered, as a model and an operator get it: without what is empty, the newest lines of a log first."""

import json
import re
from collections.abc import Mapping
from typing import Any

from opsagent.models.tokens import estimate

_SELF_EVIDENT = frozenset({"where", "url", "reach"})  # how the look was made: a path or address of this machine
_LISTS = ("lines", "matches")  # oldest first, and longer than a prompt has room for
_COUNT = 12  # tokens of the words that say how many are not there
_FRACTION = re.compile(r"(?<=T\d\d:\d\d:\d\d)\.\d+(?=Z)")


def fitted(value: Mapping[str, Any], tokens: int) -> dict[str, Any]:
    """Return an answer whose lists of lines hold the newest ones that fit, and say how many older ones do not."""
    excerpts = value.get("excerpts")
    if isinstance(excerpts, list) and excerpts:
        share = (tokens - estimate(compact({**value, "excerpts": []}))) // len(excerpts) - _COUNT
        return {**value, "excerpts": [fitted(item, share) if isinstance(item, dict) else item for item in excerpts]}
    shorter = dict(value)
    for key in _LISTS:
        if isinstance(value.get(key), list):
            left = tokens - estimate(compact({**value, key: []})) - _COUNT
            kept = _newest(value[key], left)
            shorter[key] = kept
            if len(kept) < len(value[key]):
                shorter[f"older_{key}_left_out"] = len(value[key]) - len(kept)
    return shorter


def compact(value: Any) -> str:
    """Return a tool's answer as short JSON: without what is empty, but for lists of its own: nothing was found."""
    filled = _filled(value)
    if isinstance(value, dict):
        filled |= {key: [] for key, item in value.items() if isinstance(item, list | tuple) and not item}
    return _FRACTION.sub("", json.dumps(filled, ensure_ascii=False, separators=(",", ":"), default=str))


def gist(value: Mapping[str, Any]) -> str:
    """Return in a few words how much a tool answered: "7 pods", "1 excerpt, 100 lines"."""
    counts: dict[str, int] = {}
    for key, items in value.items():
        if isinstance(items, list):
            counts[key] = len(items)
            inner = [item["lines"] for item in items if isinstance(item, dict) and isinstance(item.get("lines"), list)]
            counts |= {"lines": sum(map(len, inner))} if inner else {}
    told = [f"{count} {_singular(key) if count == 1 else key}" for key, count in counts.items() if count]
    return ", ".join(told) or ("nothing found" if counts else f"{len(compact(value))} characters")


def _newest(lines: list[Any], tokens: int) -> list[Any]:
    kept: list[Any] = []
    for line in reversed(lines):
        tokens -= estimate(compact(line)) + 1
        if tokens < 0 and kept:
            break
        kept.append(line)
    return kept[::-1]


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _filled(item)
            for key, item in value.items()
            if key not in _SELF_EVIDENT and item not in (None, "", [], {}, ())
        }
    return [_filled(item) for item in value] if isinstance(value, list) else value


def _singular(key: str) -> str:
    return "match" if key == "matches" else key.removesuffix("s")
