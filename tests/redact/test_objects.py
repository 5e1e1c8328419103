"""Secrets out of Kubernetes objects and bodies; what rules join stays."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsagent.redact import Redactor, redact_json, redact_object
from opsagent.redact.objects import LAST_APPLIED, MAX_DEPTH

DEPLOYMENT: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {
        "name": "web",
        "uid": "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "managedFields": [{"manager": "kubectl"}],
        "annotations": {
            LAST_APPLIED: '{"env":[{"name":"X","value":"hunter2"}]}',
            "deployment.kubernetes.io/revision": "7",
            "kubernetes.io/change-cause": "kubectl set env DB_PASSWORD=hunter2",
            "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web",
            "example.org/note": "hunter2 is what we use",
            "example.org/replicas": "3",
        },
    },
    "spec": {
        "template": {
            "spec": {
                "imagePullSecrets": [{"name": "regcred"}],
                "containers": [
                    {
                        "name": "web",
                        "image": "web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                        "command": ["web", "--password", "hunter2", "--port", "80"],
                        "env": [
                            {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                        ],
                    }
                ],
                "volumes": [{"name": "v", "secret": {"secretName": "db"}}],
            }
        }
    },
}


def variable(name: str, value: object) -> Any:
    """Return what is left of one literal variable."""
    pod = {"kind": "Pod", "spec": {"containers": [{"env": [{"name": name, "value": value}]}]}}
    return redact_object(pod, Redactor())["spec"]["containers"][0]["env"][0]["value"]


def test_a_deployment_keeps_its_facts_and_loses_its_secrets() -> None:
    """Revision, names, references and digests stay; literals, notes and bookkeeping go."""
    before = deepcopy(DEPLOYMENT)
    hidden = redact_object(DEPLOYMENT, Redactor())
    assert before == DEPLOYMENT
    assert "hunter2" not in json.dumps(hidden)
    annotations = hidden["metadata"].pop("annotations")
    assert annotations == {
        "deployment.kubernetes.io/revision": "7",
        "kubernetes.io/change-cause": "kubectl set env DB_PASSWORD=<redacted:password:1>",
        "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web",
        "example.org/note": "<redacted:annotation:2>",
        "example.org/replicas": "3",
    }
    assert hidden["metadata"] == {"name": "web", "uid": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"}
    container = hidden["spec"]["template"]["spec"]["containers"][0]
    assert container["command"] == ["web", "--password", "<redacted:secret:1>", "--port", "80"]
    del before["metadata"]["annotations"], before["metadata"]["managedFields"]
    container["command"][2] = "hunter2"
    assert hidden == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS", "local-redis-service:6379"),
        ("REDIS_HOST", "redis"),
        ("BROKERS", "kafka-0.kafka:9092,kafka-1.kafka:9092"),
        ("X", "http://local-user-service:8001/users"),
        ("X", "redis.default.svc.cluster.local"),
        ("X", "10.96.0.1"),
        ("X", "tcp://10.96.0.1:443"),
        ("X", "[::1]:80"),
        ("X", "sqlite:////app/blog.db"),
        ("X", "/app/blog.db"),
        ("X", "8080"),
        ("X", "-1.5"),
        ("X", "30s"),
        ("X", "512Mi"),
        ("X", "true"),
        ("JAVA_OPTS", "-Xmx512m -XX:+UseG1GC -XX:MaxRAMPercentage=75.0"),
        ("X", ""),
    ],
)
def test_addresses_numbers_and_switches_stay(name: str, value: str) -> None:
    """Rules join addresses and limits: they are no secret."""
    assert variable(name, value) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X", "hunter2"),
        ("X", "correct horse battery staple"),
        ("REDIS_PASSWORD", "redis"),
        ("REDIS_PASSWORD", "12345678"),
        ("API_TOKEN", "/abc/def"),
        ("LICENSE_KEY", "a.example.org"),
        ("X", "Zm9vYmFyYmF6cXV4"),
        ("JAVA_OPTS", "-Xmx512m -Dpw=hunter2"),
    ],
)
def test_other_literals_go(name: str, value: str) -> None:
    """Anything else may be a secret, and anything under a secret's name is one."""
    assert variable(name, value) == "<redacted:env:1>"


def test_a_password_in_an_address_goes_alone() -> None:
    """The host stays, for it is what rules join."""
    assert variable("DATABASE_URL", "postgres://db:5432/app?password=hunter2") == (
        "postgres://db:5432/app?password=<redacted:password:1>"
    )
    assert variable("DATABASE_URL", "postgres://app:hunter2@db:5432/app") == (
        "postgres://app:<redacted:password:1>@db:5432/app"
    )


def test_secrets_and_config_maps_are_names_only() -> None:
    """Within a List too."""
    items = [
        {"kind": kind, "metadata": {"name": "db"}, "data": {"a": "aHVudGVyMg=="}, "stringData": {"b": "hunter2"}}
        for kind in ("Secret", "ConfigMap")
    ]
    hidden = redact_object({"kind": "List", "items": items}, Redactor())
    assert hidden["items"] == [{"kind": kind, "metadata": {"name": "db"}} for kind in ("Secret", "ConfigMap")]


def test_messages_of_events_and_states_are_redacted() -> None:
    """Text anywhere in an object may quote a secret."""
    event = {"kind": "Event", "message": "Liveness probe failed: GET http://u:hunter2@10.0.0.1/health", "count": 3}
    hidden = redact_object(event, Redactor())
    assert hidden["message"] == "Liveness probe failed: GET http://u:<redacted:password:1>@10.0.0.1/health"
    assert hidden["count"] == 3


