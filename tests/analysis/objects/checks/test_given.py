"""The addresses that a container is given, wherever they are written."""

from typing import Any

import pytest

from opsagent.analysis.evidence.log_facts import Told
from opsagent.analysis.objects.checks import object_findings
from opsagent.analysis.objects.checks.given import addresses_of
from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.evidence import Observation
from tests.analysis import kube_objects as k

SETTINGS = k.thing("ConfigMap", "settings", data={"DB_URL": "postgres://u@pg:6543/x", "app.yaml": "db: http://pg:6543"})


def with_container(**more: Any) -> list[dict[str, Any]]:
    """Return the service `cart`, whose container has these fields, and a database."""
    spec = {"containers": [k.container(**{key: v for key, v in more.items() if key != "volumes"})]}
    spec |= {"volumes": more["volumes"]} if "volumes" in more else {}
    return [*k.stack(spec=spec), *k.stack(app="pg")[:3], k.service("pg", 5432, 8080), k.endpoints("pg"), SETTINGS]


REF = {"configMapKeyRef": {"name": "settings", "key": "DB_URL"}}


@pytest.mark.parametrize(
    ("more", "object_"),
    [
        ({"env": [{"name": "DB_URL", "value": "postgres://u@pg:6543/x"}]}, "Deployment/cart"),
        ({"env": [{"name": "DB_URL", "valueFrom": REF}]}, "ConfigMap/settings"),
        ({"envFrom": [{"configMapRef": {"name": "settings"}}]}, "ConfigMap/settings"),
        ({"args": ["--db-url=postgres://u@pg:6543/x"]}, "Deployment/cart"),
        ({"args": ["--db-host", "pg:6543"]}, "Deployment/cart"),
        ({"volumes": [{"name": "c", "configMap": {"name": "settings"}}]}, "ConfigMap/settings"),
    ],
)
def test_a_port_that_the_service_does_not_have_is_found_wherever_it_is_given(more: Any, object_: str) -> None:
    """Variable, ConfigMap, argument or file: what holds the address has to change."""
    assert k.first(*with_container(**more)) == ("db.wrong-port", object_)


def test_a_right_address_is_right_wherever_it_is_given() -> None:
    """The port of the Service, in arguments too; a listening address is not a call."""
    right = {"args": ["--db-url=postgres://u@pg:5432/x", "--listen-address", "pg:1"]}
    assert k.first(*with_container(**right)) == ("healthy", None)


def test_a_literal_hides_the_config_map() -> None:
    """A variable that is set twice has the value of `env`."""
    made = k.pod(
        spec={
            "containers": [
                k.container(
                    envFrom=[{"configMapRef": {"name": "settings"}}],
                    env=[{"name": "DB_URL", "value": "http://pg:5432"}],
                )
            ]
        }
    )
    found = addresses_of(made, Cluster(k.seen(made, SETTINGS)))
    assert [(a.host, a.port, a.config_map) for a in found] == [("pg", 5432, "")]


def test_a_call_in_a_log_at_a_port_that_the_service_does_not_have() -> None:
    """No variable gives it: the program's own line and the Service's ports show it, by name or by address."""
    made = with_container()
    made[-3]["spec"]["clusterIP"] = "10.96.0.9"
    pod = made[2]["metadata"]["name"]
    line = Observation("logs", f"logs/{pod}/main.log:L4", "dial tcp 10.96.0.9:6543: refused")

    def found(host: str, port: int) -> list[tuple[str, str | None]]:
        told = Told(called={pod: {(host, port): line}})
        seen = object_findings(k.seen(*made), now=k.NOW, told=told)
        return [(f.code, f.object) for f in seen if f.strength >= 0.5]

    assert found("10.96.0.9", 6543) == found("pg", 6543) == [("db.wrong-port", "Deployment/cart")]
    assert found("pg", 5432) == found("elsewhere.example.com", 6543) == []
