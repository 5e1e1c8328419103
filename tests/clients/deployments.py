"""A Deployment behind the Kubernetes API's own rules for writes, as far as a change needs them."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from opsagent.analysis.objects.deployments import target_of
from opsagent.analysis.planning.plan import after
from opsagent.models.plan import Action, Answer, Approval, Desired, PlatformIdentity
from opsagent.models.revision import REVISION, desired, template_hash
from tests.clients.loopback import Reply, Request, Script, items, status

PATH = "/apis/apps/v1/namespaces/shop/deployments/blog"
NAMESPACE = "/api/v1/namespaces/shop"
SETS = "/apis/apps/v1/namespaces/shop/replicasets"
AT = datetime(2026, 11, 22, 12, 26, 21, tzinfo=UTC)


def approval_of(
    deployment: Any, action: Action, server: str, *, back_to: Any = None, uid: str | None = "n1"
) -> Approval:
    """Return an approval of one change to a Deployment as it is given; back_to: the ReplicaSet of a rollback."""
    meta = deployment["metadata"]
    before = desired(deployment)
    to = Desired(None, meta["annotations"][REVISION], None)
    if back_to is not None:
        to = Desired(None, back_to["metadata"]["annotations"][REVISION], template_hash(back_to))
    target = target_of(deployment, live=True)
    assert target is not None
    return Approval(
        incident_id="i1",
        platform=PlatformIdentity(server, None, uid),
        action=action,
        target=target,
        from_=before,
        to=after(action, before, replicas=3, back_to=to),
        cause=("pod.hung", f"Deployment/{meta['name']}"),
        risks=(),
        restarted_at="2026-11-22T12:26:21Z",
        answer=Answer("approve", "f", "operator@host", None, AT, "panel"),
        plan_hash="p",
        evidence_hash="e",
        expires_at=AT + timedelta(minutes=30),
    )


def template(image: str) -> dict[str, Any]:
    """Return a pod template."""
    return {
        "metadata": {"labels": {"app": "blog"}},
        "spec": {"containers": [{"name": "app", "image": image}]},
    }


class OneDeployment:
    """A Deployment "blog" at revision 2; every write wants its resourceVersion."""

    def __init__(self, script: Script) -> None:
        self.object: dict[str, Any] = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": "blog",
                "namespace": "shop",
                "uid": "u1",
                "generation": 3,
                "resourceVersion": "100",
                "annotations": {REVISION: "2", "team": "new"},
            },
            "spec": {"replicas": 1, "template": template("blog:2")},
        }
        self.sets = [self.replica_set("1", "blog:1"), self.replica_set("2", "blog:2")]
        self.writes = 0
        self.before_write: list[Any] = []  # called in turn: a status write, somebody else's change
        self.after_write: list[Reply] = []  # answered in place of the good answer
        self.lost = False  # a write is not carried out
        script.on(
            NAMESPACE, Reply(body={"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "shop", "uid": "n1"}})
        )
        script.on(PATH, lambda _: Reply(body=deepcopy(self.object)))
        script.on(SETS, lambda _: Reply(body=items(*deepcopy(self.sets), kind="ReplicaSet", version="apps/v1")))
        script.on(PATH, self._patch, method="PATCH")
        script.on(f"{PATH}/scale", self._patch, method="PATCH")

    @staticmethod
    def replica_set(revision: str, image: str, owner: str = "u1", history: str | None = None) -> dict[str, Any]:
        """Return a ReplicaSet of one revision."""
        made = template(image)
        made["metadata"]["labels"]["pod-template-hash"] = f"h{revision}"
        notes = {REVISION: revision, "team": f"of-{revision}"}
        if history:
            notes["deployment.kubernetes.io/revision-history"] = history
        meta = {"name": f"blog-h{revision}", "annotations": notes, "ownerReferences": [{"uid": owner}]}
        return {"metadata": meta, "spec": {"template": made}}

    def touch(self, *, generation: bool = False) -> None:
        """Let somebody write: the status, or an annotation, with which the generation moves, too."""
        meta = self.object["metadata"]
        meta["resourceVersion"] = str(int(meta["resourceVersion"]) + 1)
        meta["generation"] += generation

    def edit(self) -> None:
        """Let somebody change the pod template."""
        self.object["spec"]["template"]["spec"]["containers"][0]["image"] = "blog:9"
        self.touch(generation=True)

    def _patch(self, request: Request) -> Reply:
        if self.before_write:
            self.before_write.pop(0)()
        body = json.loads(request.body)
        if self._version(body) != self.object["metadata"]["resourceVersion"]:
            return Reply(409, status(409, "Conflict", "the object has been modified"))
        if not self.lost:
            self._apply(body)
            self.touch(generation=True)
            self.writes += 1
        return self.after_write.pop(0) if self.after_write else Reply(body=deepcopy(self.object))

    @staticmethod
    def _version(body: Any) -> Any:
        if isinstance(body, list):
            return next(entry["value"] for entry in body if entry["path"] == "/metadata/resourceVersion")
        return body["metadata"]["resourceVersion"]

    def _apply(self, body: Any) -> None:
        if isinstance(body, list):
            values = {entry["path"]: entry["value"] for entry in body}
            self.object["spec"]["template"] = values["/spec/template"]
            self.object["metadata"]["annotations"] = values["/metadata/annotations"]
        elif "replicas" in body["spec"]:
            self.object["spec"]["replicas"] = body["spec"]["replicas"]
        else:
            notes = body["spec"]["template"]["metadata"]["annotations"]
            self.object["spec"]["template"]["metadata"].setdefault("annotations", {}).update(notes)
