"""The real kubectl against the sandbox: a client that was not written by us."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from opsagent.sandbox import Sandbox
from tests.sandbox.conftest import Boxes

BLOG = "deployment/local-blog-service-deployment"
Kubectl = Callable[..., str]
Scenes = Callable[..., tuple[Sandbox, Kubectl]]


@pytest.fixture
def binary() -> str:
    """Find kubectl; in CI it has to be there."""
    found = shutil.which("kubectl")
    if found is None and os.environ.get("CI"):
        pytest.fail("CI is set and there is no kubectl: install Debian's kubernetes-client")
    if found is None:
        pytest.skip("kubectl is not installed (Debian: kubernetes-client)")
    return found


@pytest.fixture
def kubectl(boxes: Boxes, binary: str, tmp_path: Path) -> Scenes:
    """Start a scenario and run kubectl on it."""

    def against(scenario: str, speed: float = 40) -> tuple[Sandbox, Kubectl]:
        box = boxes(scenario, speed)
        env = {"KUBECONFIG": str(box.write_kubeconfig(tmp_path / scenario)), "HOME": str(tmp_path), "PATH": "/usr/bin"}

        def run(*words: str, fails: bool = False) -> str:
            done = subprocess.run(
                [binary, *words],
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            assert (done.returncode != 0) == fails, done.stderr
            return done.stderr if fails else done.stdout

        return box, run

    return against


def test_get_and_describe(kubectl: Scenes) -> None:
    """get prints the usual columns, describe joins pod and events, secrets are forbidden."""
    _, run = kubectl("db-locked")
    rows = run("get", "pods").splitlines()
    assert rows[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert next(row for row in rows if "blog" in row).split()[1:4] == ["0/1", "Running", "0"]
    assert run("get", BLOG, "-o", "jsonpath={.spec.replicas}") == "1"
    assert "local-user-service-data-pvc" in run("get", "pvc,pv,nodes,hpa,endpointslices", "-o", "name")
    described = run("describe", "pod", "-l", "app=blog-service")
    assert "Readiness probe failed" in described
    assert "Limits:" in described
    assert 'cannot list resource "secrets"' in run("get", "secrets", fails=True)


def test_logs_and_logs_follow(kubectl: Scenes) -> None:
    """logs of a Deployment and of a label; -f streams until the pod is gone."""
    box, run = kubectl("db-locked", 1)  # slow enough for kubectl to begin while the pod goes
    assert "database is locked" in run("logs", BLOG, "--timestamps")
    assert len(run("logs", BLOG, "--tail=3").splitlines()) == 3
    assert "awaiting headers" in run("logs", "-l", "app=load-balancer")
    pod = box.state.pods("blog-service")[0]
    run("delete", "pod", pod, "--wait=false")
    assert "Finished server process" in run("logs", "-f", pod, "--tail=2")


def test_scale(kubectl: Scenes) -> None:
    """scale goes through the subresource and keeps its precondition."""
    box, run = kubectl("healthy")
    run("scale", "deployment/local-auth-service-deployment", "--replicas=2", "--current-replicas=1")
    assert "successfully rolled out" in run("rollout", "status", "deployment/local-auth-service-deployment")
    assert box.state.deployment("auth-service").replicas == 2
    refused = run(
        "scale", "deployment/local-auth-service-deployment", "--replicas=3", "--current-replicas=1", fails=True
    )
    assert "Expected replicas to be 1, was 2" in refused


def test_rollout_restart_status_history_and_undo(kubectl: Scenes) -> None:
    """restart, wait for it, check the revisions, go back."""
    box, run = kubectl("crash-loop")
    auth = "deployment/local-auth-service-deployment"
    assert "progress deadline" in run("rollout", "status", auth, fails=True)
    run("rollout", "restart", BLOG)
    assert "successfully rolled out" in run("rollout", "status", BLOG)
    assert box.state.deployment("blog-service").rollouts == 1
    assert len([row for row in run("rollout", "history", auth).splitlines() if row[:1].isdigit()]) == 2
    run("rollout", "undo", auth)
    assert "successfully rolled out" in run("rollout", "status", auth)
    assert box.state.answers()["auth-service"] == "ok"
    revisions = [row.split()[0] for row in run("rollout", "history", auth).splitlines() if row[:1].isdigit()]
    assert revisions == ["2", "3"]  # the old ReplicaSet came back under a new number
