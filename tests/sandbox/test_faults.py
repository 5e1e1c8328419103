"""Bad input on order."""

import http.client
import time
import urllib.error
import urllib.request

import pytest

from opsagent.sandbox import Fault
from tests.sandbox.conftest import Boxes
from tests.sandbox.web import APPS, BLOG, SPACE, api, fetch, log, patch, pods, restart, stats

PATH = f"{APPS}/deployments/{BLOG}"


def test_refused_closes_the_port_and_clearing_opens_it(boxes: Boxes) -> None:
    """The same port refuses, then serves again."""
    box = boxes()
    box.faults.add(Fault.refused())

    def refused() -> bool:
        try:
            stats(box)
        except urllib.error.URLError as error:
            return "refused" in str(error)
        return False

    assert refused()
    box.faults.clear()
    assert not refused()


@pytest.mark.parametrize(
    ("fault", "status", "begins"),
    [
        (Fault.stats_500(), 500, b"internal"),
        (Fault.html(), 200, b"<!doctype"),
        (Fault.half_json(), 200, b'{"api-gateway":{"info"'),
        (Fault.stats(b"\xff\xfe", 200), 200, b"\xff"),
    ],
)
def test_the_load_balancer_answers_nonsense(boxes: Boxes, fault: Fault, status: int, begins: bytes) -> None:
    """Each kind of wrong body comes as ordered, and not after it is taken out."""
    box = boxes()
    box.faults.add(fault)
    code, body, _ = fetch(f"{box.stats_url}/stats")
    assert code == status
    assert body.startswith(begins)
    box.faults.remove(fault)
    assert "auth" in stats(box)


def test_wrong_types_are_valid_json(boxes: Boxes) -> None:
    """Everything parses and nothing has its type."""
    box = boxes()
    box.faults.add(Fault.wrong_types())
    assert stats(box)["auth"] is None
    assert stats(box)["load-balancer"]["requests_per_second"] == "many"


def test_slow_answers_late(boxes: Boxes) -> None:
    """The delay is in real seconds, on either side."""
    box = boxes()
    box.faults.add(Fault.slow(0.15), Fault.slow(0.15, "api").only(target="nodes"))
    begun = time.monotonic()
    assert "auth" in stats(box)
    assert api(box, "/api/v1/nodes")[0] == 200
    assert time.monotonic() - begun >= 0.3


def test_unauthorized_is_401(boxes: Boxes) -> None:
    """An expired token answers 401 to everything."""
    box = boxes()
    box.faults.add(Fault.unauthorized())
    code, status = api(box, f"{SPACE}/pods")
    assert (code, status["message"], status["reason"]) == (401, "Unauthorized", "Unauthorized")


@pytest.mark.parametrize(
    ("verb", "target", "path", "message"),
    [
        (
            "list",
            "pods",
            f"{SPACE}/pods",
            'pods is forbidden: User "opsagent-sandbox" cannot list resource "pods"',
        ),
        ("get", "pods/log", f"{SPACE}/pods/x/log", 'cannot get resource "pods/log"'),
        ("patch", "deployments", PATH, f'deployments.apps "{BLOG}" is forbidden'),
        ("patch", "deployments/scale", f"{PATH}/scale", 'resource "deployments/scale" in API group "apps"'),
        ("list", "nodes", "/api/v1/nodes", "at the cluster scope"),
    ],
)
def test_forbidden_words_itself_as_rbac_does(boxes: Boxes, verb: str, target: str, path: str, message: str) -> None:
    """403 names user, verb, resource, group and place; other verbs go on."""
    box = boxes()
    box.faults.add(Fault.forbidden(verb, target))
    code, status = patch(box, path, {}) if verb == "patch" else api(box, path)
    assert (code, status["reason"]) == (403, "Forbidden")
    assert message in status["message"]
    assert api(box, f"{APPS}/deployments")[0] == 200


