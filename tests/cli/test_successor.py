"""titanium-prod: no /stats, Istio, Prometheus behind the API server's proxy, and the example's own settings."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from opsagent.cli.app import app
from opsagent.clients.kinds import KINDS
from opsagent.tools.cluster import WIDE_KINDS
from tests.analysis.workloads import deployment, pod, replica_set
from tests.cli.shell import Done
from tests.clients import engines
from tests.clients.loopback import Reply, Request, Script, serve

NAMESPACE = "titanium-prod"
EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
PROXY = "/api/v1/namespaces/monitoring/services/prometheus-kube-prometheus-prometheus:9090/proxy/api/v1/"
LIMITS = {"resources": {"limits": {"cpu": "200m", "memory": "256Mi"}}}


def objects() -> list[dict[str, Any]]:
    """Return two services of two replicas, as the overlay names them."""
    found: list[dict[str, Any]] = []
    for app_name in ("blog-service", "user-service"):
        name, label = f"prod-{app_name}-deployment", {"app": app_name}
        containers = [{"name": f"{app_name}-container", **LIMITS}, {"name": "istio-proxy"}]
        made = deployment(name, replicas=2, namespace=NAMESPACE, pod={"containers": containers})
        for labels in (made["spec"]["selector"]["matchLabels"], made["metadata"]["labels"]):
            labels.update(label)
        made["spec"]["template"]["metadata"]["labels"] = label
        made["status"] = {"replicas": 2, "readyReplicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
        newest = replica_set(name, "1")
        newest["metadata"] |= {"namespace": NAMESPACE, "uid": f"rs-{name}", "creationTimestamp": "2026-11-30T09:00:00Z"}
        found += [made, newest]
        for suffix in ("x", "y"):
            one = pod(app_name, ready=True)
            owner = {"kind": "ReplicaSet", "name": f"{name}-1", "uid": f"rs-{name}", "controller": True}
            one["metadata"] |= {
                "name": f"{name}-{suffix}", "namespace": NAMESPACE, "labels": label, "ownerReferences": [owner],
            }  # fmt: skip
            one["spec"] = {"containers": containers}
            found.append(one)
        selector = {"selector": label, "ports": [{"port": 8005}]}
        meta = {"name": f"prod-{app_name}", "namespace": NAMESPACE}
        found.append({"kind": "Service", "metadata": meta, "spec": selector})
    return found


def api(script: Script, prometheus: str) -> None:
    """Serve the namespace's objects, and pass on what is asked of Prometheus."""

    def listed(kind: str) -> Callable[[Request], Reply]:
        items = [item for item in objects() if item["kind"] == kind]
        version = KINDS[kind].group_version
        return lambda _: Reply(body={"kind": f"{kind}List", "apiVersion": version, "metadata": {}, "items": items})

    for kind in WIDE_KINDS:
        script.on(KINDS[kind].path(NAMESPACE), listed(kind))

    def passed_on(request: Request) -> Reply:
        path = request.path.removeprefix(PROXY)
        answer = httpx.get(f"{prometheus}/api/v1/{path}?{request.query}", timeout=60)
        return Reply(answer.status_code, answer.content)

    for path in ("query", "query_range", "rules", "status/buildinfo"):
        script.on(PROXY + path, passed_on)


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Done]]:
    """Return an operator's shell: the example's block as it stands, without the comment marks, and time to answer."""
    folder = tmp_path_factory.mktemp("prod")
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    start = lines.index("# kubernetes: {namespace: titanium-prod}")
    block = [line.removeprefix("# ") for line in lines[start : start + 3]]  # without Loki, which is not there
    (folder / "config.yaml").write_text("\n".join(block) + "\n")
    with engines.prometheus(folder, engines.mesh(NAMESPACE, int(time.time()))) as url, serve() as script:
        api(script, url)
        (folder / "kubeconfig").write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "prod",
            "clusters": [{"name": "prod", "cluster": {"server": script.url}}],
            "users": [{"name": "kim", "user": {"token": "t"}}],
            "contexts": [{"name": "prod", "context": {"cluster": "prod", "user": "kim"}}],
        }))  # fmt: skip

        def run(*arguments: str) -> Done:
            env = {
                "HOME": str(folder), "KUBECONFIG": str(folder / "kubeconfig"), "COLUMNS": "80",
                "OPSAGENT_CONFIG": str(folder / "config.yaml"), "OPSAGENT_STATE_DIR": str(folder / "state"),
                "OPSAGENT_PROMETHEUS_TIMEOUT_S": "60", "OPSAGENT_THRESHOLDS_CONFIRM_INTERVAL_S": "0.05",
            }  # fmt: skip
            ended = CliRunner().invoke(app, arguments, env=env, prog_name="opsagent")
            assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exception
            return Done(ended.exit_code, ended.stdout, ended.stderr)

        yield run


def test_stats_is_a_table_of_workloads_and_figures(prod: Callable[..., Done]) -> None:
    """Ready from Kubernetes; requests, errors and p95 from the side-cars, by the Services' names; within 80 columns."""
    done = prod("stats")
    assert done.code == 0, done.said
    lines = done.out.splitlines()
    assert lines[0] == "all 2 services ready"
    blog = next(line for line in lines if line.startswith("blog-service"))
    assert "2/2" in blog
    assert "33.3 %" in blog
    assert "30 " in blog
    assert max(map(len, lines)) <= 80


def test_stats_as_a_document(prod: Callable[..., Done]) -> None:
    """--json has the same, with the course of each figure."""
    found = json.loads(prod("stats", "--json").out)
    blog = next(row for row in found["services"] if row["service"] == "blog-service")
    assert (blog["status"], blog["ready"]) == ("healthy", "2/2")
    latency = blog["figures"]["latency_ms"]
    assert latency["now"] > 500 > 10 * latency["before"]
    assert round(blog["figures"]["cpu_share"]["now"], 1) > 0.8
    assert len(blog["figures"]["requests_per_s"]["points"]) == 12


def test_traffic_shows_each_service(prod: Callable[..., Done]) -> None:
    """The golden figures, now and before, with the age of the newest."""
    done = prod("traffic")
    assert done.code == 0, done.said
    assert "0 → 33.3 %" in done.said
    assert "newest figure" in done.said
    services = json.loads(prod("traffic", "--json").out)["services"]
    assert {row["service"] for row in services} == {"blog-service", "user-service"}


def test_diagnose_finds_who_is_ill_though_every_pod_is_ready(prod: Callable[..., Done]) -> None:
    """The service whose own figures changed, with the query as evidence."""
    done = prod("diagnose")
    assert done.code in (3, 8), done.said
    assert "blog-service" in done.said.split("CAUSE", 1)[1][:200]
    assert "user-service" not in done.said.split("CAUSE", 1)[1].split("WHY", 1)[0]
