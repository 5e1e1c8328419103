"""The revisions of a Deployment, as its ReplicaSets keep them: the one place that knows which came before.

Planning, panel and execution all ask here, so that none of them can mean another revision than the others.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from opsagent.models.json_values import mapping_at
from opsagent.models.observed import KubeObject
from opsagent.models.plan import Desired

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
_HASH = "pod-template-hash"


@dataclass(frozen=True, slots=True)
class Revision:
    """One ReplicaSet as a revision of its Deployment."""

    number: int
    replica_set: KubeObject

    @property
    def template_hash(self) -> str:
        """The hash of its pod template."""
        return template_hash(self.replica_set)


def revision_number(item: KubeObject) -> int:
    """Return the revision that a ReplicaSet (or Deployment) is at, 0 where unknown."""
    return _number(mapping_at(item, "metadata", "annotations").get(REVISION))


def revisions_of(deployment: KubeObject, replica_sets: Iterable[KubeObject]) -> list[Revision]:
    """Return the revisions of a Deployment, oldest first; ReplicaSets of others and unnumbered ones are left out."""
    return numbered(item for item in replica_sets if _owned(item, deployment))


def numbered(replica_sets: Iterable[KubeObject]) -> list[Revision]:
    """Return the ReplicaSets of one Deployment as its revisions, oldest first; unnumbered ones are left out."""
    found = [Revision(revision_number(item), item) for item in replica_sets]
    return sorted((item for item in found if item.number), key=lambda item: item.number)


def previous_revision(deployment: KubeObject, replica_sets: Iterable[KubeObject]) -> Revision | None:
    """Return the newest revision before the current one whose ReplicaSet is still there and that runs otherwise.

    A restart makes a revision that runs the same as the one before it: going back to it changes nothing.
    """
    known = revisions_of(deployment, replica_sets)
    current = revision_number(deployment) or (known[-1].number if known else 0)
    same = program_hash(deployment)
    earlier = (item for item in reversed(known) if item.number < current)
    return next((item for item in earlier if program_hash(item.replica_set) != same), None)


def revision_at(deployment: KubeObject, replica_sets: Iterable[KubeObject], number: int) -> Revision | None:
    """Return the revision that has this number, or had it before it was gone back to; None where it is gone."""
    for item in revisions_of(deployment, replica_sets):
        history = mapping_at(item.replica_set, "metadata", "annotations").get(HISTORY)
        earlier = map(_number, history.split(",")) if isinstance(history, str) else ()
        if number in (item.number, *earlier):
            return Revision(number, item.replica_set)
    return None


def template_of(item: KubeObject) -> dict[str, Any]:
    """Return the pod template as the operator wrote it: without the hash label that a ReplicaSet adds."""
    template = dict(mapping_at(mapping_at(item.get("spec")).get("template")))
    meta = dict(mapping_at(template.get("metadata")))
    meta["labels"] = {key: value for key, value in mapping_at(meta.get("labels")).items() if key != _HASH}
    meta.pop("creationTimestamp", None)  # older API servers write it as null
    return template | {"metadata": meta}


def template_hash(item: KubeObject) -> str:
    """Return the hash of an object's pod template: the same for a Deployment and the ReplicaSet made from it."""
    return _hashed(template_of(item))


def program_hash(item: KubeObject) -> str:
    """Return the hash of what a pod template lets run: without labels, and without notes that no program can see.

    A checksum of its configuration counts: who sets one means that the configuration is another.
    """
    template = template_of(item)
    notes = mapping_at(mapping_at(template.get("metadata")).get("annotations"))
    sums = {key: value for key, value in notes.items() if "checksum" in key.lower()}
    return _hashed([template.get("spec"), sums])


def spec_hash(deployment: KubeObject) -> str:
    """Return the hash of the complete spec: unchanged where only annotations or the status moved."""
    return _hashed(mapping_at(deployment.get("spec")))


def desired(deployment: KubeObject) -> Desired:
    """Return what a Deployment asks for; Kubernetes' default is one replica."""
    replicas = mapping_at(deployment.get("spec")).get("replicas")
    revision = mapping_at(deployment, "metadata", "annotations").get(REVISION)
    return Desired(
        replicas=max(0, replicas) if isinstance(replicas, int) and not isinstance(replicas, bool) else 1,
        revision=revision if isinstance(revision, str) else None,
        template_hash=template_hash(deployment),
    )


def _hashed(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()


def _owned(item: KubeObject, deployment: KubeObject) -> bool:
    meta = mapping_at(deployment.get("metadata"))
    owners = mapping_at(item.get("metadata")).get("ownerReferences")
    for owner in owners if isinstance(owners, list) else ():
        if not isinstance(owner, dict):
            continue
        if meta.get("uid") and owner.get("uid"):
            if owner["uid"] == meta["uid"]:
                return True
        elif (owner.get("kind"), owner.get("name")) == ("Deployment", meta.get("name")):
            return True  # objects of a bundle may lack their UIDs
    return False


def _number(text: object) -> int:
    plain = text.strip() if isinstance(text, str) else ""
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else 0