def test_a_conflict_comes_so_many_times(boxes: Boxes) -> None:
    """409 on the next write, and the one after it goes through."""
    box = boxes()
    box.faults.add(Fault.conflict(times=1))
    assert restart(box)[0] == 409
    assert box.state.deployment(BLOG).rollouts == 0
    assert restart(box)[0] == 200


def test_gone_meets_only_the_second_page(boxes: Boxes) -> None:
    """410 answers the continue token."""
    box = boxes()
    box.faults.add(Fault.gone())
    code, page = api(box, f"{SPACE}/pods?limit=2")
    assert code == 200
    code, status = api(box, f"{SPACE}/pods?limit=2&continue={page['metadata']['continue']}")
    assert (code, status["reason"]) == (410, "Expired")


def test_too_many_states_when_to_come_back(boxes: Boxes) -> None:
    """429 has Retry-After, so many times."""
    box = boxes()
    box.faults.add(Fault.too_many(1, retry_after_s=3))
    code, _, headers = fetch(f"{box.api_url}{SPACE}/pods")
    assert (code, headers["Retry-After"]) == (429, "3")
    assert api(box, f"{SPACE}/pods")[0] == 200


def test_a_pod_vanishes_between_two_calls(boxes: Boxes) -> None:
    """The list still names the pod, the pod and its log are not found."""
    box = boxes()
    name = pods(box, "redis")[0]["metadata"]["name"]
    box.faults.add(Fault.vanished(name))
    assert pods(box, "redis")[0]["metadata"]["name"] == name
    assert api(box, f"{SPACE}/pods/{name}")[0] == 404
    assert log(box, name)["message"] == f'pods "{name}" not found'


def test_a_log_breaks_off_in_the_middle(boxes: Boxes) -> None:
    """The stream ends without its end, in the middle of a line."""
    box = boxes()
    box.faults.add(Fault.broken_log(100))
    url = f"{box.api_url}{SPACE}/pods/{box.state.pods('blog-service')[0]}/log"
    with urllib.request.urlopen(url, timeout=5) as stream, pytest.raises(http.client.IncompleteRead) as broken:
        stream.read()
    assert len(broken.value.partial) == 100
    assert not broken.value.partial.endswith(b"\n")


def test_without_the_kubelet_logs_are_500(boxes: Boxes) -> None:
    """The API server states that it could not dial the node."""
    box = boxes()
    box.faults.add(Fault.kubelet_away())
    status = log(box, box.state.pods("redis")[0])
    assert status["code"] == 500
    assert "dial tcp 192.168.49.2:10250: connect: connection refused" in status["message"]


def test_a_reset_after_the_write_has_done_the_write(boxes: Boxes) -> None:
    """The connection breaks, the change is made: nobody may send it twice."""
    box = boxes()
    box.faults.add(Fault.reset_after_write())
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        restart(box)
    assert box.state.deployment(BLOG).rollouts == 1
    assert restart(box)[0] == 200
    assert box.state.deployment(BLOG).rollouts == 1


def test_any_body_for_any_request(boxes: Boxes) -> None:
    """A raw body is in for one object alone."""
    box = boxes()
    box.faults.add(Fault.body("[]").only(verb="get", target="deployments", name=BLOG), Fault.not_found("services"))
    assert api(box, PATH) == (200, [])
    assert api(box, f"{APPS}/deployments")[0] == 200
    assert api(box, f"{SPACE}/services")[0] == 200
    assert api(box, f"{SPACE}/services/local-blog-service")[0] == 404


def test_odd_pods_are_listed_beside_the_others(boxes: Boxes) -> None:
    """A pod that stays Terminating, and one with init and side-car containers."""
    box = boxes()
    going, double = box.state.add_terminating_pod("blog-service"), box.state.add_sidecar_pod("blog-service")
    found = {pod["metadata"]["name"]: pod for pod in pods(box, "blog-service")}
    assert len(found) == 3
    assert "deletionTimestamp" in found[going]["metadata"]
    assert [entry["name"] for entry in found[double]["status"]["containerStatuses"]][1] == "istio-proxy"
    assert found[double]["status"]["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] == 0
    assert api(box, PATH)[1]["status"]["replicas"] == 1
