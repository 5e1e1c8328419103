"""What kubectl prints, pasted into a log: a Service or a claim beside what it should find."""

import re
from collections.abc import Iterable, Iterator, Mapping

from opsagent.analysis.catalog.phrase import Verdict
from opsagent.analysis.logs.context.listening import listening
from opsagent.analysis.logs.matching.matches import Match
from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest, LogGroup

_SELECTOR = Verdict(
    "service.selector-mismatch", 0.86, 0, "no pod carries the labels that the Service selects", lasting=True
)
_PORT = Verdict(
    "service.port-mismatch",
    0.84,
    0,
    "the Service sends to a port on which the program does not listen",
    lasting=True,
)
_CLAIM = Verdict("volume.selector", 0.84, 0, "no volume carries the labels that the claim selects", lasting=True)
_ROOTS = ("targetport:", "selector", "persistent volumes available")
_PAIR = r"[\w./-]+=[\w.-]*"
_SELECTS = Late(rf"^\s*Selector:\s+({_PAIR}(?:,{_PAIR})*)\s*$")
_NONE = Late(r"^\s*Endpoints:\s*(?:<none>|<unset>)?\s*$")
_TARGET = Late(r"^\s*-?\s*target_?port:\s+(\d+)(?:/(?:TCP|SCTP))?\s*$")
_CONTAINER = Late(r"^\s*(?:-\s*containerPort:\s+|Ports?:\s+)(\d+)(?:/TCP)?\s*$")
# A row of pods or volumes with --show-labels ends in its labels.
_POD_ROW = Late(rf"^\S+\s+\d+/\d+\s+\w+\s.*\s({_PAIR}(?:,{_PAIR})*)\s*$")
_VOLUME_ROW = Late(
    rf"^\S+\s+\d+[KMGTP]i?\s+(?:RWO|RWX|ROX|RWOP)\S*\s+\w+\s+Available\s.*\s({_PAIR}(?:,{_PAIR})*|<none>)\s*$"
)
_UNBOUND = Late(r"no persistent volumes available for this claim")
_MATCH_LABELS = Late(r"\"matchLabels\":\s*\{([^}]+)\}")
_IN_JSON = re.compile(r"\"([^\"]+)\":\s*\"([^\"]*)\"")


def described(log: LogDigest, found: Mapping[tuple[str, str | None], list[Match]]) -> Iterator[Match]:
    """Yield what a described Service or claim asks for and nothing in the same text has."""
    del found
    lowered = [group.text.lower() for group in log.groups]
    if not any(root in text for root in _ROOTS for text in lowered):
        return
    groups = sorted(log.groups, key=lambda group: group.first_line)
    yield from _selects_nothing(groups)
    yield from _sends_elsewhere(log, groups)
    yield from _claims_nothing(groups)


def _selects_nothing(groups: list[LogGroup]) -> Iterator[Match]:
    rows = [_pairs(m[1]) for group in groups if (m := _POD_ROW.search(group.text))]
    if not rows or not any(_NONE.search(group.text) for group in groups):
        return
    for group, selects in _found(_SELECTS, groups):
        wanted = _pairs(selects[1])
        if not any(wanted <= row for row in rows):
            yield Match.of_group(_SELECTOR, group)


def _sends_elsewhere(log: LogDigest, groups: list[LogGroup]) -> Iterator[Match]:
    targets = list(_found(_TARGET, groups))
    if not targets:
        return
    ports = listening(log) or {m[1] for _, m in _found(_CONTAINER, groups)}
    for group, target in targets:
        if ports and target[1] not in ports:
            yield Match.of_group(_PORT, group)


def _claims_nothing(groups: list[LogGroup]) -> Iterator[Match]:
    unbound = next((group for group in groups if _UNBOUND.search(group.text)), None)
    if unbound is None:
        return
    rows = [_pairs(m[1]) for group in groups if (m := _VOLUME_ROW.search(group.text))]
    for group, labels in _found(_MATCH_LABELS, groups):
        wanted = {f"{key}={value}" for key, value in _IN_JSON.findall(labels[1])}
        if rows and wanted and not any(wanted <= row for row in rows):
            yield Match.of_group(_CLAIM, group)
            yield Match.of_group(_CLAIM, unbound)


def _found(pattern: Late, groups: Iterable[LogGroup]) -> Iterator[tuple[LogGroup, re.Match[str]]]:
    for group in groups:
        found = pattern.search(group.text)
        if found:
            yield group, found


def _pairs(text: str) -> set[str]:
    return set(text.split(","))
