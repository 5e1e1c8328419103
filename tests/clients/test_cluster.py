"""The Kubernetes API as plain JSON, and everything that it can refuse."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from opsagent.clients.cluster import ClusterClient
from opsagent.clients.kinds import KINDS
from opsagent.clients.kube_errors import AnswerLostError
from opsagent.config.settings import KubernetesSettings
from opsagent.errors import (
    CheckError,
    ConflictError,
    ExitCode,
    ForbiddenError,
    GoneError,
    InvalidNameError,
    NotAnAnswerError,
    NotCheckedError,
    NotServedError,
    TransientCheckError,
    UnauthorizedError,
    UnreachableError,
)
from tests.clients.loopback import Reply, Script, items, kubeconfig, status

REVIEW = {"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1"}
PODS = "/api/v1/namespaces/shop/pods"


def _pod(name: str) -> dict[str, object]:
    return {"metadata": {"name": name, "managedFields": [{"manager": "kubelet"}]}}


def test_list_is_read_page_by_page(script: Script, cluster: ClusterClient) -> None:
    """Every page is asked for with the token of the one before; each object names its kind."""
    script.on(PODS, Reply(body=items(_pod("a"), token="next")), Reply(body=items(_pod("b"))))
    pods = cluster.list("Pod", "shop")
    assert [pod["metadata"] for pod in pods] == [{"name": "a"}, {"name": "b"}]
    assert {(pod["kind"], pod["apiVersion"]) for pod in pods} == {("Pod", "v1")}
    assert [parse_qs(request.query).get("continue") for request in script.seen] == [None, ["next"]]
    assert all("limit" in parse_qs(request.query) for request in script.seen)


def test_of_who_wrote_an_object_the_times_are_kept_and_the_fields_dropped(
    script: Script, cluster: ClusterClient
) -> None:
    """Of kinds that people edit: who changed a Service when; the fields are most of its size."""
    row = {"manager": "kubectl-edit", "operation": "Update", "time": "2026-11-22T03:04:05Z"}
    meta = {"name": "a", "managedFields": [{**row, "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {}}}, {"time": 5}]}
    script.on("/api/v1/namespaces/shop/services", Reply(body=items({"metadata": meta}, kind="Service")))
    assert cluster.list("Service", "shop")[0]["metadata"] == {"name": "a", "managedFields": [row]}


def test_list_that_outdates_itself_is_started_over(script: Script, cluster: ClusterClient) -> None:
    """410 for a continue token points to a complete new list, without what the first one had."""
    gone = Reply(410, status(410, "Expired", "too old"))
    script.on(PODS, Reply(body=items(_pod("old"), token="t")), gone, Reply(body=items(_pod("new"))))
    assert [pod["metadata"]["name"] for pod in cluster.list("Pod", "shop")] == ["new"]


def test_list_that_outdates_itself_for_ever(script: Script, cluster: ClusterClient) -> None:
    """410 again and again ends in an error."""
    script.on(PODS, Reply(410, status(410, "Expired", "too old")))
    with pytest.raises(GoneError):
        cluster.list("Pod", "shop")
    assert len(script.seen) == 3


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (401, "Unauthorized", UnauthorizedError),
        (403, "Forbidden", ForbiddenError),
        (404, "NotFound", NotAnAnswerError),
        (409, "Conflict", ConflictError),
        (400, "BadRequest", CheckError),
        (422, "Invalid", CheckError),
        (500, "InternalError", TransientCheckError),
        (503, "ServiceUnavailable", TransientCheckError),
        (504, "Timeout", TransientCheckError),
        (302, "Found", NotAnAnswerError),
    ],
)
def test_refusals(script: Script, cluster: ClusterClient, code: int, reason: str, expected: type[CheckError]) -> None:
    """Each refusal is one of our errors that states what was asked and what the API server stated."""
    script.on(PODS, Reply(code, status(code, reason, "because of this")))
    with pytest.raises(expected) as caught:
        cluster.list("Pod", "shop")
    assert type(caught.value) in {expected, TransientCheckError}
    assert "list pods in shop" in caught.value.message
    assert "because of this" in caught.value.message
    assert caught.value.source == "pods"


def test_forbidden_names_verb_and_resource(script: Script, cluster: ClusterClient) -> None:
    """The fix for a 403 is the rule that the role lacks."""
    script.on("/api/v1/nodes", Reply(403, status(403, "Forbidden", "nodes is forbidden")))
    with pytest.raises(ForbiddenError) as caught:
        cluster.list("Node", "shop")
    assert "list nodes" in (caught.value.hint or "")


def test_too_many_requests_waits_as_reported(script: Script, cluster: ClusterClient) -> None:
    """429 is tried again after its Retry-After."""
    busy = Reply(429, status(429, "TooManyRequests", "slow down"), headers={"Retry-After": "0.1"})
    script.on(PODS, busy, busy, Reply(body=items(_pod("a"))))
    assert len(cluster.list("Pod", "shop")) == 1
    assert len(script.seen) == 3


@pytest.mark.parametrize("wait", ["60", "-1", "soon", "nan", None])
def test_too_many_requests_beyond_the_budget(script: Script, cluster: ClusterClient, wait: str | None) -> None:
    """A Retry-After that the time-out has no room for, or that is none, is an error at once, with the time asked."""
    headers = {"Retry-After": wait} if wait else {}
    script.on(PODS, Reply(429, status(429, "TooManyRequests", "slow down"), headers=headers))
    with pytest.raises(TransientCheckError) as caught:
        cluster.list("Pod", "shop")
    assert len(script.seen) == 1
    assert caught.value.retry_after_s == (60 if wait == "60" else None)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"<html>login</html>", kind="text/html"),
        Reply(body=b'{"items": ['),
        Reply(body=b"[]"),
        Reply(body={"items": {"a": 1}}),
        Reply(body={"kind": "PodList", "apiVersion": "v1", "metadata": {}}),
        Reply(body={"kind": "PodList", "apiVersion": "v1", "items": None}),
        Reply(body={"kind": "PodList", "apiVersion": "apps/v1", "items": []}),
        Reply(body={"kind": "List", "apiVersion": "v1", "items": []}),
        Reply(body=items(kind="Node")),
        Reply(body=items(_pod("a"), token=7)),  # type: ignore[arg-type]
        Reply(body=items(_pod("a"), token="the same")),
        Reply(body=status(200, "OK", "fine")),
        Reply(body={}),
        Reply(body=b""),
    ],
)
def test_answers_that_are_no_list(script: Script, cluster: ClusterClient, reply: Reply) -> None:
    """A good status with anything else than a list of that kind is an error, never "there is none"."""
    script.on(PODS, reply)
    with pytest.raises(NotAnAnswerError):
        cluster.list("Pod", "shop")


@pytest.mark.parametrize(
    "item",
    [
        None,
        5,
        "x",
        [],
        {},
        {"metadata": 7},
        {"metadata": {}},
        {"metadata": {"name": ""}},
        {"metadata": {"name": 5}},
        {"metadata": {"name": "a"}, "spec": "x"},
        {"metadata": {"name": "a"}, "status": [1]},
    ],
)
def test_items_of_other_types_are_an_error(script: Script, cluster: ClusterClient, item: Any) -> None:
    """An item that is not an object of the kind is reported: a pod that is dropped would be missed by nobody."""
    script.on(PODS, Reply(body=items(_pod("a"), item)))
    with pytest.raises(NotAnAnswerError, match="list pods in shop"):
        cluster.list("Pod", "shop")


@pytest.mark.parametrize("found", [{}, {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "another"}}])
def test_object_that_is_another_one(script: Script, cluster: ClusterClient, found: dict[str, Any]) -> None:
    """An answer counts as the object only where it is of that kind and name."""
    script.on(f"{PODS}/a", Reply(body=found))
    with pytest.raises(NotAnAnswerError):
        cluster.get("Pod", "shop", "a")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("PodMetrics", "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods"),
        ("HorizontalPodAutoscaler", "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"),
    ],
)
@pytest.mark.parametrize("body", [b"404 page not found\n", None])
def test_api_that_is_absent_is_not_a_blindness(
    script: Script, cluster: ClusterClient, kind: str, path: str, body: bytes | None
) -> None:
    """404 for an API that a cluster may do without is "not served", once the API server has proved to be one."""
    script.on(path, Reply(404, status(404, "NotFound", "not found") if body is None else body, "text/plain"))
    with pytest.raises(NotServedError):
        cluster.list(kind, "shop")
    script.on("/version", Reply(body=b"<html>login</html>", kind="text/html"))
    cluster.new_pass()
    with pytest.raises(NotAnAnswerError):
        cluster.list(kind, "shop")


def test_page_without_status_is_not_a_missing_object(script: Script, cluster: ClusterClient) -> None:
    """A web server's 404 page does not state that a pod is gone."""
    script.on(f"{PODS}/a", Reply(404, b"<h1>404</h1>", "text/html"))
    with pytest.raises(NotAnAnswerError):
        cluster.get("Pod", "shop", "a")


