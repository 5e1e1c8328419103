"""Creates that admission refuses: family `admission`.

https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/ and
https://kubernetes.io/docs/concepts/security/pod-security-admission/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters.changes import main_of, refuse_pods
from tests.clusters.model import NONE, RESTART, SCALE, Expect, Obj
from tests.clusters.registry import mechanism

from . import kit

if TYPE_CHECKING:
    from tests.clusters.world import World

BLOCKED = frozenset({RESTART, SCALE})


@mechanism("admission.denied")
def pod_security(world: World) -> Expect:
    """The namespace enforces a Pod Security level that the new revision's pods violate.

    https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    w = world.victim()
    level, text, change = world.rng.choice(_violations(w.container))
    labels = {"pod-security.kubernetes.io/enforce": level, "kubernetes.io/metadata.name": world.namespace}
    space = world.new("v1", "Namespace", world.namespace, world.ago(86400 * 200), namespace="", labels=labels)
    world.add(space | {"spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})

    def apply(spec: Obj) -> None:
        main = main_of(w, spec)
        main.setdefault("securityContext", {}).update(change)
        if "hostNetwork" in text:
            spec["hostNetwork"] = True

    message = f'pods "{{}}" is forbidden: violates PodSecurity "{level}:latest": {text}'
    broken = refuse_pods(world, w, message, change=apply)
    also = (f"Namespace/{world.namespace}",)
    harmful = broken.harmful() | BLOCKED
    return kit.expect(w, "admission.denied", pods=[], also=also, plans=broken.plans(), harmful=harmful)


def _violations(name: str) -> list[tuple[str, str, Obj]]:
    escalation = (
        f'allowPrivilegeEscalation != false (container "{name}" must set '
        "securityContext.allowPrivilegeEscalation=false)"
    )
    privileged = f'privileged (container "{name}" must not set securityContext.privileged=true)'
    return [
        (
            "restricted",
            (
                f'{escalation}, runAsNonRoot != true (pod or container "{name}" '
                "must set securityContext.runAsNonRoot=true)"
            ),
            {"allowPrivilegeEscalation": True},
        ),
        ("baseline", privileged, {"privileged": True}),
        ("baseline", "host namespaces (hostNetwork=true)", {}),
    ]


@mechanism("admission.denied")
def policy_engine(world: World) -> Expect:
    """A validating webhook or a ValidatingAdmissionPolicy denies the new revision's pods and states its rule.

    https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
    """
    w = world.victim()
    rows = (
        (
            (
                'admission webhook "validation.gatekeeper.sh" denied the request: '
                '[require-owner] you must provide labels: {"owner"}'
            ),
            "K8sRequiredLabels/require-owner",
        ),
        (
            'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/'
            + world.namespace
            + "/{} was blocked due to the following policies \n\nrequire-limits:\n  check-limits: 'validation error: "
            "CPU and memory limits are required. rule check-limits failed at "
            "path /spec/containers/0/resources/limits/'\n",
            "ClusterPolicy/require-limits",
        ),
        (
            (
                'pods "{}" is forbidden: ValidatingAdmissionPolicy '
                "'trusted-registries' with binding 'trusted-registries-all' denied "
                "request: images must come from the trusted registry"
            ),
            "ValidatingAdmissionPolicy/trusted-registries",
        ),
        (
            'admission webhook "policy.corp.example" denied the request: image signature could not be verified',
            "ValidatingWebhookConfiguration/policy.corp.example",
        ),
    )
    text, policy = world.rng.choice(rows)

    def change(spec: Obj) -> None:
        if "limits" in text:
            main_of(w, spec)["resources"].pop("limits")
        main_of(w, spec)["env"].append({"name": "REVISION", "value": "next"})

    broken = refuse_pods(world, w, text, change=change)
    harmful = broken.harmful() | BLOCKED
    return kit.expect(w, "admission.denied", pods=[], also=(policy,), plans=broken.plans(), harmful=harmful)


@mechanism("admission.webhook-unreachable", scope="namespace")
def webhook_unreachable(world: World) -> Expect:
    """A webhook with failurePolicy Fail does not answer, so the API server refuses every pod made now.

    https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy
    """
    w = world.victim()
    hook, service, space, path = world.rng.choice(
        (
            ("namespace.sidecar-injector.example.com", "mesh-injector", "mesh-system", "/inject"),
            ("validate.policy.example.com", "policy-webhook", "policy", "/validate"),
            ("vault.hashicorp.com", "vault-agent-injector-svc", "vault", "/mutate"),
        )
    )
    url = f"https://{service}.{space}.svc:443{path}?timeout=10s"
    whys = (
        f'Post "{url}": dial tcp 10.96.41.7:443: connect: connection refused',
        f'Post "{url}": no endpoints available for service "{service}"',
        f'Post "{url}": context deadline exceeded',
        (
            f'Post "{url}": tls: failed to verify certificate: x509: certificate '
            "has expired or is not yet valid: current time "
            f"{world.since.strftime('%Y-%m-%dT%H:%M:%SZ')} is after 2026-01-01T00:00:00Z"
        ),
    )
    kind = "ValidatingWebhookConfiguration" if path == "/validate" else "MutatingWebhookConfiguration"
    client = {"service": {"name": service, "namespace": space, "path": path, "port": 443}}
    row = {"name": hook, "failurePolicy": "Fail", "clientConfig": client, "timeoutSeconds": 10, "sideEffects": "None"}
    row["admissionReviewVersions"] = ["v1"]
    row["rules"] = [
        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"], "scope": "*"}
    ]
    at = world.ago(86400 * 120)
    world.add(world.new("admissionregistration.k8s.io/v1", kind, service, at, namespace="", webhooks=[row]))
    text = f'Internal error occurred: failed calling webhook "{hook}": failed to call webhook: {world.rng.choice(whys)}'
    broken = refuse_pods(world, w, text)
    also = (f"{kind}/{service}", f"{kind}/{hook}", f"Service/{service}", f"Deployment/{service}")
    plans = NONE if broken.first else NONE | broken.plans()
    return Expect(("admission.webhook-unreachable",), also, plans, BLOCKED | broken.harmful(), w.name)
