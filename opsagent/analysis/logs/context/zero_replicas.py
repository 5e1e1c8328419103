"""Deployments that somebody set to no replicas, and whose callers complain of it in the same log."""

import re
from collections.abc import Iterator, Mapping

from opsagent.analysis.catalog.phrase import Verdict
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest, LogGroup

_RULE = Verdict(
    "rollout.zero-replicas", 0.8, 0, "a service that is called was scaled to no replicas ({what})", lasting=True
)
_SET = Late(
    r"\bScaled (?P<way>up|down) replica set (?P<of>[a-z0-9][a-z0-9.-]*?)-(?P<hash>[a-z0-9]{5,10})\b"
    r"(?: from \d+)? to (?P<to>\d+)"
)
_ZERO = Late(
    r"^(?P<listed>[a-z0-9][a-z0-9.-]*)\s+0/0\s+0\s+0\s"
    r"|\bscale (?:--replicas[= ]0 )?(?:deploy(?:ment)?s?|sts|statefulsets?"
    r"|rs)(?:\.apps)?[/ ](?P<by_hand>[a-z0-9][a-z0-9.-]*)(?: --replicas[= ]0\b|$)"
    r"|\bscaled (?:deployment|statefulset)\W+(?P<told>[a-z0-9][a-z0-9.-]*)\W.{0,40}\bto (?:0|zero)(?: replicas)?\b"
)
_ROOTS = ("replica", "0/0", "scale")
_FAILS = Late(r"\b50[234]\b|refused|unavailable|no (?:healthy|available|endpoints)|timed? ?out|unreachable|fail"
    r"|error")  # fmt: skip


def scaled_away(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:  # noqa: ARG001
    """Yield what was scaled to none where somebody who calls it complains; idle ones are meant to be so."""
    for name, group in _at_zero(log).items():
        word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        if any(_complains(one, word) for one in log.groups if one is not group):
            yield Match(
                _RULE, group, group.first_line, group.text, _RULE.strength, None, f"Deployment/{name}", name
            )  # fmt: skip


def _at_zero(log: LogDigest) -> dict[str, LogGroup]:
    zero: dict[str, LogGroup] = {}
    up: dict[str, int] = {}
    for group in log.groups:
        if not any(root in group.text.lower() for root in _ROOTS):
            continue
        event, listed = _SET.search(group.text), _ZERO.search(group.text)
        if event and event["to"] == "0":
            zero[event["of"]] = group
        elif event:
            up[event["of"]] = max(group.last_line, up.get(event["of"], 0))
        if listed:
            zero[listed["listed"] or listed["by_hand"] or listed["told"]] = group
    # A rollout brings up the new replica set before it takes the old one away.
    return {name: group for name, group in zero.items() if name not in up}


def _complains(group: LogGroup, name: re.Pattern[str]) -> bool:
    told = group.kind in ("error", "warning", "traceback") and not _SET.search(group.text)
    return told and _FAILS.search(group.text) is not None and name.search(group.text) is not None