def test_refused_connection(tmp_path: object, closed_port: int, kubernetes: KubernetesSettings) -> None:
    """An API server that is away is named with its URL."""
    path = kubeconfig(tmp_path, f"http://127.0.0.1:{closed_port}")  # type: ignore[arg-type]
    with pytest.raises(UnreachableError, match=f"http://127.0.0.1:{closed_port}.*connection refused"):
        ClusterClient(KubernetesSettings(kubeconfig=path)).list("Pod", "shop")


def test_no_answer(script: Script, cluster: ClusterClient) -> None:
    """An API server that reports nothing ends at the time-out."""
    script.on(PODS, Reply(body=items(), delay_s=1.5))
    with pytest.raises(TransientCheckError, match="did not answer within 1 s"):
        cluster.list("Pod", "shop")


def test_dropped_connection_is_tried_once_more(script: Script, cluster: ClusterClient) -> None:
    """A read whose kept connection was closed goes out again."""
    script.on(PODS, Reply(drop=True), Reply(body=items(_pod("a"))))
    assert len(cluster.list("Pod", "shop")) == 1


def test_write_is_never_repeated(script: Script, cluster: ClusterClient) -> None:
    """A PATCH without an answer goes out once, and its error states that the outcome is open."""
    script.on("/x", Reply(drop=True), method="PATCH")
    with pytest.raises(AnswerLostError):
        cluster.patch("/x", "patch deployments x", {"a": 1}, patch_type="merge-patch+json")
    assert len(script.seen) == 1
    assert script.seen[0].headers["Content-Type"] == "application/merge-patch+json"


