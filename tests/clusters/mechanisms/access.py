"""Missing identities and permissions: family `access`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters import kubelet, voices
from tests.clusters.changes import main_of, new_revision, refuse_pods
from tests.clusters.model import RESTART, SCALE, Expect, Obj
from tests.clusters.pods import created
from tests.clusters.registry import mechanism

from . import kit

if TYPE_CHECKING:
    from tests.clusters.world import World


@mechanism("access.service-account-missing")
def service_account_missing(world: World) -> Expect:
    """The pod template names a ServiceAccount that does not exist, so the API server refuses its pods.

    https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
    """
    w = world.victim()
    account = world.rng.choice((f"{w.name}-sa", f"{w.name}-runner", "deployer", w.name))
    reason = f'error looking up service account {world.namespace}/{account}: serviceaccount "{account}" not found'

    def name(spec: Obj) -> None:
        spec.update(serviceAccountName=account, serviceAccount=account)

    broken = refuse_pods(world, w, f'pods "{{}}" is forbidden: {reason}', change=name)
    also = (f"ServiceAccount/{account}",)
    harmful = broken.harmful() | {RESTART, SCALE}
    return kit.expect(w, "access.service-account-missing", pods=[], also=also, plans=broken.plans(), harmful=harmful)


@mechanism("access.rbac")
def operator_forbidden(world: World) -> Expect:
    """An operator's ServiceAccount may not do what its reconciliation needs; its events and log carry the answer.

    https://kubernetes.io/docs/reference/access-authn-authz/rbac/
    """
    w = world.victim()
    w.lang = "gojson"
    account = f"{w.name}-operator"
    kit.edit_all(w, lambda spec: spec.update(serviceAccountName=account, serviceAccount=account))
    world.add(world.new("v1", "ServiceAccount", account, w.born))
    rules = [{"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]}]
    role = world.add(world.new("rbac.authorization.k8s.io/v1", "Role", f"{account}-role", w.born, rules=rules))
    subject = {"kind": "ServiceAccount", "name": account, "namespace": world.namespace}
    role_ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role["metadata"]["name"]}
    binding = world.new("rbac.authorization.k8s.io/v1", "RoleBinding", f"{account}-binding", w.born)
    world.add(binding | {"subjects": [subject], "roleRef": role_ref})
    verb, resource, group = world.rng.choice(
        (("list", "pods", ""), ("create", "deployments", "apps"), ("patch", "configmaps", ""), ("watch", "secrets", ""))
    )
    user = f"system:serviceaccount:{world.namespace}:{account}"
    text = f'{resource} is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "{group}" '
    text += f'in the namespace "{world.namespace}"'
    lines = [
        f"reflector.go:547] k8s.io/client-go/tools/cache/reflector.go:232: failed to {verb} {resource}: {text}"
    ] * 3
    lines += [voices.line("gojson", "error", f"Reconciler error: {text}")] * 3
    kit.say(world, w, lines)
    kind = world.rng.choice(("Widget", "KafkaUser", "BackupPlan"))
    custom = world.new("platform.example.com/v1alpha1", kind, f"{w.name}-main", w.born, spec={"size": 2})
    world.add(custom)
    by = f"{w.name}-controller"
    world.event(custom, "ReconcileError", text, by=by, first=world.since, last=world.ago(20), count=7, warning=True)
    also = (
        f"ServiceAccount/{account}",
        f"Role/{account}-role",
        f"RoleBinding/{account}-binding",
        f"{kind}/{w.name}-main",
    )
    return kit.in_place(w, "access.rbac", pods=w.pods, also=also)


@mechanism("access.permission-denied")
def must_not_be_root(world: World) -> Expect:
    """The security context forbids root and the image's user is root, or not a number.

    https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    """
    w = world.victim(("Deployment", "StatefulSet"))
    user = world.rng.choice(("", "node", "app"))
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update(securityContext={"runAsNonRoot": True}))
    for pod in broken.pods:
        what = (
            f"image has non-numeric user ({user}), cannot verify user is non-root" if user else "image will run as root"
        )
        text = f'container has runAsNonRoot and {what} (pod: "{kubelet.pod_id(pod)}", container: {w.container})'
        kubelet.config_error(world, pod, w.container, text)
    return kit.of_revision(w, broken, "access.permission-denied")


DENIED = {
    "readOnlyRootFilesystem": (
        "OSError: [Errno 30] Read-only file system: '/app/cache/index'",
        "open /var/run/app.pid: read-only file system",
        "Error: EROFS: read-only file system, mkdir '/app/.next/cache'",
    ),
    "capabilities": (
        "nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)",
        "listen tcp :80: bind: permission denied",
        "Error: listen EACCES: permission denied 0.0.0.0:80",
    ),
}


@mechanism("access.permission-denied")
def security_context(world: World) -> Expect:
    """A stricter security context takes from the program what it needs at start: a writable root or a low port.

    https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-capabilities-for-a-container
    """
    w = world.victim()
    field = world.rng.choice(list(DENIED))
    context: Obj = {"readOnlyRootFilesystem": True}
    if field == "capabilities":
        context = {"capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True, "runAsUser": 10001}
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update(securityContext=dict(context)))
    text = world.rng.choice(DENIED[field])
    for pod in broken.pods:
        kubelet.crash_loop(world, w, pod, code=1, since=created(pod), run=world.rng.randint(0, 3), lines=[text])
    return kit.of_revision(w, broken, "access.permission-denied")
