"""Broken since the last change, and what proves it."""

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.reasoning.since_change import since_change
from opsagent.analysis.reasoning.suspects import merged
from opsagent.models.evidence import Change, Finding, Observation
from tests.analysis.scene import ago


def said(code: str, text: str, *, seconds_ago: float = 60, strength: float = 0.5) -> Finding:
    """Return what a log of the shop states."""
    seen = (Observation("logs", "logs/shop-1/app.log:L9", text),)
    return Finding(code, "Deployment/shop", "shop", strength, text, seen, at=ago(seconds_ago))


def revision(told: str, *, seconds_ago: float = 600, about: str = "Deployment/shop") -> Change:
    """Return a change of the shop's pod template."""
    text = f"revision 4 → 5: {told}"
    return Change(ago(seconds_ago), about, text, Observation("objects", "ReplicaSet/shop-5:spec.template", text))


def codes(finding: Finding, *changes: Change) -> list[str]:
    """Return what the changes explain of one finding."""
    return [found.code for found in since_change(merged([finding]), changes, builtin())]


@pytest.mark.parametrize(
    ("finding", "told", "code"),
    [
        (said("access.credentials", "session cookie too old"), "SESSION_COOKIE_TTL changed", "config.invalid"),
        (said("network.refused", "dial tcp billing:9090: refused"), "BILLING_ADDR changed", "config.wrong-address"),
        (said("network.dns", "getaddrinfo ENOTFOUND mailer"), "MAILER_HOST added", "config.wrong-address"),
        (said("pod.crash-app-error", "IndexError"), "image shop:4 → shop:5", "rollout.bad-revision"),
    ],
)  # fmt: skip
def test_a_complaint_after_a_change(finding: Finding, told: str, code: str) -> None:
    """A setting that the complaint names is the cause; an address that is not reached is wrong; else the revision."""
    assert codes(finding, revision(told)) == [code]


@pytest.mark.parametrize(
    ("finding", "change"),
    [
        (said("pod.crash-app-error", "IndexError", seconds_ago=900), revision("image a → b")),  # it was so before
        (said("pod.crash-app-error", "IndexError"), revision("image a → b", seconds_ago=7200)),  # long after
        (said("pod.crash-app-error", "IndexError"), revision("image a → b", about="Deployment/mail")),
        (said("pod.crash-app-error", "IndexError", strength=0.9), revision("image a → b")),  # firm by itself
        (said("network.refused", "dial tcp billing:9090: refused"), revision("MAILER_HOST changed")),
        (said("db.locked", "database is locked"), revision("image a → b")),  # a mechanism of its own
        (said("probe.failing", "refused", strength=0.4), revision("image a → b")),  # only just started: no trouble yet
    ],
)
def test_a_change_that_explains_nothing(finding: Finding, change: Change) -> None:
    """Another workload, another time, another mechanism, and what needs no change stay as they are."""
    assert codes(finding, change) == []


def test_a_complaint_without_a_time_proves_no_order() -> None:
    """What may have been so before the change is not blamed on it; nor is a restart a change."""
    timeless = Finding("unknown", "Deployment/shop", "shop", 0.5, "x", (Observation("logs", "a:L1", "x"),))
    assert codes(timeless, revision("image a → b")) == []
    restart = Change(ago(600), "Deployment/shop", "restarted on request", Observation("objects", "d", "x"))
    assert codes(said("unknown", "x"), restart) == []
