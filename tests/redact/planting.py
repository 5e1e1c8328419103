"""The planted secrets, put where secrets stand: in log lines, environments, annotations, states and events."""

import json
from collections.abc import Iterable
from typing import Any

from opsagent.redact import Redactor
from tests.redact.secrets import PEM, PLANTED

Json = dict[str, Any]

# What must not be left of any of them.
# A short number may be anywhere by chance; those are tested where nothing else is (test_redactor).
LEFT = tuple(dict.fromkeys(left for *_, left in PLANTED if not (left.isdigit() and len(left) < 8)))
KEY_LINE = "iJ4kL5mN"  # a line of a key is recognised by standing alone: it is planted so
# What has to come through; each is planted in logs beside the secrets.
SURVIVES = (
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "local-blog-service-deployment-7d9f8b6c5d-k8m2p",
    "4bf92f3577b34da6a3ce929d0e0e4736",
)


class Blind(Redactor):
    """A redactor that hides nothing: what a test would find without one."""

    def __call__(self, text: str) -> str:
        """Return the text."""
        return text

    def mark(self, kind: str, value: str) -> str:
        """Return the value."""
        return value


def texts() -> tuple[str, ...]:
    """Return every secret as it is in a text of one line."""
    return tuple(text for _, text, left in PLANTED if "\n" not in text and left != KEY_LINE)


def error_lines() -> tuple[str, ...]:
    """Return log lines that hold the secrets, each worth a check, and lines that only look like it."""
    first = f"CRITICAL gave up on {' and '.join(SURVIVES)}"
    lines = [f"ERROR step {number} failed: {text}" for number, text in enumerate(texts())]
    return (first, *lines, "ERROR cannot read key:", *PEM.splitlines(), "ERROR giving up")


def workload(name: str, pod: str, namespace: str, secrets: Iterable[str], at: str) -> list[Json]:
    """Return a Deployment, its crashing pod and an event, all of which quote the secrets."""
    planted = list(secrets)
    meta = {"namespace": namespace, "labels": {"app": name}}
    env = [{"name": f"SETTING_{number}", "value": text} for number, text in enumerate(planted)]
    container = {"name": "app", "image": "app:1", "env": env, "args": planted}
    notes = {
        **{f"example.org/note-{number}": text for number, text in enumerate(planted)},
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps(env),
    }
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": f"back-off: {planted[-1]}"}}
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "message": f"died: {planted[0]}"}}
    status = {"name": "app", "ready": False, "restartCount": 4, "state": waiting, "lastState": ended}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template}
    return [
        {
            "kind": "Deployment",
            "metadata": {**meta, "name": name, "annotations": notes, "managedFields": [{"manager": planted[0]}]},
            "spec": spec,
        },
        {
            "kind": "Pod",
            "metadata": {**meta, "name": pod},
            "spec": {"containers": [container]},
            "status": {"phase": "Running", "containerStatuses": [status]},
        },
        {
            "kind": "Event",
            "metadata": {"name": f"{pod}.1", "namespace": namespace},
            "involvedObject": {"kind": "Pod", "name": pod},
            "type": "Warning",
            "reason": "Unhealthy",
            "message": f"probe failed: {planted[0]}",
            "lastTimestamp": at,
        },
    ]


def leaks(ways: dict[str, str]) -> set[tuple[str, str]]:
    """Return (way, secret) of each planted secret that got out."""
    seen = {way: (text, _undisguised(text)) for way, text in ways.items()}
    return {(way, left) for way, texts in seen.items() for left in LEFT if any(left in text for text in texts)}


def _undisguised(text: str) -> str:
    """Return the text without the signs that secrets may be disguised with."""
    for sign in ("\u200b", "\u00ad", "\ufeff", "\u2060", "\x00", "\\u200b", "\\u0000"):
        text = text.replace(sign, "")
    return text
