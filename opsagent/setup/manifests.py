"""What lets opsagent work in a cluster: an account, roles with exactly the verbs in use, a CronJob."""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opsagent.config.settings import Settings
from opsagent.errors import UsageError
from opsagent.setup.access import Need, Role, names_of, needs_of
from opsagent.setup.config_map import block_yaml, config_text, settings_inside

Manifest = dict[str, Any]
STATE, CONFIG = "/var/lib/opsagent", "/etc/opsagent"
SCHEDULE = "*/5 * * * *"
USER_ID = 65532  # what distroless images call nonroot; any but 0 would do
WATCH = "opsagent-watch"  # the CronJob, its account and its ConfigMap
APPROVE_S = 3600  # how long the pod that approves waits for a human
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_ID = re.compile(r"[a-z0-9]{1,12}")
_RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One key of a Secret of the namespace; opsagent itself never reads Secrets, the kubelet hands it over."""

    name: str
    key: str = "url"

    @classmethod
    def parsed(cls, text: str) -> "SecretKey":
        """Return "NAME" or "NAME:KEY" as a reference; UsageError for anything else."""
        name, colon, key = text.partition(":")
        if not _NAME.fullmatch(name) or (colon and not _KEY.fullmatch(key)):
            raise UsageError(
                f"invalid Secret reference {text!r}", hint="use NAME or NAME:KEY; without one the key is url"
            )
        return cls(name, key or "url")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    role: Role
    cluster_reads: bool = False
    image: str | None = None  # of the CronJob
    claim: str | None = None  # the PersistentVolumeClaim that keeps its state
    webhook: SecretKey | None = None  # where the CronJob finds notify.webhook_url
    cluster: str | None = None  # how its messages name the cluster
    sources: str | None = None  # the Secret that holds the variables of prometheus, alertmanager and loki


def manifests(settings: Settings, wanted: Wanted) -> tuple[Manifest, ...]:
    """Return the objects, in the order in which they are to be applied.

    A Role never names Secrets. Raises UsageError where the CronJob lacks its image or claim, or would get more than a
    reader's role.
    """
    cron = wanted.image is not None or wanted.claim is not None
    _refuse_impossible(settings, wanted, cron=cron)
    cluster = wanted.cluster or settings.notify.cluster or settings.kubernetes.context
    approve = settings.notify.approve or approve_command(
        settings.kubernetes.namespace, wanted.image or "", wanted.claim or ""
    )
    inside = settings_inside(settings, cluster=cluster, approve=approve) if cron else settings
    # The CronJob's account is its own: applied after a reader's, it must take nothing away from that one.
    name = WATCH if cron else f"opsagent-{wanted.role}"
    namespace = settings.kubernetes.namespace
    account = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    needs = [need for need in needs_of(inside) if wanted.role == "operator" or need.role == "reader"]
    objects: list[Manifest] = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _meta(name, namespace)},
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "Role",
            "metadata": _meta(name, namespace),
            "rules": _rules((need for need in needs if need.scope == "namespace" and not need.namespace), inside),
        },
        _binding("Role", name, namespace, account),
    ]
    for need in needs:
        if need.namespace:
            objects += _elsewhere(need, f"{name}-{namespace}", inside, account)
    if wanted.cluster_reads:
        everywhere = f"{name}-{namespace}"  # ClusterRoles of two namespaces must not meet
        rules = _rules((need for need in needs if need.scope == "cluster"), inside)
        role = {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": _meta(everywhere), "rules": rules}
        objects += [role, _binding("ClusterRole", everywhere, None, account)]
    if wanted.image is not None and wanted.claim is not None:
        pod = _pod(name, wanted.image, wanted.claim, ["opsagent", "watch", "--auto-report", "--exit-zero"])
        objects += _watch(pod, inside, wanted)
    return tuple(objects)


def _refuse_impossible(settings: Settings, wanted: Wanted, *, cron: bool) -> None:
    if not settings.kubernetes.enabled:
        raise UsageError("kubernetes.enabled is false: there is no cluster to print roles for")
    if cron and (wanted.image is None or wanted.claim is None):
        raise UsageError("--cronjob needs both --image and --claim", hint="--image NAME:TAG --claim PVC")
    if cron and wanted.role != "reader":
        raise UsageError("the CronJob only checks and reports", hint="--role reader")


def _watch(pod: Manifest, inside: Settings, wanted: Wanted) -> list[Manifest]:
    """Return the ConfigMap and the CronJob of the unattended pass; `inside` are the settings that its pod reads."""
    meta = _meta(WATCH, inside.kubernetes.namespace)
    variables = pod["containers"][0]["env"]
    if wanted.webhook is not None:
        reference = {"secretKeyRef": {"name": wanted.webhook.name, "key": wanted.webhook.key}}
        variables.append({"name": "OPSAGENT_NOTIFY_WEBHOOK_URL", "valueFrom": reference})
    variables += _credentials(inside, wanted.sources)
    data = {"config.yaml": config_text(inside)}
    return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}, _cron_job(meta, pod)]


def _credentials(settings: Settings, secret: str | None) -> list[Manifest]:
    """Return the variables that the sources' settings name, each from the key of its own name in one Secret.

    Raises UsageError where a Secret is named and no setting names a variable, or the other way round.
    """
    sources = [one for one in (settings.prometheus, settings.alertmanager, settings.loki) if one.configured]
    named = [(one.bearer_env, one.username_env, one.password_env, one.headers_env) for one in sources]
    names = sorted({name for one in named for name in one if name})
    if secret is None and names:
        raise UsageError(
            f"the CronJob needs {', '.join(names)} for its sources",
            hint=f"kubectl create secret generic NAME --from-literal={names[0]}=… and --sources-secret NAME",
        )
    if secret is not None and not names:
        raise UsageError(
            "--sources-secret: no source names a variable that holds credentials", hint="set prometheus.bearer_env"
        )
    if secret is not None and not _NAME.fullmatch(secret):
        raise UsageError(f"invalid Secret name {secret!r}", hint="--sources-secret NAME")
    return [{"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": name}}} for name in names]


def approve_pod(settings: Settings, incident_id: str, *, image: str, claim: str) -> Manifest:
    """Return the Pod that approves one incident: the CronJob's state, an operator's account, a terminal.

    Raises UsageError for what is not an incident's id.
    """
    if not _ID.fullmatch(incident_id):
        raise UsageError(f"invalid incident id {incident_id!r}", hint="opsagent incidents lists them")
    pod = _pod("opsagent-operator", image, claim, ["opsagent", "approve", incident_id])
    pod["containers"][0] |= {"stdin": True, "stdinOnce": True, "tty": True}
    pod["activeDeadlineSeconds"] = APPROVE_S
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _meta(approve_name(incident_id), settings.kubernetes.namespace),
        "spec": pod,
    }


def approve_name(incident_id: str) -> str:
    """Return the name of the Pod that approves an incident."""
    return f"opsagent-approve-{incident_id}"


def approve_command(namespace: str, image: str, claim: str) -> str:
    """Return the command that approves from any machine with kubectl and opsagent; $id is the incident's."""
    name = approve_name("$id")
    flags = f"--approve-pod $id --image {shlex.quote(image)} --claim {shlex.quote(claim)} -n {namespace}"
    return (
        f"opsagent manifests {flags} | kubectl create -f - && "
        f"kubectl wait -n {namespace} --for=condition=Ready pod/{name} && kubectl attach -n {namespace} -it {name}"
    )


