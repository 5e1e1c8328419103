"""The Kubernetes API in the calls that opsagent needs, as plain JSON.

The generated models cost over a second of import and are not used; kubeconfig, exec plug-ins, TLS and proxies are the
kubernetes package's work (`kubeconfig.py`).
"""

import builtins
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from opsagent.clients.answer import HttpAnswer
from opsagent.clients.api import JSON, Api, ApiRequest
from opsagent.clients.body import MB, Budget
from opsagent.clients.kinds import Kind, group_of, kind
from opsagent.clients.kube_answers import kind_of, name_of, no_answer, object_of, review, shaped, version_of
from opsagent.clients.kube_errors import NO_API, AnswerLostError, NoSuchPathError
from opsagent.clients.kubeconfig import connect
from opsagent.clients.paths import log_path, proxy_path
from opsagent.clients.proof import Proof
from opsagent.config.settings import KubernetesSettings
from opsagent.errors import (
    CheckError,
    GoneError,
    NotAnAnswerError,
    NotFoundError,
    NotServedError,
    TooLargeError,
)
from opsagent.models.observed import KubeObject
from opsagent.models.plan import PlatformIdentity

# Kinds of which it counts who changed them when; of pods and endpoints there are thousands, and nobody edits them.
_WRITTEN_BY_PEOPLE = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "CronJob", "Service", "Ingress", "NetworkPolicy", "ConfigMap",
     "ResourceQuota", "LimitRange", "HorizontalPodAutoscaler"}
)  # fmt: skip
FIELD_MANAGER = "opsagent"  # whose change it was, in metadata.managedFields
PAGE = 500  # objects a request, as kubectl
_MAX_PAGES = 400
_ONE_NAME = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
_NAMES_ONLY = _ONE_NAME.replace("PartialObjectMetadata", "PartialObjectMetadataList")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_VERSION_S = 3.0  # the smallest answer there is: an API server that works has it at once


