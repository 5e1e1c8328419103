"""Which revision came before, and what a Deployment asks for: one answer for plan, panel and execution."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from opsagent.models.plan import Desired
from opsagent.models.revision import (
    HISTORY,
    REVISION,
    desired,
    previous_revision,
    revision_at,
    revision_number,
    revisions_of,
    spec_hash,
    template_hash,
    template_of,
)
from tests.analysis.workloads import deployment, replica_set


def at(revision: str, **more: Any) -> dict[str, Any]:
    """Return the Deployment "web" at a revision."""
    return deployment(annotations={REVISION: revision}, **more)


def owner_of(item: dict[str, Any]) -> dict[str, Any]:
    """Return the first owner reference."""
    owner: dict[str, Any] = item["metadata"]["ownerReferences"][0]
    return owner


def test_the_previous_revision_is_the_newest_one_before_the_current() -> None:
    """By number, not by order; unnumbered ReplicaSets and the current one do not count."""
    sets = [replica_set("web", number) for number in ("3", "10", "2", "x", "")]
    found = previous_revision(at("10"), sets)
    assert found is not None
    assert (found.number, found.replica_set) == (3, sets[0])
    assert [item.number for item in revisions_of(at("10"), sets)] == [2, 3, 10]
    assert previous_revision(at("2"), sets) is None
    assert previous_revision(at("10"), []) is None


def test_a_deployment_without_a_number_is_at_its_newest_revision() -> None:
    """The annotation is missing: the highest ReplicaSet is the current one."""
    sets = [replica_set("web", number) for number in ("1", "2")]
    found = previous_revision(deployment(), sets)
    assert found is not None
    assert found.number == 1


def test_a_replica_set_belongs_to_its_owner_by_uid() -> None:
    """One of an earlier Deployment of the same name is a stranger; without a UID on either side the name counts."""
    stranger = replica_set("web", "1")
    owner_of(stranger)["uid"] = "another"
    assert revisions_of(at("2"), [stranger]) == []
    named = deepcopy(stranger)
    del owner_of(named)["uid"]
    assert len(revisions_of(at("2"), [named])) == 1
    owner_of(named)["kind"] = "ReplicationController"
    assert revisions_of(at("2"), [named]) == []
    bare = at("2")
    del bare["metadata"]["uid"]
    assert len(revisions_of(bare, [stranger])) == 1
    other = replica_set("shop", "1")
    assert revisions_of(bare, [other]) == []
    assert revisions_of(
        at("2"), [{"metadata": {"ownerReferences": ["x", {"uid": "uid-web"}], "annotations": {REVISION: "1"}}}]
    )
    assert revisions_of(at("2"), [{"metadata": {"ownerReferences": "x"}}, {}]) == []


def test_a_revision_is_found_again_by_a_number_it_had() -> None:
    """Gone back to, it has a new number, and its history still names the old one; what is gone is not replaced."""
    moved = replica_set("web", "4")
    moved["metadata"]["annotations"][HISTORY] = "1,2"
    sets = [moved, replica_set("web", "3")]
    for number, item in ((1, moved), (2, moved), (4, moved), (3, sets[1])):
        found = revision_at(at("4"), sets, number)
        assert found is not None
        assert (found.number, found.replica_set) == (number, item)
    assert revision_at(at("4"), sets, 5) is None
    moved["metadata"]["annotations"][HISTORY] = 1
    assert revision_at(at("4"), sets, 1) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("x", 0),
        ("", 0),
        ("-1", 0),
        ("9" * 9, 999999999),
        ("9" * 10, 0),
        ("٣", 0),
        (7, 0),
        (None, 0),
    ],
)
def test_a_revision_number_is_read_carefully(text: Any, number: int) -> None:
    """Anything but a plain decimal number is not a revision."""
    assert revision_number({"metadata": {"annotations": {REVISION: text}}}) == number


def test_a_template_is_the_same_in_deployment_and_replica_set() -> None:
    """The hash label and an empty creation time are the ReplicaSet's and old servers' own; everything else counts."""
    made = at("2")
    copy = {"spec": {"template": deepcopy(made["spec"]["template"])}}
    copy["spec"]["template"]["metadata"] |= {
        "labels": {"app": "web", "pod-template-hash": "h"},
        "creationTimestamp": None,
    }
    assert template_of(copy) == template_of(made)
    assert template_hash(copy) == template_hash(made)
    copy["spec"]["template"]["metadata"]["labels"]["tier"] = "front"
    assert template_hash(copy) != template_hash(made)
    assert template_hash({}) == template_hash({"spec": {"template": {"metadata": {"labels": {}}}}})
    assert copy["spec"]["template"]["metadata"]["labels"]["pod-template-hash"] == "h"


def test_what_a_deployment_asks_for() -> None:
    """Replicas as Kubernetes means them, the revision as it is written, the template's hash."""
    made = at("2", replicas=3)
    assert desired(made) == Desired(3, "2", template_hash(made))
    for replicas, read in ((None, 1), (0, 0), (-2, 0), ("x", 1), (True, 1)):
        made["spec"]["replicas"] = replicas
        assert desired(made).replicas == read
    made["metadata"]["annotations"][REVISION] = 2
    assert desired(made).revision is None


