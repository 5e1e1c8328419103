"""How pods look names up: a resolver of their own that is not the cluster's, and waits for names that lead nowhere."""

import re

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.checks.scene import Scene, observe
from opsagent.models.evidence import Finding
from opsagent.models.observed import KubeObject

_WAITS = re.compile(
    r"(?:nslookup|getent hosts|nc(?: -\w+)*|dig|pg_isready -h|wait-for(?:-it)?(?:\.sh)?|curl(?: -\w+)*|"
    r"wget(?: -\w+)*)\s+"
    r"(?:https?://)?([a-z][a-z0-9-]{0,62}(?:\.[a-z0-9-]+){0,4})(?:[ :](\d{1,5}))?"
)


def resolver_findings(scene: Scene, workload: KubeObject) -> list[Finding]:
    """Return whether a workload asks another resolver than the cluster's for its names."""
    spec = kube.pod_spec(workload)
    if kube.text(spec, "dnsPolicy") != "None":
        return []
    servers = kube.words(spec, "dnsConfig", "nameservers")
    own = {
        kube.text(item, "spec", "clusterIP")
        for item in scene.cluster.of("Service")
        if kube.labels(item).get("k8s-app") == "kube-dns" or kube.name(item) in ("kube-dns", "coredns")
    }
    if not own or own & set(servers):
        return []
    pods = scene.cluster.pods_of(workload)
    unwell = any(not kube.is_ready(pod) for pod in pods)
    seen = [observe(workload, "spec.template.spec.dnsConfig.nameservers", ", ".join(servers) or "none")]
    summary = "The pods ask a resolver that does not know the cluster's Services."
    return [scene.finding("network.dns", workload, 0.75 if unwell else 0.6, summary, seen)]


def waiting_findings(scene: Scene, pod: KubeObject) -> list[Finding]:
    """Return what an init container that does not end waits for: a Service that is not there, or that nobody serves."""
    for status in kube.container_statuses(pod):
        if status.group != "init" or not status.running or status.ready or scene.starting(status.started_at):
            continue
        raw = next((c for c in kube.containers(pod) if c.group == "init" and c.name == status.name), None)
        told = " ".join([*kube.words(raw and raw.raw, "command"), *kube.words(raw and raw.raw, "args")])[:4000]
        match = _WAITS.search(told)
        if raw is None or match is None or "Service" not in scene.cluster.looked:
            continue
        host, port = match[1].split(".")[0], match[2]
        address = f"{host}:{port}" if port else host
        seen = [observe(pod, f"{status.field}.state.running", f"{status.name} still waits for {address}")]
        service = scene.cluster.get("Service", host, kube.namespace(pod))
        if service is None:
            summary = f"An init container waits for {address}, and there is no Service of that name."
            return [scene.finding("config.wrong-address", pod, 0.65, summary, seen, blames=address)]
        ports = {kube.integer(item, "port") for item in kube.dicts(service, "spec", "ports")}
        if port and ports and int(port) not in ports:
            summary = f"An init container waits for {address}, where {kube.ref(service)} does not listen."
            return [scene.finding("config.wrong-address", pod, 0.8, summary, seen, blames=address)]
        behind = scene.cluster.selected(kube.strings(service, "spec", "selector"), kube.namespace(service))
        if not any(kube.is_ready(item) for item in behind):
            change = kube.ref(scene.cluster.top(behind[0])) if behind else kube.ref(service)
            summary = f"An init container waits for {address}, which nobody serves."
            return [scene.finding("dependency.down", pod, 0.55, summary, seen, change=change, blames=address)]
    return []
