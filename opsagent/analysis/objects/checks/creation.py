"""Pods that are never made: quota, limit ranges, missing accounts and refused rights, as the controllers state."""

import re
from collections.abc import Iterator
from dataclasses import replace

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.catalog.records import Message
from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.fit import requests_of
from opsagent.analysis.objects.checks.refusals import checked
from opsagent.analysis.objects.checks.scene import Scene, newest, observe, observe_event
from opsagent.models.evidence import Finding, Observation
from opsagent.models.observed import KubeObject

MAKERS = ("ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController", "Deployment", "CronJob")
_REFUTED = 0.45  # the object that refused no longer does
_SETTLED_S = 120.0  # a refusal that is newer than this is newer than a quota's status may be
_REASONS = ("FailedCreate", "ReplicaSetCreateError", "FailedCreatePod", "FailedNeedsStart", "FailedDaemonPod")
_ASKED = re.compile(r"(requested|used|limited): ([^:]*?)(?=,? (?:requested|used|limited):|$)")
_MUST = re.compile(r"must specify ([\w./,\s;:-]+)")
_CALLED = re.compile(r"https?://(?P<service>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc\b")
_WEBHOOK = re.compile(r"webhook \\?\"(?P<name>[a-z0-9.-]+)\\?\"")


def creation_findings(scene: Scene, maker: KubeObject) -> list[Finding]:
    """Return why a controller cannot make its pods, from its events and its ReplicaFailure condition."""
    failing = kube.condition(maker, "ReplicaFailure")
    recent = [e for e in newest(scene.cluster.events_of(maker), *_REASONS) if scene.recent(e.last, 3600)]
    said = kube.text(failing, "message") if kube.text(failing, "status", default="True") != "False" else ""
    if _satisfied(maker) or not (recent or said):
        return _quota_full(scene, maker) or _missing_account(scene, maker)
    seen: list[Observation] = []
    if said:
        seen.append(
            observe(maker, "status.conditions[ReplicaFailure]", said, kube.moment(failing, "lastTransitionTime"))
        )
    seen += [observe_event(event) for event in recent[:2]]
    messages = [*([said] if said else []), *(e.message for e in recent)]
    judged = [(row, message) for message in messages if (row := judge(scene.catalog, message))]
    if judged:
        row, message = max(judged, key=lambda item: item[0].strength)
        refusal = checked(scene, maker, message)
        seen += [one for one in (*refusal.seen, *_quotas(scene, maker, row)) if one not in seen]
        over = refusal.holds is False and not any(scene.recent(e.last, _SETTLED_S) for e in recent)
        strength = min(row.strength, _REFUTED) if over else row.strength
        said_all = f"{said} {' '.join(event.message for event in recent)}"
        change = webhook_of(said_all) if row.then == "webhook" else None
        return [scene.finding(row.code, maker, strength, row.summary, seen, change=change, variant=row.variant)]
    return [scene.unexplained(maker, 0.5, "The pods cannot be made, and nothing known states why.", seen)]


def judge(catalog: Catalog, message: str) -> Message | None:
    """Return what a refused creation means: code, strength and sentence; None where no row of the catalog fits."""
    row = catalog.message("creation", message)
    if row is None or row.then != "quota":
        return row
    if not row.variant:
        code = _exceeded(catalog, message)
        return replace(row, code=code, summary=catalog.summary("quota", code))
    return replace(row, code=quota_row(catalog, (_MUST.search(message) or ["", "pods"])[1]).code)


def webhook_of(message: str) -> str | None:
    """Return the Service behind a webhook that does not answer, else its configuration; None without a name."""
    called, named = _CALLED.search(message), _WEBHOOK.search(message)
    if called:
        return f"Service/{called['service']}"
    return f"ValidatingWebhookConfiguration/{named['name']}" if named else None


def _exceeded(catalog: Catalog, message: str) -> str:
    """Return the quota that really does not suffice: several may be asked for in one message."""
    parts = {match[1]: _amounts(match[2]) for match in _ASKED.finditer(message)}
    asked, used, limited = (parts.get(key, {}) for key in ("requested", "used", "limited"))
    over = [key for key in asked if key in limited and asked[key] + used.get(key, 0.0) > limited[key]]
    for key in over or asked or limited:
        return quota_row(catalog, key).code
    return quota_row(catalog, message).code


def _amounts(text: str) -> dict[str, float]:
    pairs = (part.strip().partition("=") for part in text.split(","))
    return {key: kube.quantity(value) or 0.0 for key, _, value in pairs if key}