def test_a_spec_is_compared_as_a_unit() -> None:
    """Annotations and status move nothing; any field of the spec does."""
    made = at("2")
    moved = deepcopy(made)
    moved["metadata"] |= {"generation": 9, "annotations": {}}
    moved["status"] = {"replicas": 1}
    assert spec_hash(moved) == spec_hash(made)
    moved["spec"]["minReadySeconds"] = 5
    assert spec_hash(moved) != spec_hash(made)


def test_a_restart_makes_no_other_revision() -> None:
    """What ran before differs: a note of a restart and a hash label are nothing that a program can notice."""

    def of(revision: str, image: str, **meta: Any) -> dict[str, Any]:
        made = replica_set("web", revision)
        made["spec"] = {"template": {"metadata": meta, "spec": {"containers": [{"name": "web", "image": image}]}}}
        return made

    noted = {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-11-22T12:00:00Z"}}
    sets = [of("1", "web:1"), of("2", "web:2"), of("3", "web:2", labels={"pod-template-hash": "x"}, **noted)]
    current = at("3", pod={"containers": [{"name": "web", "image": "web:2"}]})
    found = previous_revision(current, sets)
    assert found is not None
    assert found.number == 1
    other = of("2", "web:2", annotations={"checksum/config": "a"})
    assert previous_revision(current, [other]) is not None


def test_a_hash_is_of_the_content_in_any_order() -> None:
    """A server may order the fields differently; a time that a bundle's YAML holds as such is hashed like its text."""
    here = deployment(spec={"template": {"spec": {"a": 1, "b": {"c": 2, "d": 3}}}})
    there = deployment(spec={"template": {"spec": {"b": {"d": 3, "c": 2}, "a": 1}}})
    assert template_hash(here) == template_hash(there)
    assert spec_hash(here) == spec_hash(there)
    when = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    noted = {"metadata": {"annotations": {"restartedAt": when}}, "spec": {}}
    told = {"metadata": {"annotations": {"restartedAt": str(when)}}, "spec": {}}
    assert template_hash(deployment(spec={"template": noted})) == template_hash(deployment(spec={"template": told}))


def test_a_deployment_without_number_and_revisions_has_no_earlier_one() -> None:
    """Nothing is known of it: there is nothing to go back to."""
    assert previous_revision(deployment(), []) is None


def test_the_annotations_are_those_of_kubernetes() -> None:
    """As the Deployment controller writes them (k8s.io/kubernetes/pkg/controller/deployment/util)."""
    assert REVISION == "deployment.kubernetes.io/revision"
    assert HISTORY == "deployment.kubernetes.io/revision-history"
