"""Workloads: templates, controllers, revisions, Services and who calls whom."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from . import names, pods
from .model import Obj, Revision, Workload, cpu_text, memory_text, name_of
from .world import World, owner_ref

if TYPE_CHECKING:
    from datetime import datetime

SIDECARS = (
    ("istio-proxy", "istio/proxyv2:1.22.3", 15021),
    ("fluent-bit", "fluent/fluent-bit:3.0.7", 2020),
    ("cloud-sql-proxy", "cloudsql/cloud-sql-proxy:2.11.0", 9801),
    ("vault-agent", "hashicorp/vault:1.16.2", 8200),
    ("oauth2-proxy", "oauth2-proxy/oauth2-proxy:v7.6.0", 4180),
)
STORES = (
    ("postgres", "postgres:16.3", 5432, ["pg_isready", "-U", "postgres"], "/var/lib/postgresql/data"),
    ("redis", "redis:7.2.5", 6379, ["redis-cli", "ping"], "/data"),
    ("rabbitmq", "rabbitmq:3.13-management", 5672, ["rabbitmq-diagnostics", "-q", "ping"], "/var/lib/rabbitmq"),
    ("mongodb", "mongo:7.0.11", 27017, ["mongosh", "--eval", "db.adminCommand('ping')"], "/data/db"),
    ("mysql", "mysql:8.4.0", 3306, ["mysqladmin", "ping"], "/var/lib/mysql"),
)


def http_probe(path: str, port: int | str, **more: object) -> Obj:
    """Return an HTTP probe with the API server's defaults filled in."""
    probe: Obj = {"httpGet": {"path": path, "port": port, "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 1}
    return probe | {"successThreshold": 1, "failureThreshold": 3} | more


def _container(world: World, name: str, image: str, port: int) -> Obj:
    rng = world.rng
    millis, mib = rng.choice((50, 100, 100, 200, 250)), rng.choice((64, 128, 128, 256, 512))
    found: Obj = {"name": name, "image": image, "imagePullPolicy": "IfNotPresent", "env": []}
    found["ports"] = [{"name": "http", "containerPort": port, "protocol": "TCP"}]
    limits = {"cpu": cpu_text(millis * 4), "memory": memory_text(mib * 2)}
    found["resources"] = {"requests": {"cpu": cpu_text(millis), "memory": memory_text(mib)}, "limits": limits}
    return found | {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}


def _template(world: World, labels: dict[str, str], containers: list[Obj]) -> Obj:
    spec: Obj = {"containers": containers, "restartPolicy": "Always", "terminationGracePeriodSeconds": 30}
    spec |= {"dnsPolicy": "ClusterFirst", "securityContext": {}, "schedulerName": "default-scheduler", "volumes": []}
    spec |= {"serviceAccountName": "default", "serviceAccount": "default"}
    return {"metadata": {"labels": dict(labels)}, "spec": spec}


def _controller(
    world: World, kind: str, name: str, selector: dict[str, str], template: Obj, size: int, at: datetime
) -> Obj:
    spec: Obj = {"selector": {"matchLabels": selector}, "template": template, "revisionHistoryLimit": 10}
    if kind != "DaemonSet":
        spec["replicas"] = size
    if kind == "Deployment":
        rolling = {"maxSurge": "25%", "maxUnavailable": "25%"}
        spec |= {"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}, "progressDeadlineSeconds": 600}
    else:
        spec["updateStrategy"] = {"type": "RollingUpdate"}
    if kind == "StatefulSet":
        spec |= {"serviceName": name, "podManagementPolicy": "OrderedReady", "volumeClaimTemplates": []}
    labels = dict(selector)
    return world.new("apps/v1", kind, name, at, labels=labels, spec=spec, status={})


def make_service(world: World, w: Workload, name: str, at: datetime) -> Obj:
    """Give a workload its Service on a port of its own, mapped to the container's port."""
    outer = w.port if world.chance(0.5) else 80
    port = {"name": "http", "port": outer, "targetPort": world.rng.choice((w.port, "http")), "protocol": "TCP"}
    address = world.service_ip()
    spec = {
        "type": "ClusterIP",
        "clusterIP": address,
        "clusterIPs": [address],
        "ports": [port],
        "selector": dict(w.selector),
    }
    service = world.new("v1", "Service", name, at, labels=dict(w.selector), spec=spec | {"sessionAffinity": "None"})
    service["status"] = {"loadBalancer": {}}
    w.service = service
    return service


def make_app(world: World, name: str, *, kind: str = "Deployment", replicas: int | None = None) -> Workload:
    """Add an application with its Service and healthy pods, several revisions old."""
    rng = world.rng
    at = world.ago(rng.randint(3, 400) * 86400 + rng.randint(0, 80_000))
    port = rng.choice(names.PORTS)
    cname = rng.choice(names.CONTAINER_FORMS).format(name)
    selector = {world.label: name}
    main = _container(world, cname, f"{world.registry}/{name}:{names.tag(rng)}", port)
    path = rng.choice(names.PATHS)
    if rng.random() < 0.9:
        main["readinessProbe"] = http_probe(path, rng.choice((port, "http")), initialDelaySeconds=5)
    if rng.random() < 0.7:
        main["livenessProbe"] = http_probe(path, rng.choice((port, "http")), initialDelaySeconds=rng.choice((15, 30)))
    containers = [main]
    if rng.random() < 0.3:
        side, image, side_port = rng.choice([s for s in SIDECARS if s[2] != port])
        containers.insert(rng.choice((0, 1)), _container(world, side, image, side_port))
        containers[containers.index(main) - 1]["ports"][0]["name"] = "side"
    extra = {"app.kubernetes.io/part-of": world.namespace} if rng.random() < 0.3 else {}
    template = _template(world, selector | extra, containers)
    size = replicas or rng.choice((1, 1, 2, 2, 3, 4))
    form = rng.choice(names.DEPLOYMENT_FORMS) if kind == "Deployment" else "{}"
    obj = _controller(world, kind, form.format(name), selector, template, size, at)
    w = Workload(name, obj, selector, port, rng.choice(names.LANGS), at, size, cname)
    make_service(world, w, rng.choice(names.SERVICE_FORMS).format(name), at)
    _history(world, w, template)
    return _started(world, w)


def make_store(world: World, row: tuple[str, str, int, list[str], str], prefix: str) -> Workload:
    """Add a database, cache or broker as a StatefulSet with a bound claim a pod."""
    make, image, port, command, path = row
    name = f"{prefix}-{make}" if world.chance(0.5) else make
    at = world.ago(world.rng.randint(60, 400) * 86400)
    selector = {world.label: name}
    main = _container(world, make, image, port)
    main["ports"][0]["name"] = make[:15]
    probe = {"exec": {"command": command}, "periodSeconds": 10, "timeoutSeconds": 5, "successThreshold": 1}
    main["readinessProbe"] = probe | {"failureThreshold": 3}
    main["volumeMounts"] = [{"name": "data", "mountPath": path}]
    template = _template(world, selector, [main])
    obj = _controller(world, "StatefulSet", name, selector, template, 1, at)
    claim: Obj = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard"},
    }
    claim["spec"]["resources"] = {"requests": {"storage": "20Gi"}}
    obj["spec"]["volumeClaimTemplates"] = [{"apiVersion": "v1", "kind": "PersistentVolumeClaim", **claim}]
    w = Workload(name, obj, selector, port, make, at, 1, make, store=True)
    service = make_service(world, w, name, at)
    service["spec"]["ports"] = [{"name": make[:15], "port": port, "targetPort": port, "protocol": "TCP"}]
    _history(world, w, template)
    _started(world, w)
    for pod in w.pods:
        _bound_claim(world, f"data-{name_of(pod)}", at)
    return w


def _bound_claim(world: World, name: str, at: datetime) -> None:
    """Add a claim with the volume provisioned for it."""
    size = {"storage": "20Gi"}
    shape: Obj = {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "volumeMode": "Filesystem"}
    claim = world.add(world.new("v1", "PersistentVolumeClaim", name, at))
    volume = f"pvc-{claim['metadata']['uid']}"
    claim["spec"] = {**shape, "resources": {"requests": size}, "volumeName": volume}
    claim["status"] = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": size}
    about = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": name, "uid": claim["metadata"]["uid"]}
    spec = {**shape, "capacity": size, "claimRef": about | {"namespace": world.namespace}}
    spec["persistentVolumeReclaimPolicy"] = "Delete"
    spec["csi"] = {"driver": "disk.csi.example.com", "volumeHandle": volume}
    world.add(world.new("v1", "PersistentVolume", volume, at, namespace="", spec=spec, status={"phase": "Bound"}))


def _history(world: World, w: Workload, template: Obj) -> None:
    """Give a workload one to four revisions; older ones differ in their image's tag."""
    count = 1 if w.store else world.rng.choice((1, 2, 2, 3, 4))
    age = (world.ago(86400 * 2) - w.born).total_seconds()
    for number in range(1, count + 1):
        old = deepcopy(template)
        if number < count:
            main = next(c for c in old["spec"]["containers"] if c["name"] == w.container)
            main["image"] = f"{main['image'].rsplit(':', 1)[0]}:{names.tag(world.rng)}"
        at = w.born if number == 1 else world.after(w.born, max(60.0, age * (number - 1) / count))
        add_revision(world, w, old, at)


def add_revision(world: World, w: Workload, template: Obj, at: datetime) -> Revision:
    """Make a template the workload's newest revision, with a ReplicaSet where it is a Deployment."""
    number = w.revisions[-1].number + 1 if w.revisions else 1
    rev = Revision(number, template, names.template_hash(world.rng), at)
    if w.kind == "Deployment":
        labels = template["metadata"]["labels"] | {"pod-template-hash": rev.hash}
        body = deepcopy(template)
        body["metadata"]["labels"] = labels
        match = w.selector | {"pod-template-hash": rev.hash}
        spec: Obj = {"replicas": 0, "selector": {"matchLabels": match}, "template": body}
        rs = world.new(
            "apps/v1", "ReplicaSet", f"{name_of(w.obj)}-{rev.hash}", at, labels=labels, owner=w.obj, spec=spec
        )
        notes = {"deployment.kubernetes.io/revision": str(number)}
        notes["deployment.kubernetes.io/desired-replicas"] = str(w.replicas)
        rs["metadata"]["annotations"] = notes
        rs["status"] = {"replicas": 0, "observedGeneration": 1}
        rev.rs = rs
    w.revisions.append(rev)
    w.obj["spec"]["template"] = template
    w.obj["metadata"]["generation"] = number
    return rev


def _started(world: World, w: Workload) -> Workload:
    """Put the workload's pods on nodes, running since its last revision or since a restart afterwards."""
    world.workloads.append(w)
    if w.kind == "DaemonSet":
        w.replicas = len(world.workers())
    for i in range(w.replicas):
        span = max(1.0, (world.ago(7200) - w.latest.at).total_seconds())
        at = world.after(w.latest.at, span * world.rng.random() ** 3)
        pods.new_pod(world, w, w.latest, at, ordinal=i)
    return w


def connect(world: World) -> None:
    """Let workloads call others: their addresses go into the environment of every revision of the caller."""
    callees = [w for w in world.workloads if w.service]
    for caller in world.workloads:
        if caller.store:
            continue
        chosen = world.rng.sample(callees, min(len(callees), world.rng.choice((0, 1, 1, 2, 3))))
        for callee in chosen:
            if callee is not caller and caller.name not in callee.calls:
                call(caller, callee)


def call(caller: Workload, callee: Workload) -> None:
    """Let one workload call another: the address goes into the environment of the caller's revisions and pods."""
    caller.calls.append(callee.name)
    entry = {"name": f"{callee.name.upper().replace('-', '_')}_URL", "value": url_of(callee)}
    specs = [r.template["spec"] for r in caller.revisions] + [p["spec"] for p in caller.pods]
    specs += [r.rs["spec"]["template"]["spec"] for r in caller.revisions if r.rs]
    for spec in specs:
        for c in spec["containers"]:
            if c["name"] == caller.container:
                c["env"].append(dict(entry))


def url_of(w: Workload) -> str:
    """Return the address under which a workload is called."""
    assert w.service is not None
    port = w.service["spec"]["ports"][0]["port"]
    return f"{name_of(w.service)}:{port}" if w.store else f"http://{name_of(w.service)}:{port}"


def owned_by(w: Workload, rev: Revision) -> Obj:
    """Return the ownerReference of a pod of this revision."""
    return owner_ref(rev.rs or w.obj)
