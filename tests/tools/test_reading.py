"""The nine reading tools as other clients get them."""

import inspect
import json
from collections.abc import Callable
from typing import Any

from opsagent.config.titanium import TITANIUM
from opsagent.tools import reading_tools
from opsagent.tools.reading import MOST_MATCHES
from tests.tools.platforms import Records

Boxed = Callable[[str], tuple[Any, Any]]
NAMES = [
    "get_system_stats",
    "get_service_status",
    "get_traffic_metrics",
    "check_health",
    "list_pods",
    "describe_pod",
    "get_pod_logs",
    "get_service_logs",
    "search_logs",
]


def test_names_and_signatures() -> None:
    """The design's nine names, each with a docstring, without the parameters that are bound."""
    tools = reading_tools(Records(), TITANIUM)
    assert [tool.__name__ for tool in tools] == NAMES
    for tool in tools:
        assert tool.__doc__
        assert not {"platform", "services", "redact", "on_skip"} & set(inspect.signature(tool).parameters)
    assert list(inspect.signature(tools[6]).parameters) == ["pod_name", "tail", "container", "previous"]


def test_results_are_json(boxed: Boxed) -> None:
    """Every tool answers a JSON object."""
    platform, _ = boxed("crash-loop")
    tools = {tool.__name__: tool for tool in reading_tools(platform, TITANIUM)}
    pod = next(pod["name"] for pod in tools["list_pods"]()["pods"] if pod["service"] == "auth-service")
    answers = [
        tools["get_system_stats"](),
        tools["get_service_status"]("auth"),
        tools["get_traffic_metrics"](),
        tools["check_health"](service_name="blog"),
        tools["describe_pod"](pod_name=pod),
        tools["get_pod_logs"](pod, 5),
        tools["get_service_logs"]("auth", tail=5),
        tools["search_logs"]("auth", "."),
    ]
    assert "sample" not in answers[0]
    for answer in answers:
        assert isinstance(answer, dict)
        assert json.loads(json.dumps(answer)) == answer


def test_search_is_bounded() -> None:
    """A pattern that matches everything gives a bounded answer that states that there is more."""
    platform = Records(texts={"blog-service-1/app": b"x\n" * 1000})
    search = reading_tools(platform, TITANIUM)[-1]
    found = search("blog-service", "x")
    assert len(found["matches"]) == MOST_MATCHES
    assert found["more"] is True
