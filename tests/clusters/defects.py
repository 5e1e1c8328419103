"""Defects that have been there for long and hurt nobody: a diagnosis must not name them as the cause."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

from . import batch, names
from .model import Obj, Workload, name_of, stamp
from .pods import created, new_pod
from .world import World, condition


def autoscaler(world: World, w: Workload, high: int) -> Obj:
    """Add a HorizontalPodAutoscaler that is content with the Deployment's size."""
    target = {"apiVersion": "apps/v1", "kind": w.kind, "name": name_of(w.obj)}
    row = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": high, "metrics": [row]}
    now = {"averageUtilization": world.rng.randint(20, 69), "averageValue": "60m"}
    able = condition("AbleToScale", "True", w.born, "ReadyForNewScale", "recommended size matches current size")
    text = (
        "the HPA was able to successfully calculate a replica count from "
        "cpu resource utilization (percentage of request)"
    )
    active = condition("ScalingActive", "True", w.born, "ValidMetricFound", text)
    limited = condition(
        "ScalingLimited", "False", w.born, "DesiredWithinRange", "the desired count is within the acceptable range"
    )
    status = {"currentReplicas": w.replicas, "desiredReplicas": w.replicas, "conditions": [able, active, limited]}
    status["currentMetrics"] = [{"type": "Resource", "resource": {"name": "cpu", "current": now}}]
    name = f"{w.name}-{names.suffix(world.rng)}"
    return world.add(world.new("autoscaling/v2", "HorizontalPodAutoscaler", name, w.born, spec=spec, status=status))


def strict_budget(world: World, w: Workload) -> None:
    """A PodDisruptionBudget allows no disruption, and nobody drains anything.

    https://kubernetes.io/docs/tasks/run-application/configure-pdb/
    """
    known = any(name_of(o) == f"{w.name}-budget" for o in world.extra)
    if known or any(e["reason"] == "NodeNotSchedulable" for e in world.events):
        return
    spec = {"selector": {"matchLabels": dict(w.selector)}, "maxUnavailable": 0}
    world.add(world.new("policy/v1", "PodDisruptionBudget", f"{w.name}-budget", world.ago(86400 * 200), spec=spec))


def old_evicted_pod(world: World, w: Workload) -> None:
    """A pod evicted days ago is still listed; it was replaced at once."""
    if w.kind != "Deployment" or w.latest.at > world.ago(86400 * 5) or not w.pods:
        return
    at = world.ago(86400 * world.rng.randint(2, 4))
    pod = new_pod(world, w, w.latest, at - timedelta(hours=5))
    end = stamp(at)
    text = "The node was low on resource: ephemeral-storage. Threshold quantity: 10399076Ki, available: 8123212Ki. "
    pod["status"] |= {"phase": "Failed", "reason": "Evicted", "message": text}
    for key in ("podIP", "podIPs"):
        pod["status"].pop(key)
    for status in pod["status"]["containerStatuses"]:
        began = status["state"]["running"]["startedAt"]
        done = {"exitCode": 137, "reason": "Error", "startedAt": began, "finishedAt": end}
        status |= {"ready": False, "started": False, "state": {"terminated": done}}
    for c in pod["status"]["conditions"]:
        if c["type"] in ("Ready", "ContainersReady"):
            c |= {"status": "False", "reason": "PodFailed", "lastTransitionTime": end}


def idle_worker(world: World, w: Workload) -> None:
    """A Deployment without a Service has had zero replicas for months."""
    name = f"{w.name}-legacy"
    if w.kind != "Deployment" or any(name_of(o) == name for o in world.extra):
        return
    at = world.ago(86400 * world.rng.randint(60, 200))
    selector = {world.label: name}
    template = deepcopy(w.latest.template)
    template["metadata"]["labels"] = selector
    spec = {
        "replicas": 0,
        "selector": {"matchLabels": selector},
        "template": template,
        "strategy": {"type": "Recreate"},
    }
    text = "Deployment has minimum availability."
    enough = condition("Available", "True", at, "MinimumReplicasAvailable", text)
    status = {"observedGeneration": 4, "conditions": [enough]}
    found = world.new("apps/v1", "Deployment", name, at, labels=selector, spec=spec, status=status)
    found["metadata"]["generation"] = 4
    world.add(found)


def waiting_claim(world: World, w: Workload) -> None:
    """A claim that no pod uses waits for its first consumer, as its class demands.

    https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
    """
    at = world.ago(86400 * world.rng.randint(10, 90))
    name = f"{w.name}-scratch-{names.suffix(world.rng)}"
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "standard",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    found = world.add(world.new("v1", "PersistentVolumeClaim", name, at, spec=spec, status={"phase": "Pending"}))
    text = "waiting for first consumer to be created before binding"
    last = world.ago(6)
    first = world.ago(3300)
    world.event(
        found, "WaitForFirstConsumer", text, by="persistentvolume-controller", first=first, last=last, count=240
    )