def test_config_maps_come_without_their_data(script: Script, cluster: ClusterClient) -> None:
    """Only metadata is asked for; of a server that sends all the same, the data is dropped at once."""
    noted = {"kubectl.kubernetes.io/last-applied-configuration": '{"data": {"password": "x"}}', "team": "shop"}
    whole = {"metadata": {"name": "c", "annotations": noted}, "data": {"password": "x"}, "binaryData": {"k": "eA=="}}
    script.on("/api/v1/namespaces/shop/configmaps", Reply(body=items(whole, kind="ConfigMap")))
    (found,) = cluster.list("ConfigMap", "shop")
    assert "PartialObjectMetadataList" in script.seen[0].headers["Accept"]
    assert found == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "annotations": {"team": "shop"}},
    }


@pytest.mark.parametrize("kind", ["Secret", "Role", ""])
def test_secrets_are_never_requested(script: Script, cluster: ClusterClient, kind: str) -> None:
    """A kind that is not in the table is refused before any request."""
    with pytest.raises(NotCheckedError):
        cluster.list(kind, "shop")
    with pytest.raises(NotCheckedError):
        cluster.get(kind, "shop", "x")
    assert script.seen == []
    assert "Secret" not in KINDS


@pytest.mark.parametrize("name", ["../secrets/x", "a/log", "a?x=1", "a%2f..", "A", "", "a" * 254, "a\n", "..", "é"])
def test_names_lead_nowhere_else(script: Script, cluster: ClusterClient, name: str) -> None:
    """A name that no object can have is refused before any request, wherever it is in the path."""
    for ask in (
        lambda: cluster.get("Pod", "shop", name),
        lambda: cluster.list("Pod", name),
        lambda: list(cluster.log("shop", name, {}, follow=False)),
        lambda: list(cluster.log(name, "a", {}, follow=False)),
        lambda: list(cluster.log("shop", "a", {"container": name}, follow=False)),
        lambda: cluster.proxy("shop", f"{name}:80", "/", source="health", timeout_s=1.0),
        lambda: cluster.proxy(name, "a:80", "/", source="health", timeout_s=1.0),
    ):
        with pytest.raises(InvalidNameError) as caught:
            ask()
        assert caught.value.exit_code == ExitCode.USAGE
    assert script.seen == []


@pytest.mark.parametrize("path", ["/../x", "/a/../../x", "/%2e%2e/x", "/%252e%252e/x", "/a/%2e%2e%2fx", "/./x"])
def test_path_of_a_service_stays_below_it(script: Script, cluster: ClusterClient, path: str) -> None:
    """A health path cannot climb out of its Service, however it is written."""
    with pytest.raises(InvalidNameError):
        cluster.proxy("shop", "blog:80", path, source="health", timeout_s=1.0)
    assert script.seen == []


def test_path_of_a_service_is_quoted(script: Script, cluster: ClusterClient) -> None:
    """What would end the path, or the request line, is quoted; what is quoted already stays so."""
    cluster.proxy("shop", "https:blog:http", "/a b#c/%41?x=1 2", source="health", timeout_s=1.0)
    sent = script.seen[0]
    assert sent.path == "/api/v1/namespaces/shop/services/https:blog:http/proxy/a%20b%23c/%41"
    assert sent.query == "x=1%202"


