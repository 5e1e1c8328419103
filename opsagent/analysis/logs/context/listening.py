"""Which ports the programs of a log state that they listen on."""

import re

from opsagent.analysis.text.late import Late
from opsagent.models.digest import LogDigest

_ROOTS = (
    "listen",
    "serving",
    "running",
    "started",
    "responding",
    "launched",
    "port: ",
    "port=",
    "bound to",
    "starting",
)
_PORT = (
    r"(?:\bport(?:\(s\)|s)?[\"']?\s?[:= ]\s?\"?|(?:\d\.\d{1,3}|\]|\*|localhost|[\s\"'/(=]|::|://[\w.-]+):)(80"
    r"|\d{3,5})\b(?![:.]\d)"
)
_LISTENS = Late(
    rf"\b(?:listening|serving|responding|running|launched|bound to|(?:started|starting)(?! at \d\d:)"
    rf"|ready for connections)\b[^\n]{{0,100}}?{_PORT}"
    rf"|\b(?:mode=\w+|version: '[^']+'[^\n]{{0,80}}), ? ?port[:=] ?(\d{{2,5}})\b"
)
_NODES = frozenset({"10248", "10249", "10250", "10255", "10256", "10257", "10259", "6443"})  # in a kubelet's own log
_NOT = re.compile(r"refused|\bnot (?:listening|running|started)|fail|error|unable|cannot|couldn't|in use"
    r"|is the server running|connecting|connection to", re.IGNORECASE)  # fmt: skip


def listening(log: LogDigest) -> frozenset[str]:
    """Return the ports, as digits, that lines of the log name as listened on; empty where none states it."""
    ports: set[str] = set()
    for group in log.groups:
        lowered = group.text.lower()
        if not any(root in lowered for root in _ROOTS) or _NOT.search(lowered):
            continue
        found = _LISTENS.search(group.text)
        if found:
            ports.add(found[1] or found[2])
    return frozenset(ports - _NODES)
