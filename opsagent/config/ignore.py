"""`ignore:` of the configuration file: known findings, silenced until a day and for a reason."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from yaml import Node

from opsagent.config.given import Given
from opsagent.config.keys import IGNORE
from opsagent.config.nodes import entries, fields_of, place, plain_value
from opsagent.errors import ConfigError
from opsagent.models.evidence import UNKNOWN
from opsagent.models.ignore import IgnoreRule

_FIELDS = ("code", "object", "until", "reason")
_CODE = re.compile(r"[a-z]+(\.[a-z0-9-]+|\.\*)|unknown")
_OBJECT = re.compile(r"[A-Za-z]+/[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def read_ignore(given: Given) -> tuple[IgnoreRule, ...]:
    """Return the entries of a YAML list. Raises ConfigError naming line and key."""
    return entries(given, IGNORE, "findings", "each begins with `- code:`", _rule)


def _rule(node: Node, path: Path) -> IgnoreRule:
    here = Given(None, place(node, path))
    values: dict[str, str | None] = {}
    for key, value, where in fields_of(node, IGNORE, path, _FIELDS, "an entry"):
        plain = plain_value(value)
        if plain is not None and (not isinstance(plain, str) or not plain.strip()):
            raise ConfigError(f"{where}: {IGNORE}: {key}: expected a text, found {plain!r}"[:300])
        values[key] = plain
    code, about, until, reason = (values.get(key) for key in _FIELDS)
    if code is None or not _CODE.fullmatch(code):
        here.refuse(IGNORE, f"code: {code!r} is not a cause code", "db.locked, or a family: db.* (opsagent explain)")
    if code == UNKNOWN:
        here.refuse(IGNORE, "code: what is unknown cannot be known", "name a cause code (opsagent explain)")
    if about is not None and not _OBJECT.fullmatch(about):
        here.refuse(IGNORE, f"object: expected Kind/name, found {about!r}", "as the report states: Deployment/web")
    if not reason:
        here.refuse(IGNORE, f"{code} needs a reason", "it is in every report")
    if until is None:
        here.refuse(IGNORE, f"{code} needs an end", "until: 2026-12-31")
    return IgnoreRule(code, _end(until, here), reason, about)


def _end(text: str, here: Given) -> datetime:
    """Return the time from which it counts again: of a day its end in UTC."""
    try:
        at = datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            at += timedelta(days=1)
        elif at.tzinfo is None:
            here.refuse(IGNORE, f"until: {text} has no time zone", "2026-12-31T18:00:00Z, or the day alone")
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        here.refuse(IGNORE, f"until: expected a day or an RFC 3339 time, found {text!r}"[:200], "until: 2026-12-31")