def quota_row(catalog: Catalog, key: str) -> Message:
    """Return what a quota's resource name, or a message that names one, is about."""
    row = catalog.message("quota", key)
    assert row is not None  # its last row takes every name
    return row


def _satisfied(maker: KubeObject) -> bool:
    """Whether the controller has as many pods as it needs: then an old refusal is over."""
    status = kube.mapping(maker, "status")
    if kube.kind(maker) == "DaemonSet":
        wanted = kube.optional_integer(status, "desiredNumberScheduled")
        return wanted is not None and kube.integer(status, "currentNumberScheduled", default=wanted) >= wanted > 0
    if kube.kind(maker) in ("Job", "CronJob"):
        return kube.integer(status, "active") + kube.integer(status, "succeeded") > 0
    if kube.kind(maker) == "ReplicaSet" and kube.dig(maker, "spec", "replicas") is None:
        return False
    return bool(status) and kube.integer(status, "replicas") >= kube.wanted_replicas(maker)


def _quotas(scene: Scene, maker: KubeObject, row: Message) -> list[Observation]:
    if scene.catalog.about(row.code).family != "quota":
        return []
    if row.then == "limit-range":
        ranges = [item for item in scene.cluster.of("LimitRange") if kube.namespace(item) == kube.namespace(maker)]
        return [observe(item, "spec.limits", str(kube.sequence(item, "spec", "limits"))) for item in ranges[:1]]
    return [
        observe(quota, f"status.used[{key}]", f"{used} of {hard}")
        for quota, key, used, hard in used_up(scene, kube.namespace(maker))
        if quota_row(scene.catalog, key).code == row.code
    ][:2]


def used_up(
    scene: Scene, namespace: str, room_for: dict[str, float] | None = None
) -> Iterator[tuple[KubeObject, str, str, str]]:
    """Yield (quota, resource, used, hard) where a quota is used up, or has too little left for `room_for`."""
    for quota in scene.cluster.of("ResourceQuota"):
        if kube.namespace(quota) != namespace:
            continue
        hard = kube.mapping(quota, "status", "hard") or kube.mapping(quota, "spec", "hard")
        for key, value in hard.items():
            most, used = kube.quantity(value), kube.quantity(kube.dig(quota, "status", "used", key))
            if most is None or used is None:
                continue
            wanted = (room_for or {}).get(key.removeprefix("requests."), 0.0) if not key.startswith("limits.") else 0.0
            if used + wanted > most * (1 + 1e-9) or used >= most:
                yield quota, key, kube.text(quota, "status", "used", key), str(value)


def _short_of_pods(scene: Scene, maker: KubeObject) -> bool:
    if kube.kind(maker) not in ("ReplicaSet", "StatefulSet", "ReplicationController") or not kube.mapping(
        maker, "status"
    ):
        return False
    age = scene.age(kube.created(maker))
    return kube.integer(maker, "status", "replicas") < kube.wanted_replicas(maker) and (age is None or age > 30)


def _quota_full(scene: Scene, maker: KubeObject) -> list[Finding]:
    if not scene.cluster.of("ResourceQuota") or not _short_of_pods(scene, maker):
        return []
    template = {"kind": "Pod", "spec": kube.pod_spec(maker)}
    for quota, key, used, hard in used_up(scene, kube.namespace(maker), requests_of(template)):
        full = quota_row(scene.catalog, key)
        if full.then:
            continue  # no pod is kept from being made
        have = f"{kube.integer(maker, 'status', 'replicas')} of {kube.wanted_replicas(maker)} pods made"
        seen = [observe(quota, f"status.used[{key}]", f"{used} of {hard}"), observe(maker, "status.replicas", have)]
        return [scene.finding(full.code, maker, 0.75, full.summary, seen)]
    return []


def _missing_account(scene: Scene, maker: KubeObject) -> list[Finding]:
    account = kube.text(kube.pod_spec(maker), "serviceAccountName") or kube.text(kube.pod_spec(maker), "serviceAccount")
    if not account or not scene.cluster.absent("ServiceAccount", account, kube.namespace(maker)):
        return []
    seen = [observe(maker, "spec.template.spec.serviceAccountName", f"{account}, which is not there")]
    short = _short_of_pods(scene, maker) or _short_deployment(maker)
    if not short:
        return []
    summary = f"The service account {account} of the pods does not exist."
    return [scene.finding("access.service-account-missing", maker, 0.85, summary, seen)]


def _short_deployment(maker: KubeObject) -> bool:
    status = kube.mapping(maker, "status")
    return (
        kube.kind(maker) == "Deployment"
        and bool(status)
        and kube.integer(status, "replicas") < kube.wanted_replicas(maker)
    )