class ClusterClient:
    """One API server as one identity."""

    def __init__(self, settings: KubernetesSettings) -> None:
        """Read the kubeconfig; NoClusterError or UnauthorizedError where it cannot be used. Nothing is requested."""
        connection = connect(settings)
        self._budget = Budget(int(settings.max_read_mb * MB))
        self._api = Api(connection, settings.timeout_s, self._budget)
        self._proof = Proof(lambda: version_of(self._api, min(_VERSION_S, settings.timeout_s)))
        self.server = connection.server
        self.ca_hash = connection.ca_hash
        self.context = connection.context

    @property
    def bytes_read(self) -> int:
        """Return how many bytes the answers of this pass held together, logs left out."""
        return self._budget.taken

    def new_pass(self) -> None:
        """Begin a new pass: what was read before no longer counts, and the API server has to prove itself again."""
        self._budget.reset()
        self._proof.forget()

    def prove(self, *, since: float | None = None) -> None:
        """Return where this is an API server that answers, by a list, an object or GET /version with its gitVersion.

        since: seconds of `time.monotonic` after which it has to have answered; None: in this pass. Raises the
        CheckError of GET /version otherwise.
        """
        self._proof.prove(since)

    def list(self, kind_name: str, namespace: str | None, labels: str | None = None) -> builtins.list[KubeObject]:
        """Return all objects of a kind, page by page; a list that outdates itself (410) is started over twice.

        labels: a label selector, by which the API server chooses.

        Raises NotServedError where this cluster does without that API, NotAnAnswerError for anything but its list.
        """
        what = kind(kind_name)
        try:
            for _ in range(2):
                try:
                    return self._pages(what, namespace, labels)
                except GoneError:
                    continue
            return self._pages(what, namespace, labels)
        except (NotFoundError, NoSuchPathError) as error:
            raise self._absent(what, error) from error

    def get(self, kind_name: str, namespace: str | None, name: str) -> KubeObject:
        """Return one object; NotFoundError where there is none."""
        what = kind(kind_name)
        asked = f"get {what.plural} {name}"
        accept = _ONE_NAME if what.metadata_only else JSON
        request = ApiRequest(what.path(namespace, name), asked, what.source, accept=accept)
        found = object_of(self._api.ask(request), asked, what.source)
        if not what.is_object(found) or name_of(found) != name:
            raise no_answer(asked, f"is {kind_of(found)}, not that {what.name}", what.source)
        self._proof.given()
        return _clean(shaped(found, asked, what), what)

    def patch(self, path: str, what: str, body: Any, *, patch_type: str) -> KubeObject:
        """PATCH one object once and return it; `patch_type` is "strategic-merge-patch+json" and the like.

        Raises UnreachableError where nothing was sent, AnswerLostError where the outcome is not known, ConflictError
        where the precondition does not hold.
        """
        managed = f"{path}{'&' if '?' in path else '?'}fieldManager={FIELD_MANAGER}"
        request = ApiRequest(
            managed, what, "deployments", method="PATCH", body=body, content_type=f"application/{patch_type}"
        )
        try:
            return object_of(self._api.ask(request), what, "deployments")
        except (NotAnAnswerError, TooLargeError) as error:  # it was sent, and may have been carried out
            raise AnswerLostError(error.message, source=error.source, hint=error.hint) from error

    def dry_run(self, path: str, what: str, body: Any, *, patch_type: str) -> KubeObject:
        """PATCH with dryRun=All and return the object as it would be: nothing is kept, and nothing else is ever sent.

        Raises CheckError where it would be refused (rights, admission, validation), or could not be tried.
        """
        return self.patch(f"{path}?dryRun=All", what, body, patch_type=patch_type)

    def identity(self, namespace: str) -> PlatformIdentity:
        """Return which platform this is: by the UID of the Namespace, else by server and CA, with the reason."""
        try:
            meta = self.get("Namespace", None, namespace).get("metadata")
        except CheckError as error:
            return PlatformIdentity(self.server, self.ca_hash, None, error.message)
        uid = meta.get("uid") if isinstance(meta, dict) else None
        if not isinstance(uid, str) or not uid:
            return PlatformIdentity(self.server, self.ca_hash, None, "the Namespace was answered without a UID")
        return PlatformIdentity(self.server, self.ca_hash, uid)

    def may(self, namespace: str, verb: str, resource: str, subresource: str) -> bool | None:
        """Ask by SelfSubjectAccessReview; None where the API server does not know either."""
        attributes = {"namespace": namespace, "verb": verb, "group": group_of(resource), "resource": resource}
        return review(self._api, attributes | ({"subresource": subresource} if subresource else {}))

    def proxy(
        self, namespace: str, service: str, path: str, *, source: str, timeout_s: float, max_body: int = MB
    ) -> HttpAnswer:
        """GET a path of a Service ("name:port", "https:name:port") through the API server; any status is an answer.

        Raises CheckError where what answered does not prove to be an API server.
        """
        url = proxy_path(namespace, service, path)
        request = ApiRequest(url, f"get services/proxy {service}", source, accept="*/*", max_body=max_body)
        answer = self._api.read(request, timeout_s)
        self.prove()
        return answer

    def log(
        self,
        namespace: str,
        pod: str,
        query: Mapping[str, str | int],
        *,
        follow: bool,
        timeout_s: float | None = None,
    ) -> Iterator[bytes]:
        """Yield a container's log in chunks as they come; a stream that breaks off raises after its last chunk."""
        path = log_path(namespace, pod, query)
        what = f"get pods/log {pod} ({query.get('container', 'its only container')})"
        return self._api.stream(ApiRequest(path, what, "logs", accept="*/*"), follow=follow, timeout_s=timeout_s)

    def _absent(self, what: Kind, error: CheckError) -> CheckError:
        """Return what a 404 to a list means: an API that is not there, or an address that is not an API server."""
        if not what.optional:
            text = f"{error.message}: every API server has {what.plural}"
            return NotAnAnswerError(text, source=what.source, hint=NO_API)
        try:
            self.prove()
        except CheckError as unproved:
            return unproved.as_answer()
        served = "not served by this cluster" if what.source == "metrics" else f"this cluster serves no {what.name}"
        return NotServedError(served, source=what.source)

    def _pages(self, what: Kind, namespace: str | None, labels: str | None) -> builtins.list[KubeObject]:
        found: builtins.list[KubeObject] = []
        token: object = None
        asked = f"list {what.plural}" + (f" in {namespace}" if what.namespaced and namespace else "")
        accept = _NAMES_ONLY if what.metadata_only else JSON
        for _ in range(_MAX_PAGES):
            chosen = {"labelSelector": labels} if labels else {}
            query = urlencode({"limit": PAGE} | chosen | ({"continue": token} if token else {}))
            answer = self._api.ask(ApiRequest(f"{what.path(namespace)}?{query}", asked, what.source, accept=accept))
            page = object_of(answer, asked, what.source)
            items = page.get("items")
            if not what.is_list(page) or not isinstance(items, list):
                raise no_answer(asked, f"is {kind_of(page)}, not a list of {what.plural}", what.source)
            found += [_clean(shaped(item, asked, what), what) for item in items]
            self._proof.given()
            meta = page.get("metadata")
            before, token = token, meta.get("continue") if isinstance(meta, dict) else None
            if not token:
                return found
            if not isinstance(token, str) or token == before:
                raise no_answer(asked, "goes on with no usable continue token", what.source)
        raise TooLargeError(
            f"cannot {asked}: more than {_MAX_PAGES * PAGE:,} objects",
            source=what.source,
            hint="name a smaller namespace: kubernetes.namespace, or -n",
        )


def _times(written: Any) -> list[dict[str, str]]:
    """Return who wrote an object when, without the fields: they are most of an object's size."""
    rows = written if isinstance(written, list) else []
    kept = ("manager", "operation", "subresource", "time")
    found = [{key: row[key] for key in kept if isinstance(row.get(key), str)} for row in rows if isinstance(row, dict)]
    return [row for row in found if "time" in row]


def _clean(item: dict[str, Any], what: Kind) -> KubeObject:
    """Name the object's kind, which items of a list lack, and drop what must not or need not travel."""
    item["kind"], item["apiVersion"] = what.name, what.group_version
    meta = item.get("metadata")
    if isinstance(meta, dict):
        written = meta.pop("managedFields", None)
        if what.name in _WRITTEN_BY_PEOPLE and (times := _times(written)):
            meta["managedFields"] = times
    if what.metadata_only:
        notes = meta.get("annotations") if isinstance(meta, dict) else None
        if isinstance(notes, dict):
            notes.pop(_LAST_APPLIED, None)  # it repeats the data
        return {key: item[key] for key in ("apiVersion", "kind", "metadata") if key in item}
    return item
