"""Whose log a file is, by the layouts that tools write."""

import pytest

from opsagent.clients.handed_over.owners import NOBODY, Owner, owner_of, with_previous

UID = "0a1b2c3d-0000-4000-8000-000000000000"
POD = "till-6c4d8f7b9c-x2k4v"


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        (f"x/namespaces/shop/pods/{POD}/main/main/logs/current.log", Owner("shop", POD, "main")),
        (f"pods/{POD}/main/main/logs/previous.log", Owner(None, POD, "main", previous=True)),
        (f"pods/{POD}/main/main/logs/previous.insecure.log", Owner(None, POD, "main", previous=True)),
        (f"var/log/pods/shop_{POD}_{UID}/main/3.log", Owner("shop", POD, "main", run=3)),
        (f"shop_{POD}_{UID}/main/0.log.20260304-050607.gz", Owner("shop", POD, "main", run=0)),
        (f"containers/{POD}_shop_main-{'a1' * 32}.log", Owner("shop", POD, "main")),
        (f"shop/{POD}/logs.txt", Owner("shop", POD)),
        (f"logs/{POD}/main.previous.log", Owner(None, POD, "main", previous=True)),
        ("logs/etcd-cp-1/etcd.log", Owner(None, "etcd-cp-1", "etcd")),
        (f"{POD}/main.log", Owner(None, POD, "main")),
        (f"{POD}_main.log", Owner(None, POD, "main")),
        (f"dump/{POD}/main-previous.log", Owner(None, POD, "main", previous=True)),
        ("till.log", Owner(service="till")),
        ("backup/till.log.1", Owner(service="till")),
        ("till.previous.log", Owner(service="till", previous=True)),
        (f"{POD}.log", Owner(service=POD)),
        ("README.md", NOBODY),
    ],
)
def test_the_path_names_the_owner(path: str, owner: Owner) -> None:
    """must-gather, the kubelet, cluster-info dump, a bundle, sos report, and plain names."""
    assert owner_of(path) == owner


def test_runs_before_the_newest_are_previous() -> None:
    """The kubelet counts restarts: 3.log is previous once there is a 4.log of the same container."""
    names = {f"shop_{POD}_{UID}/{name}.log": owner_of(f"shop_{POD}_{UID}/{name}.log") for name in ("a/3", "a/4", "b/3")}
    assert [owner.previous for owner in with_previous(names).values()] == [True, False, False]