def test_bodies_by_their_keys() -> None:
    """In JSON the key gives a value away; what is not a secret keeps its type."""
    body = {"token": "abc", "pin_token": 1234, "ok": True, "tokens": 5, "auth": {"service_status": "online"}, "n": None}
    assert redact_json(body, Redactor()) == {
        "token": "<redacted:secret:1>",
        "pin_token": "<redacted:secret:2>",
        "ok": True,
        "tokens": 5,
        "auth": {"service_status": "online"},
        "n": None,
    }


def test_the_platforms_stats_survive() -> None:
    """GET /stats holds no secret, and comes through as it is."""
    stats = {
        "auth": {"active_session_count": 0, "service_status": "online"},
        "user_service": {"cache": {"hit_ratio": 0, "status": "healthy"}, "service_status": "online"},
        "load-balancer": {"avg_response_time_ms": 5.498, "has_real_traffic": True, "requests_per_second": 57},
    }
    assert redact_json(stats, Redactor()) == stats


@pytest.mark.parametrize("wild", [None, [], "x", {"metadata": 5}, {"metadata": {"annotations": ["x"]}}])
def test_odd_objects_do_not_raise(wild: Any) -> None:
    """Any field may be missing or of another type."""
    redact_object({"kind": "Pod", "spec": wild, "env": wild, "annotations": wild}, Redactor())
    redact_object({"env": [wild, {"name": wild, "value": wild}], "annotations": {"a": wild}, "5": wild}, Redactor())


def test_nesting_has_a_bound() -> None:
    """A hostile body that is nested thousands of levels deep is cut, not followed."""
    deep: Any = "hunter2"
    for _ in range(MAX_DEPTH + 800):
        deep = [deep]
    assert "hunter2" not in str(redact_json(deep, Redactor()))
    assert "hunter2" not in str(redact_object({"x": deep}, Redactor()))


_KEYS = st.sampled_from(["env", "value", "name", "annotations", "token", "kind", "data"]) | st.text()
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["env", "value", "name", "annotations", "token", "kind", "data"]) | st.text(), inner
        )
    ),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.dictionaries(_KEYS, _JSON, max_size=4))
def test_redacted_objects_stay_as_they_are(obj: dict[str, Any]) -> None:
    """Whatever the object, a second pass changes nothing."""
    redact = Redactor()
    once = redact_object(obj, redact)
    assert repr(redact_object(once, redact)) == repr(once)
    body = redact_json(obj, redact)
    assert repr(redact_json(body, redact)) == repr(body)


@pytest.mark.parametrize(
    ("command", "args"),
    [
        (["redis-cli", "-a", "hunter2", "ping"], []),
        (["/usr/bin/redis-cli"], ["-h", "x", "-a", "hunter2", "ping"]),
        (["mongosh"], ["-u", "admin", "-p", "hunter2"]),
        (["mysqladmin", "-uroot", "-phunter2", "ping"], []),
        (["mysqladmin"], ["-phunter2", "ping"]),
        (["sh", "-c", "redis-cli -a hunter2 ping"], []),
        (["sh", "-c"], ["mongosh -p hunter2"]),
    ],
)
def test_passwords_that_only_the_program_gives_away_go(command: list[str], args: list[str]) -> None:
    """In a container's command, in its arguments behind that command, and in its probes."""
    probe = {"exec": {"command": [*command, *args]}}
    container = {"name": "a", "command": command, "args": args, "readinessProbe": probe}
    item = redact_object({"kind": "Pod", "spec": {"containers": [container]}}, Redactor())
    assert "hunter2" not in json.dumps(item)
    [kept] = item["spec"]["containers"]
    assert "<redacted:password:1>" in json.dumps([*kept["command"], *kept["args"]])
    assert "<redacted:password:1>" in json.dumps(kept["readinessProbe"])
    assert redact_object(item, Redactor()) == item


@pytest.mark.parametrize(
    "words", [["redis-cli", "-h", "redis", "ping"], ["mysql", "-p", "shop"], ["nc", "-w", "3", "db"],
              ["web", "-a", "b"], ["redis-cli", "-a", "$(REDIS_PASSWORD)"], ["mysqladmin", "-p$PW"],
              ["ssh", "-p", "2222"]],
)  # fmt: skip
def test_words_of_other_commands_stay(words: list[str]) -> None:
    """A flag means a password to a few programs only; a reference to a variable is none."""
    item = {"kind": "Pod", "spec": {"containers": [{"name": "a", "command": words}]}}
    assert redact_object(item, Redactor()) == item


def test_of_who_wrote_an_object_the_time_and_a_known_tool_stay() -> None:
    """The fields and a free name go; what has no time is of no use."""
    at = "2026-11-22T03:04:05Z"
    rows = [
        {"manager": "kubectl-client-side-apply", "operation": "Update", "time": at, "fieldsV1": {"f:data": {}}},
        {"manager": "hunter2", "operation": "x y", "time": at, "subresource": "status"},
        {"manager": "helm"},
        "not a row",
    ]
    hidden = redact_object({"kind": "Service", "metadata": {"name": "a", "managedFields": rows}}, Redactor())
    assert hidden["metadata"]["managedFields"] == [
        {"time": at, "manager": "kubectl-client-side-apply", "operation": "Update"},
        {"time": at, "subresource": "status"},
    ]
