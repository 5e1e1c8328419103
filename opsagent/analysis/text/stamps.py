"""When a log line was written: the stamps of the usual loggers, read as UTC where they name no zone."""

import re
from datetime import UTC, datetime, timedelta, timezone

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: n for n, name in enumerate(_NAMES, 1)}
_ZONE = r"(?:\s?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w:]))?"
_CLOCK = r"(?P<h>\d\d):(?P<mi>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?"
# ISO 8601, Go's log, Python logging, PostgreSQL, nginx errors.
_ISO = re.compile(rf"(?P<y>\d{{4}})[-/](?P<mo>\d\d)[-/](?P<d>\d\d)[T _]{_CLOCK}{_ZONE}", re.ASCII)
# Access logs (22/Nov/2026:12:34:47 +0000) and Redis (22 Nov 2026 12:25:34.123).
_DAY_FIRST = re.compile(
    rf"\b(?P<d>\d{{1,2}})[/ ](?P<mon>[A-Z][a-z]{{2}})[/ ](?P<y>\d{{4}})[: ]{_CLOCK}{_ZONE}", re.ASCII
)
# Apache errors, `dmesg -T`: Sat Dec 10 18:52:01 2022.
_YEAR_LAST = re.compile(rf"\b(?P<mon>[A-Z][a-z]{{2}}) {{1,2}}(?P<d>\d{{1,2}}) {_CLOCK} (?P<y>\d{{4}})\b", re.ASCII)
_EPOCH = re.compile(
    r'"?(?:ts|time|timestamp|@timestamp|t|date)"?\s*[:=]\s*"?(?P<s>1\d{9})(?:(?P<ms>\d{3})\b|\.(?P<f>\d{1,9}))?(?!\d)',
    re.ASCII,
)
_HINT = re.compile(r"\d\d:\d\d:\d\d|1\d{9}", re.ASCII)


def stamp_of(text: str) -> datetime | None:
    """Read the first time stamp in `text`; None where there is none, or one without a year."""
    if _HINT.search(text) is None:
        return None
    found = [m for m in (pattern.search(text) for pattern in (_ISO, _DAY_FIRST, _YEAR_LAST)) if m]
    if found:
        return _calendar(min(found, key=re.Match.start))
    epoch = _EPOCH.search(text)
    if epoch is None:
        return None
    fraction = int(epoch["ms"]) / 1e3 if epoch["ms"] else float(f"0.{epoch['f'] or 0}")
    return datetime.fromtimestamp(int(epoch["s"]), UTC) + timedelta(seconds=fraction)


def _calendar(match: re.Match[str]) -> datetime | None:
    fields = match.groupdict()
    month = int(fields["mo"]) if fields.get("mo") else _MONTHS.get((fields.get("mon") or "").lower(), 0)
    micros = int((fields["f"] or "0").ljust(6, "0")[:6])
    try:
        local = datetime(
            int(fields["y"]), month, int(fields["d"]), int(fields["h"]), int(fields["mi"]), int(fields["s"]), micros,
            tzinfo=_zone(fields.get("zone")),
        )  # fmt: skip
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None  # digits that only look like a date


def _zone(name: str | None) -> timezone:
    if not name or name[0] not in "+-":
        return UTC
    digits = name[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(offset if name[0] == "+" else -offset)


_KUBECTL = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)(?: std(?:out|err) [FP])? ")


def body_of(line: bytes) -> bytes:
    """Cut the stamp that Kubernetes or the container run-time put before the program's own line."""
    if line[10:11] != b"T":
        return line
    if line[29:31] == b"Z " and line[19:20] == b"." and line[31:34] != b"std":
        return line[31:]  # as the API writes it: nine digits, always
    match = _KUBECTL.match(line)
    return line[match.end() :] if match else line
