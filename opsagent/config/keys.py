"""The settings as dotted keys: what there is, what each takes, and how a wrong one is met."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, get_type_hints

from opsagent.config.settings import Settings

ENVIRONMENT_PREFIX = "OPSAGENT_"
SERVICES = "services"  # these are no single values
IGNORE = "ignore"
CATALOG = "catalog"
LOG_SOURCES = "logs.sources"
LISTED = (SERVICES, IGNORE, CATALOG, LOG_SOURCES)


@dataclass(frozen=True, slots=True)
class Key:
    """One setting that takes a single value."""

    name: str  # "stats.url"
    hint: Any  # its annotation
    default: Any

    @property
    def variable(self) -> str:
        """The environment variable that sets it: OPSAGENT_STATS_URL."""
        return ENVIRONMENT_PREFIX + self.name.replace(".", "_").upper()


@cache
def keys() -> dict[str, Key]:
    """Return every setting that takes a single value, by its dotted name."""
    return {key.name: key for key in _keys_of(Settings(), "")}


@cache
def sections() -> frozenset[str]:
    """Return the names under which keys stand: "stats", "model" …"""
    return frozenset(name.rsplit(".", 1)[0] for name in keys() if "." in name)


def nearest(wrong: str) -> str:
    """Return a hint that names the right key or keys most like `wrong`."""
    known = [*keys(), *LISTED]
    by_end = {name.rsplit(".", 1)[-1]: name for name in known}
    end = wrong.rsplit(".", 1)[-1]
    near = get_close_matches(wrong, known, n=1, cutoff=0.7)
    if end in by_end:
        near.insert(0, by_end[end])
    near += [by_end[match] for match in get_close_matches(end, by_end, n=2, cutoff=0.75)]
    return did_you_mean(near, known)


def did_you_mean(near: Iterable[str], known: Iterable[str]) -> str:
    """Return "nearest: a, b", or what is known where nothing is near."""
    close = list(dict.fromkeys(near))
    return f"nearest: {', '.join(close)}" if close else f"known: {', '.join(known)}"


def _keys_of(record: Any, prefix: str) -> Iterable[Key]:
    hints = get_type_hints(type(record))
    for field in fields(record):
        value = getattr(record, field.name)
        if is_dataclass(value):
            yield from _keys_of(value, f"{prefix}{field.name}.")
        elif prefix + field.name not in LISTED:
            yield Key(prefix + field.name, hints[field.name], value)
