"""`model.mask`: nothing of an incident's names or addresses is in a question, and the answer has them back."""

from pathlib import Path

import pytest

from tests.agent.paused import paused
from tests.model_server import ModelServer

pytestmark = pytest.mark.usefixtures("own_environment")


def test_no_name_or_address_of_the_incident_reaches_the_model(tmp_path: Path, server: ModelServer) -> None:
    """Objects, services, the namespace and the images' repositories, which often bear a service's name, are hidden."""
    server.enqueue(*[{"code": "pod.oom-killed", "evidence": ["E1"], "summary": "Killed."}] * 2)
    with paused("oom-killed", "user-service", tmp_path) as incident:
        state, _ = incident.go_on(server.url, mask="ip,host,name")
    asked = "\n".join(request["body"]["messages"][1]["content"] for request in server.requests)
    assert len(server.requests) == 2
    assert "name-masked-" in asked
    for hidden in ("user-service", "titanium-local", "titanium-user-service", "127.0.0.1"):
        assert hidden not in asked
    assert state["causes"][0].object == "Deployment/local-user-service-deployment"