def released_volume(world: World, w: Workload) -> None:
    """A volume with policy Retain was released months ago."""
    about = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": "old-data", "uid": world.uid()}
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "10Gi"},
        "persistentVolumeReclaimPolicy": "Retain",
    }
    spec |= {"claimRef": about | {"namespace": world.namespace}, "storageClassName": "standard"}
    at = world.ago(86400 * 150)
    name = f"pvc-{world.uid()}"
    world.add(world.new("v1", "PersistentVolume", name, at, namespace="", spec=spec, status={"phase": "Released"}))


def nameserver_limits(world: World, w: Workload) -> None:
    """The kubelet drops surplus name servers and states it for every pod, for as long as the node is there.

    https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/#known-issues
    """
    for pod in w.pods:
        if "nodeName" in pod["spec"] and created(pod) < world.ago(3600):
            text = (
                "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: "
            )
            text += "10.96.0.10 10.0.0.2 10.0.0.3"
            count = world.rng.randint(90, 9000)
            world.kubelet(
                pod, "DNSConfigForming", text, first=world.ago(3400), last=world.ago(40), count=count, warning=True
            )


def absent_pull_secret(world: World, w: Workload) -> None:
    """Pods name a pull secret that does not exist; their image needs none and is there.

    https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod
    """
    if w in world.taken or not w.pods or created(w.pods[0]) > world.ago(4000):
        return
    specs = [r.template["spec"] for r in w.revisions] + [p["spec"] for p in w.pods]
    specs += [r.rs["spec"]["template"]["spec"] for r in w.revisions if r.rs]
    for spec in specs:
        spec["imagePullSecrets"] = [{"name": "old-registry"}]
    text = "Unable to retrieve some image pull secrets (old-registry); attempting to pull the image may not succeed."
    for pod in w.pods:
        first, last = world.ago(3300), world.ago(30)
        world.kubelet(pod, "FailedToRetrieveImagePullSecret", text, first=first, last=last, count=55, warning=True)


def optional_configmap(world: World, w: Workload) -> None:
    """The environment may come from a ConfigMap that is optional, and absent."""
    specs = [r.template["spec"] for r in w.revisions] + [p["spec"] for p in w.pods]
    specs += [r.rs["spec"]["template"]["spec"] for r in w.revisions if r.rs]
    for spec in specs:
        for c in spec["containers"]:
            if c["name"] == w.container:
                c.setdefault("envFrom", []).append({"configMapRef": {"name": f"{w.name}-overrides", "optional": True}})


def suspended_cron(world: World, w: Workload) -> None:
    """A CronJob was suspended months ago."""
    cron = batch.cron_job(world, f"{w.name}-cleanup-{names.suffix(world.rng)}", "0 3 * * *", suspend=True)
    cron["status"] = {"lastScheduleTime": stamp(max(world.ago(86400 * 45), created(cron)))}


def quiet_autoscaler(world: World, w: Workload) -> None:
    """An autoscaler is at its minimum and would go lower."""
    if w.kind == "Deployment":
        found = autoscaler(world, w, w.replicas + 4)
        found["spec"]["minReplicas"] = w.replicas
        text = "the desired replica count is less than the minimum replica count"
        found["status"]["conditions"][-1] = condition("ScalingLimited", "True", w.born, "TooFewReplicas", text)


def endpoint_conflict(world: World, w: Workload) -> None:
    """The EndpointSlice controller met a newer version once and tried again."""
    if w.service is not None:
        name = name_of(w.service)
        text = (
            "Error updating Endpoint Slices for Service "
            f"{world.namespace}/{name}: failed to update {name}-x7k2p EndpointSlice: "
        )
        text += (
            "Operation cannot be fulfilled on endpointslices.discovery.k8s.io "
            f'"{name}-x7k2p": the object has been modified; '
        )
        text += "please apply your changes to the latest version and try again"
        by = "endpoint-slice-controller"
        first = world.ago(1900)
        world.event(w.service, "FailedToUpdateEndpointSlices", text, by=by, first=first, warning=True)


STANDING = (
    strict_budget,
    old_evicted_pod,
    idle_worker,
    waiting_claim,
    released_volume,
    nameserver_limits,
    absent_pull_secret,
    optional_configmap,
    suspended_cron,
    quiet_autoscaler,
    endpoint_conflict,
)
