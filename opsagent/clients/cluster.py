"""The Kubernetes API in the calls that opsagent needs, as plain JSON.

The generated models cost over a second of import and are not used; kubeconfig, exec plug-ins, TLS and proxies are the
kubernetes package's work (`kubeconfig.py`).
"""

import builtins
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from opsagent.clients.answer import Answer, json_object
from opsagent.clients.api import JSON, Api, Request
from opsagent.clients.kinds import Kind, group_of, kind
from opsagent.clients.kubeconfig import connect
from opsagent.config.settings import KubernetesSettings
from opsagent.errors import GoneError, LookError, TransientLookError
from opsagent.models.look import KubeObject

PAGE = 500  # objects a request, as kubectl
_MAX_PAGES = 400
_ONE_NAME = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
_NAMES_ONLY = _ONE_NAME.replace("PartialObjectMetadata", "PartialObjectMetadataList")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_NO_API = "is that address an API server, and not a login page or a proxy? kubectl config view --minify"


class Cluster:
    """One API server as one identity."""

    def __init__(self, settings: KubernetesSettings) -> None:
        """Read the kubeconfig; NoClusterError or UnauthorizedError where it cannot be used. Nothing is requested."""
        connection = connect(settings)
        self._api = Api(connection, settings.timeout_s)
        self.server = connection.server
        self.ca_hash = connection.ca_hash
        self.context = connection.context

    def list(self, kind_name: str, namespace: str | None) -> builtins.list[KubeObject]:
        """Return all objects of a kind, page by page; a list that outdates itself (410) is started over twice."""
        what = kind(kind_name)
        for _ in range(2):
            try:
                return self._pages(what, namespace)
            except GoneError:
                continue
        return self._pages(what, namespace)

    def get(self, kind_name: str, namespace: str | None, name: str) -> KubeObject:
        """Return one object; NotFoundError where there is none."""
        what = kind(kind_name)
        asked = f"get {what.plural} {name}"
        accept = _ONE_NAME if what.metadata_only else JSON
        request = Request(what.path(namespace, quote(name, safe="")), asked, what.source, accept=accept)
        return _clean(_object(self._api.ask(request), asked, what.source), what)

    def patch(self, path: str, what: str, body: Any, *, patch_type: str) -> KubeObject:
        """PATCH one object once and return it; `patch_type` is "strategic-merge-patch+json" and the like.

        Raises UnreachableError where nothing was sent, AnswerLostError where the outcome is not known, ConflictError
        where the precondition does not hold.
        """
        request = Request(
            path, what, "deployments", method="PATCH", body=body, content_type=f"application/{patch_type}"
        )
        return _object(self._api.ask(request), what, "deployments")

    def dry_run(self, path: str, what: str, body: Any, *, patch_type: str) -> KubeObject:
        """PATCH with dryRun=All and return the object as it would be: nothing is kept, and nothing else is ever sent.

        Raises LookError where it would be refused (rights, admission, validation), or could not be tried.
        """
        return self.patch(f"{path}?dryRun=All", what, body, patch_type=patch_type)

    def may(self, namespace: str, verb: str, resource: str, subresource: str) -> bool | None:
        """Ask by SelfSubjectAccessReview; None where the API server does not know either."""
        attributes = {"namespace": namespace, "verb": verb, "group": group_of(resource), "resource": resource}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes | ({"subresource": subresource} if subresource else {})},
        }
        asked = "create selfsubjectaccessreviews"
        answer = self._api.ask(Request(_REVIEWS, asked, "access", method="POST", body=review))
        status = _object(answer, asked, "access").get("status")
        if not isinstance(status, dict) or not isinstance(status.get("allowed"), bool):
            return None
        allowed: bool = status["allowed"]
        return None if not allowed and status.get("evaluationError") else allowed

    def proxy(self, namespace: str, service: str, path: str, *, source: str, timeout_s: float) -> Answer:
        """GET a path of a Service ("name:port", "https:name:port") through the API server; any status is an answer."""
        url = f"/api/v1/namespaces/{namespace}/services/{quote(service, safe=':')}/proxy/{path.lstrip('/')}"
        return self._api.read(Request(url, f"get services/proxy {service}", source, accept="*/*"), timeout_s)

    def log(self, namespace: str, pod: str, query: Mapping[str, str | int], *, follow: bool) -> Iterator[bytes]:
        """Yield a container's log in chunks as they come; a stream that breaks off raises after its last chunk."""
        path = f"/api/v1/namespaces/{namespace}/pods/{quote(pod, safe='')}/log?{urlencode(query)}"
        what = f"get pods/log {pod} ({query.get('container', 'its only container')})"
        return self._api.stream(Request(path, what, "logs", accept="*/*"), follow=follow)

    def _pages(self, what: Kind, namespace: str | None) -> builtins.list[KubeObject]:
        found: builtins.list[KubeObject] = []
        token: object = None
        asked = f"list {what.plural}" + (f" in {namespace}" if what.namespaced and namespace else "")
        accept = _NAMES_ONLY if what.metadata_only else JSON
        for _ in range(_MAX_PAGES):
            query = urlencode({"limit": PAGE} | ({"continue": token} if token else {}))
            answer = self._api.ask(Request(f"{what.path(namespace)}?{query}", asked, what.source, accept=accept))
            page = _object(answer, asked, what.source)
            items = page.get("items") or []
            if not isinstance(items, list):
                raise LookError(f"cannot {asked}: the answer holds no list of items", source=what.source, hint=_NO_API)
            found += [_clean(item, what) for item in items if isinstance(item, dict)]
            meta = page.get("metadata")
            token = meta.get("continue") if isinstance(meta, dict) else None
            if not token:
                return found
        raise LookError(
            f"cannot {asked}: more than {_MAX_PAGES * PAGE:,} objects",
            source=what.source,
            hint="name a smaller namespace: kubernetes.namespace, or -n",
        )


def _object(answer: Answer, what: str, source: str) -> dict[str, Any]:
    body, wrong = json_object(answer)
    if body is None:
        raise TransientLookError(f"cannot {what}: the API server {wrong}", source=source, hint=_NO_API)
    return body


def _clean(item: dict[str, Any], what: Kind) -> KubeObject:
    """Name the object's kind, which items of a list lack, and drop what must not or need not travel."""
    item["kind"], item["apiVersion"] = what.name, what.group_version
    meta = item.get("metadata")
    if isinstance(meta, dict):
        meta.pop("managedFields", None)
    if what.metadata_only:
        notes = meta.get("annotations") if isinstance(meta, dict) else None
        if isinstance(notes, dict):
            notes.pop(_LAST_APPLIED, None)  # it repeats the data
        return {key: item[key] for key in ("apiVersion", "kind", "metadata") if key in item}
    return item
