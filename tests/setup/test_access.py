"""The table of verbs, held against the requests that arrive at the API server."""

from dataclasses import replace
from typing import cast

from opsagent.agent import run
from opsagent.agent.context import Context
from opsagent.agent.driving import Desk
from opsagent.agent.run import DiagnosisRequest
from opsagent.config.settings import Settings
from opsagent.config.titanium import TITANIUM
from opsagent.models.plan import Action, Order
from opsagent.sandbox import Sandbox
from opsagent.sandbox.api_request import parse
from opsagent.setup.access import NEEDED, PROXY, needs_of, proxied_services
from opsagent.tools import reading_tools
from tests.agent.workloads import workload
from tests.session import Boxed, ScriptedAnswers, at_work

BLOG, REDIS = "local-blog-service-deployment", "local-redis-deployment"
# Every authenticated identity may ask these: system:basic-user, system:discovery.
ANYBODYS = {("create", "authorization.k8s.io", "selfsubjectaccessreviews"), ("get", "", "version")}


def asked(box: Sandbox) -> set[tuple[str, str, str]]:
    """Return verb, group and resource of every request that the API server got."""
    found = set()
    for method, path in list(box.requests):
        if not path.startswith(("/api/", "/apis/")):
            continue
        request, _, _ = parse(method, path)
        target = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
        found.add((request.verb, request.group, target))
    return found


def everything(box: Sandbox, settings: Settings) -> None:
    """Do all that opsagent can do: diagnose, restart, scale, roll back, and every tool that a model may call."""
    with at_work(settings) as (ctx, desk):
        assert next(run.diagnose(ctx, DiagnosisRequest("blog-service", force=True), desk)).status == "diagnosed"
        orders = (Order("restart_deployment", BLOG), Order("scale_deployment", REDIS, 2))
        for order in (*orders, Order("rollback_deployment", BLOG)):
            if order.action == "rollback_deployment":
                box.state.release("blog-service")  # a restart alone is no revision to go back from
            service = "redis" if order.name == REDIS else "blog-service"
            report = run.carry_out(ctx, order, service, desk, ScriptedAnswers(["approve"]))
            assert report.actions[0].outcome.startswith("done"), report.actions
        restart_others(box, ctx, desk)
        use_tools(box, ctx)


def restart_others(box: Sandbox, ctx: Context, desk: Desk) -> None:
    """Restart a StatefulSet and a DaemonSet."""
    for kind, action in (("StatefulSet", "restart_statefulset"), ("DaemonSet", "restart_daemonset")):
        name = kind.lower()
        box.state.add(workload(kind, name))
        report = run.carry_out(ctx, Order(cast(Action, action), name), "redis", desk, ScriptedAnswers(["approve"]))
        assert report.actions[0].outcome.startswith("done"), report.actions


def use_tools(box: Sandbox, ctx: Context) -> None:
    """Call the tools, one pod of a Job included."""
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "backup", "uid": "u1", "controller": True}
    meta = {"namespace": "titanium-local", "name": "backup-x1", "ownerReferences": [owner]}
    box.state.add({"apiVersion": "batch/v1", "kind": "Job", "metadata": {**meta, "name": "backup"}, "spec": {}})
    box.state.add({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": []}, "status": {}})
    tools = {tool.__name__: tool for tool in reading_tools(ctx.platform, TITANIUM)}
    pod = box.state.pods("redis")[0]
    tools["list_pods"]()
    tools["describe_pod"](pod)
    tools["describe_pod"]("backup-x1")
    tools["get_pod_logs"](pod)
    tools["check_health"]("auth-service")


def test_the_table_is_what_the_code_asks_for(boxed: Boxed) -> None:
    """Every request of a complete life is in the table, and nothing is in the table that is never asked."""
    box, settings = boxed("healthy")
    everything(box, settings)
    table = {(need.verb, need.group, need.target) for need in NEEDED}
    seen = asked(box) - ANYBODYS
    assert seen - table == set()
    assert table - seen == set()


def test_what_changes_a_cluster_is_the_operators_alone() -> None:
    """A reader's verbs only read; Secrets are in nobody's."""
    assert {need.verb for need in NEEDED if need.role == "reader"} == {"get", "list"}
    assert {need.target for need in NEEDED if need.role == "operator"} == {
        "deployments", "deployments/scale", "statefulsets", "daemonsets",
    }  # fmt: skip
    assert not [need for need in NEEDED if "secret" in need.resource or "*" in (need.verb, need.resource)]


def test_the_proxy_is_needed_only_where_it_is_used() -> None:
    """reach: direct spares services/proxy, the one right that reaches into services."""
    assert PROXY in needs_of(Settings())
    assert PROXY not in needs_of(replace(Settings(), reach="direct"))


def test_the_proxied_services_are_named() -> None:
    """The load balancer and each Service with an HTTP health path; no bare TCP port."""
    names = proxied_services(Settings())
    assert "local-load-balancer-service:7100" in names
    assert "local-blog-service:8005" in names
    assert not [name for name in names if "redis" in name]