def yaml_text(objects: Iterable[Manifest]) -> str:
    """Return the objects as one YAML stream."""
    return "".join(f"---\n{block_yaml(item)}" for item in objects)


def _elsewhere(need: Need, name: str, settings: Settings, account: Mapping[str, str]) -> list[Manifest]:
    """Return the Role in another namespace for what is asked there, bound to the account of this one."""
    role = {"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": _meta(name, need.namespace)}
    return [role | {"rules": _rules([need], settings)}, _binding("Role", name, need.namespace, account)]


def _rules(needs: Iterable[Need], settings: Settings) -> list[Manifest]:
    verbs: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for need in needs:
        verbs.setdefault((need.group, need.target, names_of(need, settings)), []).append(need.verb)
    alike: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (group, target, names), allowed in verbs.items():
        alike.setdefault((group, tuple(sorted(allowed)), names), []).append(target)
    rules = []
    for (group, together, names), targets in alike.items():
        rule: Manifest = {"apiGroups": [group], "resources": sorted(targets), "verbs": list(together)}
        if names:
            rule["resourceNames"] = list(names)
        rules.append(rule)
    return rules


def _meta(name: str, namespace: str | None = None) -> Manifest:
    meta: Manifest = {"name": name}
    if namespace is not None:
        meta["namespace"] = namespace
    return meta | {"labels": {"app.kubernetes.io/name": "opsagent"}}


def _binding(kind: str, name: str, namespace: str | None, account: Mapping[str, str]) -> Manifest:
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": f"{kind}Binding",
        "metadata": _meta(name, namespace),
        "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": name},
        "subjects": [dict(account)],
    }


def _cron_job(meta: Manifest, pod: Manifest) -> Manifest:
    labels = {"labels": meta["labels"]}
    job = {"backoffLimit": 0, "activeDeadlineSeconds": 600, "template": {"metadata": labels, "spec": pod}}
    spec = {
        "schedule": SCHEDULE,
        "concurrencyPolicy": "Forbid",
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": job},
    }
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta, "spec": spec}


def _pod(account: str, image: str, claim: str, command: list[str]) -> Manifest:
    variables = {"OPSAGENT_CONFIG": f"{CONFIG}/config.yaml"}
    # Below the mount, not the mount itself: its mode belongs to the volume.
    variables["OPSAGENT_STATE_DIR"] = f"{STATE}/state"
    mounts = {"state": STATE, "config": CONFIG, "tmp": "/tmp"}  # noqa: S108  the pod's own
    container = {
        "name": "opsagent",
        "image": image,
        "command": command,
        "env": [{"name": key, "value": value} for key, value in variables.items()],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in mounts.items()],
    }
    ids = {"runAsUser": USER_ID, "runAsGroup": USER_ID, "fsGroup": USER_ID}
    return {
        "serviceAccountName": account,
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, **ids, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [
            {"name": "state", "persistentVolumeClaim": {"claimName": claim}},
            {"name": "config", "configMap": {"name": WATCH}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }
