"""stats.jsonl: the samples of GET /stats that a bundle holds, line by line."""

import json
import math
from collections import deque
from collections.abc import Iterator
from typing import IO, Any

from opsagent.clients.bundle.files import CHUNK, Files
from opsagent.clients.bundle.time import parse_time
from opsagent.models.coverage import Outcome
from opsagent.models.observed import Skipped, StatsSample

NAME = "stats.jsonl"
_MAX_LINE = 4 * 1024 * 1024
_MAX_SAMPLES = 20_000


def read_samples(files: Files) -> tuple[tuple[StatsSample, ...], tuple[Skipped, ...]]:
    """Return the samples, oldest first, and what could not be read of them; the newest 20,000 at most."""
    samples: deque[StatsSample] = deque(maxlen=_MAX_SAMPLES)
    bad: list[int] = []
    try:
        with files.opener(NAME) as stream:
            for number, line in enumerate(_lines(stream), 1):
                if not line.strip():
                    continue
                sample = _sample(line)
                if sample is None:
                    bad.append(number)
                else:
                    samples.append(sample)
    except OSError as error:
        return (), (Skipped("stats", f"{NAME} cannot be read: {error}", Outcome.NOT_UNDERSTOOD),)
    notes = []
    if bad:
        lines = ", ".join(f"L{number}" for number in bad[:5]) + (" …" if len(bad) > 5 else "")
        notes.append(Skipped("stats", f"{NAME}: {len(bad)} lines are no samples ({lines})", Outcome.NOT_UNDERSTOOD))
    return tuple(sorted(samples, key=lambda sample: sample.at)), tuple(notes)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield lines; one that is too long for a sample comes as something that is none."""
    rest = b""
    while chunk := stream.read(CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        if len(rest) > _MAX_LINE:
            rest = b"too long"
    yield rest


def _sample(line: bytes) -> StatsSample | None:
    try:
        entry = json.loads(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    at = parse_time(entry.get("at")) if isinstance(entry, dict) else None
    if at is None:
        return None
    body, error = entry.get("stats"), entry.get("error")
    if not isinstance(body, dict) and error is None:
        error = "the answer is no JSON object" if "stats" in entry else "no answer was written down"
    return StatsSample(
        at=at,
        took_s=number(entry.get("took_s")) or 0.0,
        http=whole(entry.get("http")),
        stats=body if isinstance(body, dict) else None,
        error=None if error is None else str(error),
        reach="bundle",
    )


def number(value: Any) -> float | None:
    """Return a finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an integer beyond any float
        return None


def whole(value: Any) -> int | None:
    """Return an integer, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
