"""Objects as kubectl prints them, however they were saved."""

from pathlib import Path
from typing import Any

import pytest

from opsagent.clients.bundle.objects import read_objects, source_of
from opsagent.clients.bundle.opening import open_files
from tests.clients.bundles import listing, pod, write


@pytest.mark.parametrize(
    "document",
    [listing(pod("a")), pod("a"), [pod("a")], {"kind": "PodList", "items": [{"metadata": {"name": "a"}}]}],
)
def test_a_list_an_object_an_array_and_a_pod_list_read_the_same(tmp_path: Path, document: Any) -> None:
    """All four forms give the one pod, with its kind."""
    write(tmp_path, "objects.json", document)
    found = read_objects(open_files(str(tmp_path)))
    assert [(item["kind"], item["metadata"]["name"]) for item in found.items] == [("Pod", "a")]
    assert found.looked == {"Pod"}


def test_several_files_add_up_and_an_empty_list_was_checked(tmp_path: Path) -> None:
    """pods.json, events.json (empty) and a BOM: an empty list means that there is none of the kind."""
    write(tmp_path, "pods.json", b"\xef\xbb\xbf" + b'{"kind": "List", "items": [{"kind": "Pod", "metadata": {}}]}')
    write(tmp_path, "events.json", listing())
    write(tmp_path, "nodes.json", {"kind": "NodeList", "items": None})
    assert read_objects(open_files(str(tmp_path))).looked == {"Pod", "Event", "Node"}


def test_what_is_not_an_object_is_counted(tmp_path: Path) -> None:
    """Entries that are no objects and files that are no JSON are reported, the rest is read."""
    write(tmp_path, "objects.json", listing(pod("a"), 5, None, {"kind": 7}))
    write(tmp_path, "more.json", "{")
    found = read_objects(open_files(str(tmp_path)))
    assert len(found.items) == 1
    assert {note.source for note in found.skipped} == {"objects"}
    assert any("3 entries" in note.why for note in found.skipped)
    assert any("more.json" in note.why for note in found.skipped)


def test_a_secret_is_a_name(tmp_path: Path) -> None:
    """Contents of Secrets and their annotations are dropped at the door."""
    secret = {
        "kind": "Secret",
        "metadata": {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "cGFzcw"}},
        "data": {"password": "cGFzcw"},
        "stringData": {"password": "pass"},
    }
    write(tmp_path, "objects.json", listing(secret))
    found = read_objects(open_files(str(tmp_path)))
    assert found.items == ({"kind": "Secret", "metadata": {"name": "s"}},)


def test_kinds_are_named_as_kubectl_names_them() -> None:
    """Plurals are Kubernetes' own."""
    assert [source_of(kind) for kind in ("Pod", "Ingress", "NetworkPolicy", "Endpoints")] == [
        "pods", "ingresses", "networkpolicies", "endpoints",
    ]  # fmt: skip
