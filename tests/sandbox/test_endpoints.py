"""The addresses behind a Service."""

from tests.sandbox.conftest import Boxes
from tests.sandbox.web import SPACE, api, restart, until

SLICES = "/apis/discovery.k8s.io/v1/namespaces/titanium-local/endpointslices"


def test_an_address_is_ready_as_its_pod_is(boxes: Boxes) -> None:
    """A hung pod's address is not ready in both forms; after the restart the new pod's is, and the old one goes."""
    box = boxes("db-locked")
    path = f"{SLICES}?labelSelector=kubernetes.io/service-name%3Dlocal-blog-service"

    def ready() -> list[tuple[str, bool]]:
        (found,) = api(box, path)[1]["items"]
        return [(entry["addresses"][0], entry["conditions"]["ready"]) for entry in found["endpoints"]]

    assert ready() == [("10.244.1.44", False)]
    subset = api(box, f"{SPACE}/endpoints/local-blog-service")[1]["subsets"][0]
    assert [entry["ip"] for entry in subset["notReadyAddresses"]] == ["10.244.1.44"]
    assert "addresses" not in subset
    restart(box)
    until(lambda: [yes for _, yes in ready()] == [True], "the new address alone")
    assert ready()[0][0] != "10.244.1.44"
    assert "notReadyAddresses" not in api(box, f"{SPACE}/endpoints/local-blog-service")[1]["subsets"][0]
