"""Revisions of Deployments that a table lists without their numbers: by age, and by what the Deployment runs now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from opsagent.models.observed import KubeObject

_REVISION = "deployment.kubernetes.io/revision"
Key = tuple[str, str, str]  # kind, namespace, name


def number_revisions(found: Iterable[KubeObject], known: Mapping[Key, KubeObject]) -> None:
    """Number the printed ReplicaSets of each printed Deployment: older ones first, the one that it runs last."""
    by_owner: dict[Key, list[KubeObject]] = defaultdict(list)
    for item in found:
        if item["kind"] == "ReplicaSet" and (owner := _owner(item)) in known:
            by_owner[owner].append(item)
    for owner, sets in by_owner.items():
        deployment = known[owner]
        if len(sets) < 2 or any(_numbered(item) for item in (deployment, *sets)):
            continue
        if any("creationTimestamp" not in item["metadata"] or not _images(item) for item in sets):
            continue
        wanted = _images(deployment)
        # After a rollback an old ReplicaSet is the newest revision: it has the Deployment's images, and replicas.
        sets.sort(key=lambda item: (_images(item) == wanted and _asked(item) > 0, _born(item)))
        for place, item in enumerate(sets, 1):
            item["metadata"]["annotations"] = {**item["metadata"].get("annotations", {}), _REVISION: str(place)}
        annotations = deployment["metadata"].setdefault("annotations", {})
        annotations[_REVISION] = str(len(sets))


def _owner(item: KubeObject) -> Key:
    refs = item["metadata"].get("ownerReferences") or [{}]
    return str(refs[0].get("kind")), str(item["metadata"].get("namespace") or ""), str(refs[0].get("name"))


def _numbered(item: KubeObject) -> bool:
    return _REVISION in (item["metadata"].get("annotations") or {})


def _born(item: KubeObject) -> str:
    return str(item["metadata"]["creationTimestamp"])


def _asked(item: KubeObject) -> int:
    return int((item.get("spec") or {}).get("replicas") or 0)


def _images(item: KubeObject) -> list[str]:
    template = ((item.get("spec") or {}).get("template") or {}).get("spec") or {}
    return [str(one.get("image")) for one in template.get("containers") or ()]
