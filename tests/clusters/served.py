"""An API server that serves a list of objects and nothing else, so that the real kubectl can describe them."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Obj = dict[str, Any]
_PLURALS = {
    "Ingress": "ingresses", "Endpoints": "endpoints", "NetworkPolicy": "networkpolicies",
    "StorageClass": "storageclasses", "IngressClass": "ingressclasses", "PriorityClass": "priorityclasses",
}  # fmt: skip
_CLUSTER = frozenset(
    {"Node", "Namespace", "PersistentVolume", "StorageClass", "PriorityClass", "IngressClass", "APIService",
     "CSINode", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "ClusterRole", "VolumeAttachment"}
)  # fmt: skip
_ASKED = ("Event", "Pod", "LimitRange", "ResourceQuota", "Secret", "PersistentVolumeClaim", "Endpoints",
          "EndpointSlice", "ReplicaSet", "Lease", "HorizontalPodAutoscaler", "ControllerRevision", "Node")  # fmt: skip
_PATH = re.compile(
    r"^/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)(?:/namespaces/(?P<namespace>[^/]+)(?=/))?"
    r"/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?$"
)
_TERM = re.compile(r"([\w./-]+)\s*(=|==|!=|in|notin)\s*(\([^)]*\)|[^,]*)")


def plural(kind: str) -> str:
    """Return how the API names a kind."""
    return _PLURALS.get(kind, f"{kind.lower()}s")


@contextmanager
def served(items: list[Obj], folder: Path) -> Iterator[Path]:
    """Serve objects on loopback; give the kubeconfig that reaches them."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = _answer(items, self.path)
            data = json.dumps(
                found or {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404}
            ).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Write nothing: the test reads what kubectl prints."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    path = folder / "kubeconfig"
    path.write_text(json.dumps(_config(f"http://127.0.0.1:{server.server_address[1]}")))
    try:
        yield path
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _config(url: str) -> Obj:
    named = {"clusters": [{"name": "c", "cluster": {"server": url}}], "users": [{"name": "u", "user": {}}]}
    context = {"contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}], "current-context": "x"}
    return {"apiVersion": "v1", "kind": "Config", **named, **context}


def _answer(items: list[Obj], url: str) -> Obj | None:
    parts = urlsplit(url)
    versions: dict[str, set[str]] = defaultdict(set)
    for item in items:
        versions[item["apiVersion"]].add(item["kind"])
    if parts.path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if parts.path == "/apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(one) for one in versions if "/" in one]}
    known = parts.path.removeprefix("/apis/").removeprefix("/api/")
    if known in versions or known == "v1":
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": known,
            "resources": _kinds(versions[known]),
        }
    found = _PATH.match(parts.path)
    if found is None:
        return None
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    version = "/".join(part for part in (found["group"], found["version"]) if part)
    kinds = {
        item["kind"] for item in items if item["apiVersion"] == version and plural(item["kind"]) == found["plural"]
    }
    chosen = [
        one for one in items if one["kind"] in kinds and one["apiVersion"] == version and _fits(one, found, query)
    ]
    if found["name"]:
        return chosen[0] if chosen else None
    kind = next(iter(kinds), None) or next((one for one in _ASKED if plural(one) == found["plural"]), "Unknown")
    return {"kind": f"{kind}List", "apiVersion": version, "metadata": {"resourceVersion": "1"}, "items": chosen}


def _group(api_version: str) -> Obj:
    group, _, version = api_version.partition("/")
    one = {"groupVersion": api_version, "version": version}
    return {"name": group, "versions": [one], "preferredVersion": one}


def _kinds(kinds: set[str]) -> list[Obj]:
    return [
        {"name": plural(kind), "singularName": kind.lower(), "namespaced": kind not in _CLUSTER, "kind": kind,
         "verbs": ["get", "list"]} for kind in sorted(kinds)
    ]  # fmt: skip


def _fits(item: Obj, found: re.Match[str], query: dict[str, str]) -> bool:
    meta = item["metadata"]
    if found["namespace"] and meta.get("namespace") != found["namespace"]:
        return False
    if found["name"]:
        return bool(meta["name"] == found["name"])
    labels = meta.get("labels") or {}
    return all(
        _meets(labels.get(key, ""), how, value) for key, how, value in _TERM.findall(query.get("labelSelector", ""))
    ) and all(_meets(_at(item, key), how, value) for key, how, value in _TERM.findall(query.get("fieldSelector", "")))


def _meets(has: str, how: str, wanted: str) -> bool:
    if how in ("in", "notin"):
        return (has in wanted.strip("()").split(",")) == (how == "in")
    return (has == wanted) == (how != "!=")


def _at(item: Obj, path: str) -> str:
    value: Any = item
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return "" if value is None else str(value)
