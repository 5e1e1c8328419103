"""Who calls whom, declared and inferred."""

from dataclasses import replace
from typing import Any

from opsagent.analysis.reasoning.topology import call_graph, service_names
from opsagent.models.digest import LogDigest, LogGroup
from opsagent.models.observed import Objects
from opsagent.models.service import Service
from tests.analysis.scene import SERVICES, deployment, kube_service, seen

UNDECLARED = tuple(replace(service, depends_on=()) for service in SERVICES)


def given_env(name: str, **values: Any) -> dict[str, Any]:
    """Return a Deployment whose container is given these variables."""
    env = [{"name": key, "value": value} for key, value in values.items()]
    return deployment(name, containers=[{"name": name, "env": env}])


def log(service: str, text: str) -> LogDigest:
    """Return the digest of a log with one line."""
    return LogDigest(
        "x.log",
        None,
        None,
        previous=False,
        service=service,
        lines=1,
        size=1,
        groups=(LogGroup("error", text, 1, 1, 1),),
    )


def test_what_is_declared_holds() -> None:
    """With a declaration nothing is inferred beside it."""
    graph = call_graph(SERVICES, seen(given_env("blog", X="http://redis-svc:6379")), (), {})
    assert graph.declared
    assert graph.calls["users"] == ("redis",)
    assert graph.calls["blog"] == ()


def test_a_bundles_dependencies_are_declarations() -> None:
    """They may use any spelling of a service, and may name a service that is not known."""
    graph = call_graph(UNDECLARED, Objects(), (), {"BLOG": ("redis-svc", "mail")})
    assert (graph.declared, graph.calls["blog"]) == (True, ("redis", "mail"))


def test_environment_values_name_the_callees() -> None:
    """Hosts in URLs, host:port and cluster-internal names are found; a word that is not a Service is not."""
    objects = seen(
        given_env("gateway", A="http://users-svc.default.svc.cluster.local:8001/x", B="blog-svc:8005", C="production"),
        kube_service("users-svc", "users"),
        deployment("users"),
    )
    graph = call_graph(UNDECLARED, objects, (), {})
    assert not graph.declared
    assert graph.calls["gateway"] == ("users", "blog")


def test_a_log_line_names_its_callee() -> None:
    """An address in a service's own log is a call; the same word in prose is not."""
    assert call_graph(UNDECLARED, Objects(), (log("users", "Error 111 connecting to redis-svc:6379"),), {}).calls[
        "users"
    ] == ("redis",)
    assert call_graph(UNDECLARED, Objects(), (log("users", "the blog was read"),), {}).calls["users"] == ()


def test_a_service_without_a_health_path_is_known_by_its_kubernetes_service() -> None:
    """The Service's selector points to the workload, whatever both are called."""
    names = service_names(
        (Service("orders", deployment="orders"),), seen(kube_service("till", "orders"), deployment("orders"))
    )
    assert names["till"] == "orders"


def test_mutilated_objects_are_passed_over() -> None:
    """Fields of another type give no edge and no error."""
    broken: Any = {
        "kind": "Deployment",
        "metadata": {"name": "blog"},
        "spec": {"template": {"spec": {"containers": [3, {"env": {}}]}}},
    }
    service: Any = {"kind": "Service", "metadata": None, "spec": {"selector": []}}
    assert call_graph(UNDECLARED, Objects((broken, service)), (), {}).calls["blog"] == ()
