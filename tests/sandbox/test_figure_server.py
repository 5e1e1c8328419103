"""The box's face to monitoring."""

import httpx
import pytest

from opsagent.sandbox import CannedReply, Fault
from tests.sandbox.conftest import Boxes


def test_metrics_can_be_scraped(boxes: Boxes) -> None:
    """Each family has its help and type before its samples; every sample is of the box's namespace."""
    answer = httpx.get(f"{boxes('healthy').figures_url}/metrics", timeout=60)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert samples
    assert all('namespace="titanium-local"' in line for line in samples)
    assert lines[1] == "# TYPE http_requests_total counter"


@pytest.mark.parametrize(
    ("path", "code"), [("/api/v1/status/buildinfo", 200), ("/api/v1/rules", 200), ("/api/v1/series", 404), ("/", 404)]
)
def test_what_is_there(boxes: Boxes, path: str, code: int) -> None:
    """The version and the rules (none), and nothing else."""
    assert httpx.get(f"{boxes('healthy').figures_url}{path}", timeout=60).status_code == code


def test_faults_can_be_ordered(boxes: Boxes) -> None:
    """As for the other two servers."""
    box = boxes("healthy")
    box.faults.add(Fault("figures", reply=CannedReply(503, b"starting", "text/plain")))
    assert httpx.get(f"{box.figures_url}/metrics", timeout=60).text == "starting"
