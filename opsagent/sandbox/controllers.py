"""The controllers: Deployments to ReplicaSets to pods."""

from datetime import datetime
from math import ceil, floor

from . import endpoints, objects, pod_status
from .agenda import stamp
from .cluster import SimulatedCluster
from .facts import NAMESPACE, WORKLOADS, Json
from .kubelet import Kubelet

NOTICE_S = 0.3  # until a controller has seen a changed spec
STOPPED = "controller-manager"
REVISION = "deployment.kubernetes.io/revision"


class Controllers:
    """Bring what is nearer to what is asked for, and report it in the status."""

    def __init__(self, cluster: SimulatedCluster, kubelet: Kubelet) -> None:
        self.cluster = cluster
        self.kubelet = kubelet
        self.paused = False  # while the stage is set
        self._busy = False
        cluster.on_change.append(self.settle)

    def rolled_out(self, plural: str, item: Json) -> None:
        """Count a changed StatefulSet or DaemonSet as rolled out a moment later; the sandbox runs no pods of theirs."""
        name, namespace = item["metadata"]["name"], item["metadata"]["namespace"]

        def notice() -> None:
            found = self.cluster.store.get(plural, namespace, name)
            if found is not None and STOPPED not in self.cluster.stopped:
                status = found.setdefault("status", {})
                status["observedGeneration"] = found["metadata"]["generation"]
                count = found["spec"].get("replicas", 1)
                if plural == "statefulsets":
                    status |= {"replicas": count, "readyReplicas": count, "updatedReplicas": count}
                self.cluster.store.save(plural, found)

        self.cluster.agenda.after(NOTICE_S, notice)

    def spec_changed(self, deployment: Json) -> None:
        """Notice a changed spec a moment later."""
        name = deployment["metadata"]["name"]

        def notice() -> None:
            found = self.cluster.store.get("deployments", NAMESPACE, name)
            if found is not None and STOPPED not in self.cluster.stopped:
                found["status"]["observedGeneration"] = found["metadata"]["generation"]
                self.cluster.store.save("deployments", found)
                self.settle()

        self.cluster.agenda.after(NOTICE_S, notice)
        deadline = deployment["spec"].get("progressDeadlineSeconds", 600)
        self.cluster.agenda.after(NOTICE_S + deadline + 1, self.settle)

    def settle(self) -> None:
        """Reconcile everything until nothing changes."""
        if STOPPED in self.cluster.stopped:
            return  # every status, and every Endpoints, stays as it was
        if self._busy or self.paused:  # reached again through a pod that this very call created or ended
            return
        self._busy = True
        try:
            for deployment in list(self.cluster.store.all("deployments", NAMESPACE)):
                if deployment["status"].get("observedGeneration") == deployment["metadata"]["generation"]:
                    self._reconcile(deployment)
                self._report(deployment)
            for workload in WORKLOADS:
                endpoints.publish(self.cluster, workload.service)
        finally:
            self._busy = False

    def replica_sets(self, deployment: Json) -> list[Json]:
        """Return the ReplicaSets of a Deployment, oldest revision first."""
        uid = deployment["metadata"]["uid"]
        owned = [
            item
            for item in self.cluster.store.all("replicasets", NAMESPACE)
            if any(owner["uid"] == uid for owner in item["metadata"].get("ownerReferences", []))
        ]
        return sorted(owned, key=lambda item: int(item["metadata"]["annotations"][REVISION]))

    def pods_of(self, replica_set: Json) -> list[Json]:
        """Return the pods of a ReplicaSet that are not on their way out."""
        uid = replica_set["metadata"]["uid"]
        return [
            pod
            for pod in self.cluster.pods()
            if pod["metadata"]["ownerReferences"][0]["uid"] == uid and "deletionTimestamp" not in pod["metadata"]
        ]

    def current(self, deployment: Json) -> Json:
        """Return the ReplicaSet of the Deployment's template, made (or brought to the front) where needed."""
        sets = self.replica_sets(deployment)
        top = int(sets[-1]["metadata"]["annotations"][REVISION]) if sets else 0
        wanted = objects.template_hash(deployment["spec"]["template"])
        for item in sets:
            body = {**item["spec"]["template"], "metadata": {**item["spec"]["template"]["metadata"]}}
            marks = dict(body["metadata"]["labels"])
            marks.pop("pod-template-hash", None)
            body["metadata"]["labels"] = marks
            if objects.template_hash(body) == wanted:
                if item is not sets[-1]:
                    item["metadata"]["annotations"][REVISION] = str(top + 1)
                    self.cluster.store.save("replicasets", item)
                self._revise(deployment, item)
                return item
        fresh = objects.replica_set(deployment, wanted, top + 1, self.cluster.now)
        self.cluster.store.save("replicasets", fresh)
        self._revise(deployment, fresh)
        return fresh

    def _revise(self, deployment: Json, current: Json) -> None:
        revision = current["metadata"]["annotations"][REVISION]
        notes = deployment["metadata"].setdefault("annotations", {})
        if notes.get(REVISION) != revision:
            notes[REVISION] = revision
            self.cluster.store.save("deployments", deployment)

    def _reconcile(self, deployment: Json) -> None:
        current = self.current(deployment)
        old = [item for item in self.replica_sets(deployment) if item is not current]
        desired = deployment["spec"].get("replicas", 1)
        recreate = deployment["spec"].get("strategy", {}).get("type") == "Recreate"
        surge, unavailable = (0, desired) if recreate else (ceil(desired * 0.25), floor(desired * 0.25))
        old_pods = [pod for item in old for pod in self.pods_of(item)]
        if recreate and old_pods:
            for item in old:
                self._scale(deployment, item, 0)
            return
        leaving = recreate and any("deletionTimestamp" in pod["metadata"] for pod in self._all_pods(deployment))
        if not leaving:
            room = max(0, desired + surge - len(old_pods))
            self._scale(deployment, current, min(desired, room))
        fresh = self.pods_of(current)
        fresh_ready = sum(pod_status.is_ready(pod) for pod in fresh)
        spare = len(old_pods) + len(fresh) - (desired - unavailable) - (len(fresh) - fresh_ready)
        old_pods.sort(key=pod_status.is_ready)
        for pod in old_pods[: max(0, spare)]:
            self.kubelet.terminate(pod)
        for item in old:
            self._scale(deployment, item, len(self.pods_of(item)))

    def _all_pods(self, deployment: Json) -> list[Json]:
        uids = {item["metadata"]["uid"] for item in self.replica_sets(deployment)}
        return [pod for pod in self.cluster.pods() if pod["metadata"]["ownerReferences"][0]["uid"] in uids]

    def _scale(self, deployment: Json, replica_set: Json, count: int) -> None:
        before = replica_set["spec"]["replicas"]
        name = replica_set["metadata"]["name"]
        if before != count:
            replica_set["spec"]["replicas"] = count
            replica_set["metadata"]["generation"] += 1
            self.cluster.store.save("replicasets", replica_set)
            way = "up" if count > before else "down"
            message = f"Scaled {way} replica set {name} from {before} to {count}"
            self.cluster.event(deployment, "ScalingReplicaSet", message, source="deployment-controller")
        pods = sorted(self.pods_of(replica_set), key=pod_status.is_ready)
        for pod in pods[: max(0, len(pods) - count)]:
            self.kubelet.terminate(pod)
        for _ in range(count - len(pods)):
            pod = self.kubelet.create(replica_set)
            made = f"Created pod: {pod['metadata']['name']}"
            self.cluster.event(replica_set, "SuccessfulCreate", made, source="replicaset-controller")

    def _report(self, deployment: Json) -> None:
        sets = self.replica_sets(deployment)
        for item in sets:
            pods = self.pods_of(item)
            ready = sum(pod_status.is_ready(pod) for pod in pods)
            status = {"replicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}
            status |= {"fullyLabeledReplicas": len(pods), "observedGeneration": item["metadata"]["generation"]}
            status = {key: value for key, value in status.items() if value or key == "replicas"}
            if item["status"] != status:
                item["status"] = status
                self.cluster.store.save("replicasets", item)
        fresh = self._status(deployment, sets)
        if deployment["status"] != fresh:
            deployment["status"] = fresh
            self.cluster.store.save("deployments", deployment)

    def _status(self, deployment: Json, sets: list[Json]) -> Json:
        old = deployment["status"]
        desired = deployment["spec"].get("replicas", 1)
        total = sum(item["status"]["replicas"] for item in sets)
        ready = sum(item["status"].get("readyReplicas", 0) for item in sets)
        updated = sets[-1]["status"]["replicas"] if sets else 0
        counts = {"replicas": total, "updatedReplicas": updated, "readyReplicas": ready, "availableReplicas": ready}
        counts["unavailableReplicas"] = max(0, max(total, desired) - ready)
        unavailable = floor(desired * 0.25)
        enough = ready >= desired - unavailable
        seen = old.get("observedGeneration") == deployment["metadata"]["generation"]
        done = seen and updated == desired == total and enough
        fresh: Json = {"observedGeneration": old.get("observedGeneration", 0)}
        fresh |= {key: value for key, value in counts.items() if value}
        fresh["conditions"] = [
            self._available(old, enough=enough),
            self._progressing(deployment, sets[-1]["metadata"]["name"] if sets else "", done=done),
        ]
        return fresh

    def _available(self, old: Json, *, enough: bool) -> Json:
        reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
        message = f"Deployment {'has' if enough else 'does not have'} minimum availability."
        return self._condition(old, "Available", "True" if enough else "False", reason, message)

    def _progressing(self, deployment: Json, newest: str, *, done: bool) -> Json:
        old = deployment["status"]
        known = next((entry for entry in old.get("conditions", []) if entry["type"] == "Progressing"), None)
        if known is not None and known["reason"] == "NewReplicaSetAvailable" and newest in known["message"]:
            return dict(known)  # a pod that fails later does not undo a finished rollout
        if done:
            message = f'ReplicaSet "{newest}" has successfully progressed.'
            return self._condition(old, "Progressing", "True", "NewReplicaSetAvailable", message)
        if known is not None and newest in known["message"]:
            limit = deployment["spec"].get("progressDeadlineSeconds", 600) / self.cluster.agenda.speed
            begun = datetime.fromisoformat(known["lastUpdateTime"]).timestamp()
            if known["reason"] == "ProgressDeadlineExceeded":
                return dict(known)
            if self.cluster.now - begun > limit:
                message = f'ReplicaSet "{newest}" has timed out progressing.'
                return self._condition(old, "Progressing", "False", "ProgressDeadlineExceeded", message)
        message = f'ReplicaSet "{newest}" is progressing.'
        return self._condition(old, "Progressing", "True", "ReplicaSetUpdated", message)

    def _condition(self, old: Json, kind: str, status: str, reason: str, message: str) -> Json:
        known = next((entry for entry in old.get("conditions", []) if entry["type"] == kind), None)
        since = stamp(self.cluster.now)
        updated = since
        if known is not None and known["status"] == status:
            since = known["lastTransitionTime"]
            if (known["reason"], known["message"]) == (reason, message):
                updated = known["lastUpdateTime"]
        times = {"lastUpdateTime": updated, "lastTransitionTime": since}
        return {"type": kind, "status": status, "reason": reason, "message": message, **times}
