"""What the API server reports about itself."""

from .facts import Json
from .kinds import KINDS

VERSION: Json = {
    "major": "1",
    "minor": "32",
    "gitVersion": "v1.32.2",
    "gitCommit": "67a30c0adcf52bd3f56ff0893ce19966be12991f",
    "gitTreeState": "clean",
    "buildDate": "2025-02-12T21:19:47Z",
    "goVersion": "go1.23.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def answer(path: str) -> Json | None:
    """Return the document at a discovery path; None where this is none."""
    steps = [step for step in path.split("/") if step]
    if steps == ["version"]:
        return VERSION
    if steps == ["api"]:
        addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}]
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}
    if steps == ["api", "v1"]:
        return _resources("", "v1")
    if steps == ["apis"]:
        groups = dict.fromkeys(kind.group for kind in KINDS if kind.group)
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in groups]}
    if steps[:1] == ["apis"] and len(steps) > 1 and _versions(steps[1]):
        return _in_group(steps[1], steps[2:])
    return None


def _in_group(group: str, steps: list[str]) -> Json | None:
    if not steps:
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(group)}
    return _resources(group, steps[0]) if len(steps) == 1 and steps[0] in _versions(group) else None


def _versions(group: str) -> list[str]:
    return sorted({kind.version for kind in KINDS if kind.group == group}, reverse=True)


def _group(name: str) -> Json:
    served = [{"groupVersion": f"{name}/{version}", "version": version} for version in _versions(name)]
    return {"name": name, "versions": served, "preferredVersion": served[0] if served else None}


def _resources(group: str, version: str) -> Json:
    found: list[Json] = []
    for kind in KINDS:
        if (kind.group, kind.version) != (group, version):
            continue
        entry: Json = {"name": kind.plural, "singularName": kind.kind.lower(), "namespaced": kind.namespaced}
        entry |= {"kind": kind.kind, "verbs": list(kind.verbs)}
        if kind.short:
            entry["shortNames"] = list(kind.short)
        if kind.plural in ("pods", "services", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs"):
            entry["categories"] = ["all"]
        found.append(entry)
        for name, sub_kind, verbs in kind.subresources:
            sub: Json = {"name": f"{kind.plural}/{name}", "singularName": "", "namespaced": kind.namespaced}
            sub |= {"kind": sub_kind, "verbs": list(verbs)}
            if sub_kind == "Scale":
                sub |= {"group": "autoscaling", "version": "v1"}
            found.append(sub)
    full = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": full, "resources": found}
