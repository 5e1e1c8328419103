"""Whatever a client states over MCP, only the requests that a tool is for leave this process."""

import re
import string
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsagent.clients.kinds import KINDS
from opsagent.config.settings import Settings
from opsagent.config.titanium import TITANIUM
from opsagent.errors import ForbiddenError, InvalidNameError, NotFoundError
from opsagent.redact import Redactor
from opsagent.sandbox import Sandbox
from opsagent.serving.mcp_tools import DESIGN, RefusedError, design_tools
from opsagent.tools.kubectl import list_pods
from opsagent.tools.reading import bound_tools
from tests.serving.conftest import source_of
from tests.session import Boxed, sandboxes

NAMESPACE = "titanium-local"
NAME = r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"
PLURALS = "|".join(sorted({kind.plural for kind in KINDS.values()}))
HEALTH = "stats|lb-health|health|"
EXPECTED = re.compile(
    rf"""/version
    |/stats|/lb-health
    |/apis/authorization\.k8s\.io/v1/selfsubjectaccessreviews
    |/(api/v1|apis/[a-z0-9.]+/v[a-z0-9]+)(/namespaces/{NAMESPACE})?/({PLURALS})(/{NAME})?
    |/api/v1/namespaces/{NAMESPACE}/pods/{NAME}/log
    |/api/v1/namespaces/{NAMESPACE}/services/local-[a-z-]+:\d+/proxy/({HEALTH})""",
    re.VERBOSE,
)
HOSTILE = (
    "../../../api/v1/secrets?x=",
    "kube-system/services/http:grafana:80/proxy/api/users",
    "..",
    "%2e%2e/%2e%2e/secrets",
    "%252e%252e%252fsecrets",
    "*",
    "kube-system",
    "x?watch=true&",
    "x#",
    "x/log?follow=true",
    "x\r\nHost: evil",
    "x\0",
    "deployment/../../secrets/x",
    "",
)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Settings]]:
    """Start one sandbox for all examples."""
    with sandboxes(tmp_path_factory.mktemp("paths")) as start:
        yield start("healthy")


def texts(box: Sandbox) -> st.SearchStrategy[str]:
    """Return wild text, hostile text, and names that exist with either put around them."""
    real = st.sampled_from([*(service.name for service in TITANIUM), *box.state.pods("blog-service"), NAMESPACE])
    odd = st.sampled_from(HOSTILE) | st.text(max_size=30) | st.text(string.printable + "/%.?#", max_size=30)
    return odd | real | st.builds("{}{}".format, real, odd) | st.builds("{}{}".format, odd, real)


def arguments(box: Sandbox, names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Return arguments for a tool by the names of its parameters."""
    numbers = st.integers(-5, 10_000)
    by_name = {name: numbers if name in ("tail", "replicas") else texts(box) for name in names}
    return st.fixed_dictionaries(by_name)


@pytest.mark.parametrize("name", [name for tools in DESIGN.values() for name in tools])
def test_only_expected_paths_leave(healthy: tuple[Sandbox, Settings], name: str) -> None:
    """Whatever the arguments of a tool are, every request that leaves is one of those that the tools are for."""
    box, here = healthy
    source = source_of(here)
    tool = next(tool for tool in design_tools(source, "all", Redactor()) if tool.__name__ == name)
    parameters = next(tools[name] for tools in DESIGN.values() if name in tools)

    @given(given=arguments(box, parameters))
    @settings(max_examples=25 if parameters else 1, suppress_health_check=list(HealthCheck), database=None)
    def holds(given: dict[str, Any]) -> None:
        before = len(box.requests)
        with suppress(RefusedError):  # before or after a request: the requests are what counts
            tool(**given)
        sent = [(method, path.partition("?")[0]) for method, path in box.requests[before:]]
        assert [path for _, path in sent if not EXPECTED.fullmatch(path)] == []
        assert [method for method, path in sent if method != "GET" and "accessreviews" not in path] == []

    holds()


@pytest.mark.parametrize("namespace", [*HOSTILE[:-1], "default", "titanium-local "])
def test_another_namespace_is_refused(boxed: Boxed, namespace: str) -> None:
    """list_pods over MCP reads the namespace that the operator configured: another one costs no request."""
    box, here = boxed("healthy")
    tool = next(tool for tool in design_tools(source_of(here), "kubectl", Redactor()) if tool.__name__ == "list_pods")
    with pytest.raises(RefusedError, match=r"kubernetes\.namespaces"):
        tool(namespace=namespace)
    assert box.requests == []


def test_namespaces_that_the_operator_names(boxed: Boxed) -> None:
    """A namespace on the list is read, and no other."""
    from dataclasses import replace

    box, here = boxed("healthy")
    listed = replace(here, kubernetes=replace(here.kubernetes, namespaces="kube-system, monitoring"))
    platform = source_of(listed).platform
    for namespace in ("kube-system", "monitoring", NAMESPACE):
        list_pods(platform, namespace)
    with pytest.raises(ForbiddenError):
        list_pods(platform, "default")
    asked = [path.partition("?")[0] for _, path in box.requests]
    assert asked == [f"/api/v1/namespaces/{name}/pods" for name in ("kube-system", "monitoring", NAMESPACE)]


def test_model_that_names_a_pod(boxed: Boxed) -> None:
    """A pod's name that a model makes up points to that pod or nowhere."""
    box, here = boxed("healthy")
    tools = {tool.__name__: tool for tool in bound_tools(source_of(here).platform, TITANIUM)}
    for name in ("../services/x/proxy", "x/log", "X"):
        for tool in ("describe_pod", "get_pod_logs"):
            with pytest.raises((InvalidNameError, NotFoundError)):
                tools[tool](pod_name=name)
    assert not [path for _, path in box.requests if not EXPECTED.fullmatch(path.partition("?")[0])]