def test_redirect_does_not_carry_the_token_along(script: Script, cluster: ClusterClient) -> None:
    """The API server's redirect is an error."""
    script.on(PODS, Reply(307, headers={"Location": f"{script.url}/elsewhere"}))
    with pytest.raises(CheckError):
        cluster.list("Pod", "shop")
    assert script.paths() == [PODS]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"allowed": True}, True),
        ({"allowed": False, "reason": "no rule"}, False),
        ({"allowed": False, "evaluationError": "webhook is down"}, None),
    ],
)
def test_access_review(script: Script, cluster: ClusterClient, answer: object, expected: bool | None) -> None:
    """The API server is asked with the resource's group; where it does not know, neither do we."""
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    script.on(path, Reply(201, REVIEW | {"status": answer}), method="POST")
    assert cluster.may("shop", "patch", "deployments", "scale") is expected
    assert json.loads(script.seen[0].body)["spec"]["resourceAttributes"] == {
        "namespace": "shop",
        "verb": "patch",
        "group": "apps",
        "resource": "deployments",
        "subresource": "scale",
    }


@pytest.mark.parametrize("answer", [{}, REVIEW, REVIEW | {"status": {}}, {"status": {"allowed": True}}])
def test_access_review_that_is_none(script: Script, cluster: ClusterClient, answer: object) -> None:
    """Anything but an answered review is an error, never a permission."""
    script.on("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Reply(201, answer), method="POST")
    with pytest.raises(NotAnAnswerError):
        cluster.may("shop", "get", "pods", "")


def test_access_review_waits_where_it_is_reported(script: Script, cluster: ClusterClient) -> None:
    """A review changes nothing, so that it is repeated after 429 as a read is."""
    busy = Reply(429, status(429, "TooManyRequests", "slow down"), headers={"Retry-After": "0.1"})
    good = Reply(201, REVIEW | {"status": {"allowed": True}})
    script.on("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", busy, good, method="POST")
    assert cluster.may("shop", "get", "pods", "") is True


@pytest.mark.parametrize(
    "version",
    [
        Reply(body=b"<html>login</html>", kind="text/html"),
        Reply(302, headers={"Location": "/login"}),
        Reply(body={}),
        Reply(body=b""),
        Reply(body={"gitVersion": 5}),
        Reply(404, b"not here", "text/plain"),
        Reply(403, b"<html>no</html>", "text/html"),
        Reply(500),
        Reply(delay_s=1.5),
    ],
)
def test_proxied_answer_counts_only_from_an_api_server(script: Script, cluster: ClusterClient, version: Reply) -> None:
    """What a login page or a dead proxy answers at a service's path is not an answer of that service."""
    script.on("/api/v1/namespaces/shop/services/blog:8005/proxy/health", Reply(body={"status": "ok"}))
    script.on("/version", version)
    with pytest.raises(CheckError):
        cluster.proxy("shop", "blog:8005", "/health", source="health", timeout_s=1.0)


def test_api_server_proves_itself_once_a_pass(script: Script, cluster: ClusterClient) -> None:
    """A list is proof enough; GET /version is asked only where nothing else was read, and again in the next pass."""
    path = "/api/v1/namespaces/shop/services/blog:8005/proxy/health"
    script.on(path, Reply(body={"status": "ok"}))
    for _ in range(2):
        cluster.proxy("shop", "blog:8005", "/health", source="health", timeout_s=1.0)
    assert script.paths() == [path, "/version", path]
    cluster.new_pass()
    script.on(PODS, Reply(body=items(_pod("a"))))
    cluster.list("Pod", "shop")
    cluster.proxy("shop", "blog:8005", "/health", source="health", timeout_s=1.0)
    assert script.paths()[3:] == [PODS, path]


def test_api_server_that_may_not_be_asked_for_its_version(script: Script, cluster: ClusterClient) -> None:
    """A refusal in the API server's own words proves it as well."""
    script.on("/api/v1/namespaces/shop/services/blog:8005/proxy/health", Reply(body={"status": "ok"}))
    script.on("/version", Reply(403, status(403, "Forbidden", "no")))
    assert cluster.proxy("shop", "blog:8005", "/health", source="health", timeout_s=1.0).status == 200


def test_service_proxy_hands_every_answer_through(script: Script, cluster: ClusterClient) -> None:
    """What the service answers comes back whatever its status, asked with GET alone."""
    path = "/api/v1/namespaces/shop/services/blog:8005/proxy/health"
    script.on(path, Reply(503, b"down", "text/plain"))
    answer = cluster.proxy("shop", "blog:8005", "/health", source="health", timeout_s=1.0)
    assert (answer.status, answer.body) == (503, b"down")


def test_no_foreign_error_leaks_and_stderr_stays_silent(
    script: Script, cluster: ClusterClient, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong below is raised as ours, and nothing is written beside it."""

    for reply in (Reply(drop=True), Reply(body=b"{", length=5), Reply(500, b"\x00\xff")):
        script.on(PODS, reply)
        with pytest.raises(CheckError) as caught:
            cluster.list("Pod", "shop")
        assert type(caught.value).__module__.startswith("opsagent.")
    assert capfd.readouterr() == ("", "")
