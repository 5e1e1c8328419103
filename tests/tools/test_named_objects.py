"""Objects by kubectl's names, and the pods behind them."""

from typing import Any

import pytest

from opsagent.errors import NotFoundError, UsageError
from opsagent.tools.named_objects import find, pods_behind, split_name
from tests.tools.platforms import Records


def _item(kind: str, name: str, owner: tuple[str, str] | None = None, **more: Any) -> dict[str, Any]:
    owners = [{"kind": owner[0], "name": owner[1], "controller": True}] if owner else []
    return {"kind": kind, "metadata": {"name": name, "ownerReferences": owners, **more.pop("meta", {})}, **more}


PODS = [
    _item("Pod", "web-1", ("ReplicaSet", "web-7"), meta={"labels": {"app": "web"}}),
    _item("Pod", "nightly-1", ("Job", "nightly-28"), meta={"labels": {"job-name": "nightly-28"}}),
]
PLATFORM = Records(
    kinds={
        "Deployment": [_item("Deployment", "web", spec={"selector": {"matchLabels": {"app": "web"}}})],
        "Service": [_item("Service", "front", spec={"selector": {"app": "web"}}), _item("Service", "outside", spec={})],
        "Job": [_item("Job", "nightly-28", ("CronJob", "nightly"))],
        "CronJob": [_item("CronJob", "nightly")],
    }
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("web", (None, "web")),
        ("po/web-1", ("Pod", "web-1")),
        ("deployments/web", ("Deployment", "web")),
        ("deployment.apps/web", ("Deployment", "web")),
        ("svc/front", ("Service", "front")),
        ("cj/nightly", ("CronJob", "nightly")),
    ],
)
def test_kubectl_spellings(text: str, named: tuple[str | None, str]) -> None:
    """Short, plural and grouped names of kinds mean the kind; a bare name has none."""
    assert split_name(text) == named


@pytest.mark.parametrize("text", ["node/n1", "secret/x", "deploy/", "nothing/x"])
def test_kinds_without_pods_are_refused(text: str) -> None:
    """A kind that has no pods, or no name behind it, is a usage error."""
    with pytest.raises(UsageError):
        split_name(text)


@pytest.mark.parametrize(
    ("kind", "name", "pods"),
    [
        ("Deployment", "web", ["web-1"]),
        ("Service", "front", ["web-1"]),
        ("Service", "outside", []),
        ("CronJob", "nightly", ["nightly-1"]),
    ],
)
def test_pods_behind_an_object(kind: str, name: str, pods: list[str]) -> None:
    """A selector chooses its pods, a Service without one none, a CronJob those of its Jobs."""
    found = find(PLATFORM, kind, name)
    assert [pod["metadata"]["name"] for pod in pods_behind(PLATFORM, found, PODS)] == pods


def test_missing_object_names_the_nearest() -> None:
    """What is not there is an error with the nearest name."""
    with pytest.raises(NotFoundError) as missing:
        find(PLATFORM, "Deployment", "wep")
    assert missing.value.hint == "nearest: web"
