"""Warnings of what no check accounts for, understood by the wordings of the catalog."""

from typing import Any

import pytest

from opsagent.analysis.objects.checks import object_findings
from tests.analysis.kube_objects import NOW, event, first, pod, seen, stack

_HPA, _NO_METRICS = "HorizontalPodAutoscaler", "autoscaling.no-metrics"
_UNREAD = "unable to get metrics for resource cpu: no metrics returned from resource metrics API"
_UNSET = "failed to get cpu utilization: missing request for cpu in container web of Pod cart-7d4"
_LATE = "too many missed start times: 101. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
_CIDR = "Node worker-9 status is now: CIDRNotAvailable"
_HOOK = 'failed calling webhook "webhook.cert-manager.io": no endpoints available for service "cert-manager-webhook"'
_CASES = [
    (_HPA, "FailedGetResourceMetric", _UNREAD, _NO_METRICS),
    (_HPA, "FailedGetResourceMetric", _UNSET, _NO_METRICS),
    ("Job", "BackoffLimitExceeded", "Job has reached the specified backoff limit", "job.backoff-limit"),
    ("CronJob", "TooManyMissedTimes", _LATE, "job.missed-schedule"),
    ("Node", "CIDRNotAvailable", _CIDR, "network.no-pod-ip"),
    ("ScaledObject", "KEDAScalerFailed", "error establishing kafka client", _NO_METRICS),
    ("Certificate", "Failed", _HOOK, "admission.webhook-unreachable"),
]


@pytest.mark.parametrize(("kind", "reason", "message", "code"), _CASES, ids=[f"{k}-{r}" for k, r, _, _ in _CASES])
def test_an_event_about_what_was_not_read(kind: str, reason: str, message: str, code: str) -> None:
    """The object is not there to be checked, and its event states what is wrong."""
    assert first(event("cart", reason, message, kind=kind)) == (code, f"{kind}/cart")


def test_the_variant_of_a_phrase_goes_with_it() -> None:
    """The advice for a missing request is another than for missing metrics."""
    told = event("cart", "FailedGetResourceMetric", _CASES[1][2], kind="ScaledObject")
    found = object_findings(seen(told), now=NOW)
    assert [finding.variant for finding in found if finding.code == "autoscaling.no-metrics"] == ["missing-request"]


def test_a_healthy_pod_stays_healthy() -> None:
    """What an event reported of a pod that is Ready has passed."""
    items: list[Any] = stack()
    told = event(items[2], "Unhealthy", 'plugin type="calico" failed (add): error getting ClusterInformation')
    assert first(*items, told) == ("healthy", None)


def test_good_news_of_the_same_object_ends_it() -> None:
    """An autoscaler that scaled after the warning has its metrics."""
    told = event("cart", _CASES[0][1], _CASES[0][2], kind="ScaledObject", age=300)
    good = event("cart", "SuccessfulRescale", "New size: 3", kind="ScaledObject", age=20)
    assert first(told, {**good, "type": "Normal"}) == ("healthy", None)


def test_an_old_warning_accuses_nobody() -> None:
    """Events are kept for an hour, and a paste may be older."""
    told = event("cart", _CASES[0][1], _CASES[0][2], kind="ScaledObject", age=8000)
    assert first(told) == ("healthy", None)


def test_a_pod_that_only_events_name_and_that_started_since() -> None:
    """Its sandbox could be made after all."""
    made = pod("cart-6d5f7c9b84-x2x2x")
    failed = event(made, "FailedCreatePodSandBox", "failed to assign an IP address to container", age=300)
    good = event(made, "Started", "Started container web", age=200)
    assert first(failed, {**good, "type": "Normal"}) == ("healthy", None)
