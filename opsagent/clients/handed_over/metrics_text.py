"""Figures in the text format of Prometheus, as log records: what they state of targets and of answered requests."""

import re
from collections import defaultdict
from collections.abc import Iterator

from opsagent.clients.handed_over.owners import NOBODY
from opsagent.clients.handed_over.wrapped import Wrapped

SIGN = re.compile(r"^# (?:HELP|TYPE) [a-zA-Z_:]", re.MULTILINE)
# https://prometheus.io/docs/instrumenting/exposition_formats/
_SAMPLE = re.compile(
    r"^(?P<name>[a-zA-Z_:][\w:]*)(?P<labels>\{.*\})?\s+"
    r"(?P<value>[+-]?(?:[\d.]+(?:[eE][+-]?\d+)?|Inf|NaN))(?:\s+-?[\d.]+)?$"
)
_CODE = re.compile(r'[{,]\s*(?:code|status|status_?code|http_status|response_code)="(?P<code>[1-5])(?:\d\d|xx)"')
_REQUESTS = re.compile(r"(?:request|response)s?(?:_.*)?_(?:total|count)$")
_SHARE = 0.8  # of the lines that have to be samples or comments
_FAILED, _FEWEST = 0.3, 20  # such a share of so many requests answered 5xx


def metrics_records(text: str) -> Iterator[Wrapped]:
    """Yield a record of what the figures show, what fails at level ERROR; nothing of a text of another kind."""
    if not SIGN.search(text):
        return
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    samples = [found for line in lines if (found := _SAMPLE.match(line))]
    comments = sum(line.startswith(("#", "$ ")) for line in lines)
    if not samples or len(samples) + comments < _SHARE * len(lines):
        return
    yield _record(f"INFO metrics: {len(samples)} samples read")
    yield from map(_record, _down(samples))
    yield from map(_record, _refused(samples))


def _down(samples: list[re.Match[str]]) -> Iterator[str]:
    """Report what an exporter could not reach: by convention its `up` is 0."""
    for sample in samples:
        if (sample["name"] == "up" or sample["name"].endswith("_up")) and float(sample["value"]) == 0:
            yield f"ERROR metrics: {sample['name']}{sample['labels'] or ''} is 0: its target is not reachable"


def _refused(samples: list[re.Match[str]]) -> Iterator[str]:
    answered: dict[str, float] = defaultdict(float)
    failed: dict[str, float] = defaultdict(float)
    for sample in samples:
        code = _CODE.search(sample["labels"] or "") if _REQUESTS.search(sample["name"]) else None
        if code is not None and sample["value"][-1:].isdigit():
            answered[sample["name"]] += float(sample["value"])
            failed[sample["name"]] += float(sample["value"]) if code["code"] == "5" else 0
    for name, count in answered.items():
        if count >= _FEWEST and failed[name] >= _FAILED * count:
            share = f"{failed[name]:.0f} of {count:.0f}"
            yield f"ERROR metrics: {name}: {share} requests since the start of the program were answered 5xx"


def _record(text: str) -> Wrapped:
    return Wrapped(NOBODY, text.encode())
