"""Build the Kubernetes objects of the platform."""

import hashlib
import json
import uuid
from typing import Any

from .agenda import stamp
from .facts import CLAIM, CONFIG_MAP, NAMESPACE, NODE, Json, Workload, labels


def uid_of(*parts: str) -> str:
    """Return a stable UID for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(parts)))


def meta(name: str, at: float, *, namespace: str | None = NAMESPACE, **more: Any) -> Json:
    """Build an object's metadata."""
    place = {"namespace": namespace} if namespace else {}
    return {"name": name, **place, "uid": uid_of(name, str(at)), "creationTimestamp": stamp(at), **more}


def owner(api_version: str, kind: str, item: Json) -> list[Json]:
    """Build the ownerReferences of something that `item` controls."""
    head = item["metadata"]
    reference = {"apiVersion": api_version, "kind": kind, "name": head["name"], "uid": head["uid"]}
    return [{**reference, "controller": True, "blockOwnerDeletion": True}]


def template(workload: Workload) -> Json:
    """Build the pod template of a workload's Deployment."""
    port_name = "redis" if workload.app == "redis" else "http"
    small = workload.app == "dashboard-ui"
    container: Json = {
        "name": workload.container,
        "image": workload.image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"containerPort": workload.port, "name": port_name, "protocol": "TCP"}],
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"} if small else {"cpu": "100m", "memory": "128Mi"},
            "limits": {"cpu": "100m", "memory": "128Mi"} if small else {"cpu": "200m", "memory": "256Mi"},
        },
        "livenessProbe": _probe(workload, port_name, workload.liveness),
        "readinessProbe": _probe(workload, port_name, workload.readiness),
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }
    spec: Json = {"containers": [container], "restartPolicy": "Always", "terminationGracePeriodSeconds": 30}
    spec |= {"dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler", "securityContext": {}}
    if workload.app != "redis":
        container["envFrom"] = [{"configMapRef": {"name": CONFIG_MAP}}]
        container["env"] = [
            {"name": "SERVICE_NAME", "value": workload.app},
            {"name": "SERVICE_PORT", "value": str(workload.port)},
        ]
    if workload.app == "user-service":
        container["env"].append({"name": "DATABASE_PATH", "value": "/data/users.db"})
        container["volumeMounts"] = [{"name": "user-service-data", "mountPath": "/data"}]
        spec["volumes"] = [{"name": "user-service-data", "persistentVolumeClaim": {"claimName": CLAIM}}]
    return {"metadata": {"labels": labels(workload.app)}, "spec": spec}


def _probe(workload: Workload, port_name: str, timing: tuple[int, int]) -> Json:
    how: Json
    if workload.health_path is None:
        how = {"exec": {"command": ["redis-cli", "ping"]}}
    else:
        how = {"httpGet": {"path": workload.health_path, "port": port_name, "scheme": "HTTP"}}
    limits = {"timeoutSeconds": 1, "successThreshold": 1, "failureThreshold": 3}
    return {**how, "initialDelaySeconds": timing[0], "periodSeconds": timing[1], **limits}


def deployment(workload: Workload, at: float) -> Json:
    """Build a workload's Deployment; its status is the controller's to fill."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(
            workload.deployment,
            at,
            generation=1,
            labels=labels(workload.app),
            annotations={"deployment.kubernetes.io/revision": "1"},
        ),
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "selector": {"matchLabels": labels(workload.app)},
            "template": template(workload),
        },
        "status": {},
    }


def replica_set(parent: Json, pod_hash: str, revision: int, at: float) -> Json:
    """Build the ReplicaSet of one revision of a Deployment."""
    body = json.loads(json.dumps(parent["spec"]["template"]))
    body["metadata"]["labels"] = {**body["metadata"].get("labels", {}), "pod-template-hash": pod_hash}
    picked = {**parent["spec"]["selector"]["matchLabels"], "pod-template-hash": pod_hash}
    notes = {**parent["metadata"].get("annotations", {}), "deployment.kubernetes.io/revision": str(revision)}
    name = f"{parent['metadata']['name']}-{pod_hash}"
    head = meta(name, at, generation=1, labels=picked, annotations=notes)
    head["ownerReferences"] = owner("apps/v1", "Deployment", parent)
    spec = {"replicas": 0, "selector": {"matchLabels": picked}, "template": body}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": head, "spec": spec, "status": {"replicas": 0}}


def template_hash(body: Json) -> str:
    """Return a pod-template-hash in Kubernetes' alphabet."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()
    return "".join("bcdfghjklmnpqrstvwxz2456789"[byte % 27] for byte in digest[:10])


def pod(parent: Json, suffix: str, at: float) -> Json:
    """Build a pod of a ReplicaSet, scheduled and with nothing started yet."""
    body = json.loads(json.dumps(parent["spec"]["template"]))
    head = meta(f"{parent['metadata']['name']}-{suffix}", at, labels=body["metadata"]["labels"])
    head["generateName"] = f"{parent['metadata']['name']}-"
    notes = body["metadata"].get("annotations")
    if notes:
        head["annotations"] = notes
    head["ownerReferences"] = owner("apps/v1", "ReplicaSet", parent)
    spec = {**body["spec"], "nodeName": NODE, "serviceAccountName": "default", "enableServiceLinks": True}
    status = {"phase": "Pending", "qosClass": "Burstable", "hostIP": "192.168.49.2"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": head, "spec": spec, "status": status}


def service(workload: Workload, at: float) -> Json:
    """Build a workload's Service."""
    port: Json = {"port": workload.port, "protocol": "TCP", "targetPort": "http", "name": "http"}
    if workload.app == "redis":
        port |= {"targetPort": "redis", "name": "redis"}
    spec: Json = {"type": "ClusterIP", "clusterIP": workload.cluster_ip, "clusterIPs": [workload.cluster_ip]}
    if workload.app == "load-balancer":
        spec["type"] = "NodePort"
        port["nodePort"] = 30700
    spec |= {"ports": [port], "selector": labels(workload.app), "sessionAffinity": "None"}
    head = meta(workload.service, at, labels=labels(workload.app))
    return {"apiVersion": "v1", "kind": "Service", "metadata": head, "spec": spec, "status": {"loadBalancer": {}}}
