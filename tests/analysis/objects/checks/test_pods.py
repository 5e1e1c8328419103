"""What the states of a pod report about its cause, stage by stage."""

from typing import Any

import pytest

from tests.analysis.kube_objects import (
    ago,
    broken,
    container,
    crashing,
    deployment,
    ended,
    event,
    find,
    first,
    node,
    pending,
    pod,
    replica_set,
    running,
    service,
    stack,
    thing,
    waiting,
)

CART = "Deployment/cart"


def test_a_healthy_service_accuses_nobody() -> None:
    """Nothing at all is found in a service that is well."""
    assert find(*stack(), *stack(app="billing")[:5]) == ()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (crashing(137, "OOMKilled"), "pod.oom-killed"),
        (running(ready=True, restartCount=1, lastState=ended(137, "OOMKilled", finished=100)), "pod.oom-killed"),
        ({"name": "main", "ready": False, "restartCount": 0, "state": ended(137, "OOMKilled")}, "pod.oom-killed"),
        (crashing(1), "pod.crash-app-error"),
        (crashing(139), "pod.crash-app-error"),
        (crashing(134), "pod.crash-app-error"),
        (crashing(127), "pod.bad-command"),
        (crashing(126), "pod.bad-command"),
        (
            crashing(128, "StartError", message='exec: "/srv/run": stat /srv/run: no such file or directory'),
            "pod.bad-command",
        ),
        (crashing(128, "ContainerCannotRun", message="exec /entry.sh: exec format error"), "pod.bad-command"),
        (waiting("CreateContainerError", "Error response from daemon: No command specified"), "pod.bad-command"),
        (waiting("RunContainerError", "error mounting /host/x to rootfs: not a directory"), "volume.mount-failed"),
        (crashing(1, message="Traceback …\nModuleNotFoundError: No module named 'yaml'"), "pod.import-error"),
        (crashing(1, message="Error: Cannot find module 'express'"), "pod.import-error"),
        (crashing(1, message="listen tcp :8080: bind: address already in use"), "pod.port-in-use"),
        (waiting("CreateContainerConfigError", 'configmap "cart-settings" not found'), "config.missing-object"),
        (waiting("CreateContainerConfigError", "couldn't find key dsn in Secret shop/cart"), "config.missing-object"),
        (
            waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
            "access.permission-denied",
        ),
        (waiting("InvalidImageName", 'Failed to apply default image tag "Acme/Cart:"'), "image.not-found"),
        (waiting("ErrImagePull", "manifest for acme/cart:9 not found: manifest unknown"), "image.not-found"),
        (
            waiting("ImagePullBackOff", "no matching manifest for linux/arm64/v8 in the manifest list entries"),
            "image.not-found",
        ),
        (waiting("ErrImagePull", "unexpected status: 401 Unauthorized"), "image.auth"),
        (waiting("ErrImagePull", "Head https://r.acme/v2: no basic auth credentials"), "image.auth"),
        (
            waiting("ErrImagePull", "dial tcp: lookup r.acme on 10.96.0.10:53: no such host"),
            "image.registry-unreachable",
        ),
        (waiting("ErrImagePull", "unexpected status code: 429"), "dependency.rate-limited"),
        (waiting("ErrImagePull", "toomanyrequests: allowed: 100/6h"), "dependency.rate-limited"),
        (waiting("ErrImagePull", "net/http: TLS handshake timeout"), "image.registry-unreachable"),
        (
            waiting("ImagePullBackOff", "tls: failed to verify: x509: certificate has expired"),
            "image.registry-unreachable",
        ),
    ],
)
def test_a_container_state_names_its_cause(status: dict[str, Any], code: str) -> None:
    """Each state points to its code, on the Deployment that owns the pod."""
    assert first(*broken(pod("cart-6d5f7c9b84-x2x2x", status))) == (code, CART)


def test_an_init_container_counts_as_much_as_the_others() -> None:
    """A wrong command of an init container is the cause while the main one waits for it."""
    starting = waiting("PodInitializing")
    bad = pod("cart-1", starting, initContainerStatuses=[crashing(127, name="migrate")])
    assert first(*broken(bad)) == ("pod.bad-command", CART)


def test_an_old_crash_is_history() -> None:
    """A pod that is ready and died before the window is healthy, out of memory or not."""
    old = running(restartCount=1, lastState=ended(137, "OOMKilled", finished=7200))
    assert find(*stack()[:2], pod("cart-6d5f7c9b84-x2x2x", old)) == ()


def test_a_crash_in_rhythm_counts_after_the_window() -> None:
    """A container that died nine times, each time after half an hour, is not well eleven minutes after the last."""
    again = running(started=660, restartCount=9, lastState=ended(137, "OOMKilled", finished=670, lived=1800))
    assert first(*stack()[:2], pod("cart-6d5f7c9b84-x2x2x", again))[0] == "pod.oom-killed"


def test_exit_137_without_a_word_is_not_out_of_memory() -> None:
    """A SIGKILL from outside leaves open why: a service is down, memory is not accused."""
    killed = {"name": "main", "ready": False, "restartCount": 0, "state": ended(137)}
    found = find(*broken(pod("cart-1", killed)))
    assert found[0].code == "dependency.down"
    assert all(finding.code != "pod.oom-killed" for finding in found)


def test_a_stopped_cache_is_a_cache_that_is_down() -> None:
    """A Redis that ended is named as the cache that others miss."""
    stopped = {"name": "redis", "ready": False, "restartCount": 0, "state": ended(0, "Completed")}
    spec = {"containers": [container("redis", 6379)]}
    assert first(*broken(pod("cart-1", stopped, spec=spec)))[0] == "dependency.cache-down"


def test_a_stopped_pod_behind_no_service_is_unknown() -> None:
    """Where nobody calls it and nothing states why it stopped, nothing is guessed."""
    stopped = {"name": "main", "ready": False, "restartCount": 0, "state": ended(143)}
    assert first(deployment(available=0), replica_set(), pod("cart-1", stopped)) == ("unknown", CART)


@pytest.mark.parametrize(
    "instead",
    [
        {**pod("cart-1", crashing(1)), "metadata": {**pod()["metadata"], "deletionTimestamp": ago(1)}},
        pod("cart-1", {"name": "main", "ready": False, "state": ended(0, "Completed")}, phase="Succeeded"),
        pod("cart-1", waiting("ContainerCreating"), startTime=ago(20)),
    ],
    ids=["terminating", "completed", "starting"],
)
def test_what_ends_or_starts_as_it_should_is_not_accused(instead: dict[str, Any]) -> None:
    """Terminating, completed and just created pods are no fault."""
    instead["metadata"]["creationTimestamp"] = ago(20)
    assert first(replica_set(), instead) == ("healthy", None)


def test_two_containers_on_one_port() -> None:
    """A side-car that declares the program's port explains why one of them ends."""
    spec = {"containers": [container("main", 8080), container("proxy", 8080)]}
    bad = pod("cart-1", running("main"), crashing(1, name="proxy"), spec=spec)
    assert first(*broken(bad)) == ("pod.port-in-use", CART)


def test_two_ports_apart_are_no_conflict() -> None:
    """A crash beside a side-car on another port is the program's own."""
    spec = {"containers": [container("main", 8080), container("proxy", 9090)]}
    bad = pod("cart-1", running("main"), crashing(1, name="proxy"), spec=spec)
    assert first(*broken(bad))[0] == "pod.crash-app-error"


@pytest.mark.parametrize("secret", ["event", "object"])
def test_a_missing_pull_secret_explains_a_denied_pull(secret: str) -> None:
    """What reads as an absent image is a missing pull secret where the pod names one that is not there."""
    said = "pull access denied, repository does not exist or may require authorization"
    bad = pod("cart-1", waiting("ErrImagePull", said), spec={"imagePullSecrets": [{"name": "regcred"}]})
    told = "Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed."
    more = event(bad, "FailedToRetrieveImagePullSecret", told) if secret == "event" else thing("Secret", "other")
    assert first(*broken(bad, more)) == ("image.auth", CART)


def test_the_cause_of_a_failed_pull_is_in_an_older_event() -> None:
    """The back-off reports nothing; an event that is not the newest states it all."""
    bad = pod("cart-1", waiting("ImagePullBackOff", 'Back-off pulling image "acme/cart:9"'))
    events = [
        event(bad, "Failed", 'Failed to pull image "acme/cart:9": manifest unknown', age=900),
        event(bad, "BackOff", "Back-off pulling image", age=5),
        event(bad, "Failed", "Error: ImagePullBackOff", age=5),
    ]
    found = find(*broken(bad, *events))
    assert (found[0].code, found[0].strength > 0.9) == ("image.not-found", True)


def test_a_reference_without_success_is_found_without_a_message() -> None:
    """A pod that never ran and refers to a Secret that is not there."""
    source = {"secretRef": {"name": "cart-db"}}
    bad = pod("cart-1", waiting("ContainerCreating"), spec={"containers": [container(envFrom=[source])]})
    bad["metadata"]["creationTimestamp"] = ago(500)
    assert first(*broken(bad, thing("Secret", "other"))) == ("config.missing-object", CART)


@pytest.mark.parametrize("change", ["optional", "not checked", "runs"])
def test_a_reference_that_does_no_harm(change: str) -> None:
    """Optional references, kinds that were not checked, and pods that run accuse nobody."""
    source = {"configMapRef": {"name": "extra", "optional": change == "optional"}}
    spec = {"containers": [container(envFrom=[source])]}
    status = running() if change == "runs" else waiting("ContainerCreating")
    made = pod("cart-1", status, spec=spec)
    made["metadata"]["creationTimestamp"] = ago(30)
    looked = () if change == "not checked" else ("ConfigMap",)
    assert first(replica_set(), made, looked=looked) == ("healthy", None)


@pytest.mark.parametrize(
    ("reason", "message", "code"),
    [
        (
            "FailedMount",
            'MountVolume.SetUp failed for volume "c" : configmap "settings" not found',
            "config.missing-object",
        ),
        (
            "FailedMount",
            "MountVolume.SetUp failed: references non-existent secret key: tls.key",
            "config.missing-object",
        ),
        (
            "FailedAttachVolume",
            'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) b',
            "volume.occupied",
        ),
        ("FailedAttachVolume", "disk is already attached to node worker-2", "volume.occupied"),
        ("FailedMount", "mount.nfs: access denied by server while mounting 10.0.0.9:/x", "volume.permission-denied"),
        ("FailedMount", "mkdir /data/x: permission denied", "volume.permission-denied"),
        ("FailedMount", "write /var/lib/kubelet/x: no space left on device", "volume.disk-full"),
        ("FailedMount", "mkdir /mnt: disk quota exceeded", "volume.disk-full"),
        ("FailedMount", "mount failed: exit status 32: wrong fs type, bad option", "volume.mount-failed"),
        ("FailedMount", "driver name ebs.csi not found in the list of registered CSI drivers", "volume.mount-failed"),
        ("FailedCreatePodSandBox", "dial unix /run/containerd/containerd.sock: connect: refused", "node.runtime-down"),
        ("FailedCreatePodSandBox", "failed to reserve sandbox name", "unknown"),
    ],
)
def test_what_keeps_a_pod_from_its_containers(reason: str, message: str, code: str) -> None:
    """Volumes and sandbox are recognised by events on the pod."""
    bad = pod("cart-1", waiting("ContainerCreating"))
    assert first(*broken(bad, event(bad, reason, message)))[0] == code


def test_a_mount_that_worked_in_the_end_is_over() -> None:
    """A pod that runs has its volumes, whatever an event stated before."""
    told = event("cart-6d5f7c9b84-x2x2x", "FailedMount", "timed out waiting for the condition")
    assert first(*stack(), told) == ("healthy", None)


def test_an_evicted_pod_without_a_successor() -> None:
    """Eviction is named, with the shortage behind it."""
    gone = pod(
        "cart-1",
        running(ready=False),
        phase="Failed",
        reason="Evicted",
        message="The node was low on resource: memory.",
    )
    assert first(*broken(gone)) == ("pod.evicted", CART)


def test_an_evicted_pod_that_was_replaced_is_history() -> None:
    """Where the Deployment is complete without it, an evicted pod is only left over."""
    gone = pod("cart-1", running(ready=False), phase="Failed", reason="Evicted", message="The node had DiskPressure")
    assert first(deployment(), replica_set(), gone, pod()) == ("healthy", None)


def test_an_eviction_is_found_in_an_event_alone() -> None:
    """A bundle of events only still reports it."""
    assert first(event("cart-1", "Evicted", "The node was low on resource: ephemeral-storage."))[0] == "pod.evicted"


@pytest.mark.parametrize(
    ("reason", "code"), [("OutOfcpu", "scheduling.cpu"), ("OutOfpods", "scheduling.too-many-pods")]
)
def test_a_pod_that_its_node_refused(reason: str, code: str) -> None:
    """The kubelet's refusal names the resource."""
    gone = pod("cart-1", running(ready=False), phase="Failed", reason=reason, message=f"Pod was rejected: {reason}")
    assert first(*broken(gone))[0] == code


def test_events_of_an_earlier_pod_of_the_same_name_do_not_count() -> None:
    """A StatefulSet's pod keeps its name; what befell the one before it is over."""
    bad = pod("cart-0", waiting("ContainerCreating"))
    bad["metadata"] |= {"uid": "new", "creationTimestamp": ago(20)}
    told = event(bad, "FailedMount", 'configmap "settings" not found')
    told["involvedObject"]["uid"] = "old"
    assert first(bad, told) == ("healthy", None)


def test_a_pod_on_a_sick_node_is_not_to_blame() -> None:
    """The node that is not ready is the cause; what its pods last stated is old."""
    sick = node(conditions=[{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}])
    assert first(deployment(available=0), pod("cart-1", crashing(1)), sick)[1] == "Node/worker-1"


def test_a_pod_without_any_word_is_unknown() -> None:
    """Something is wrong and nothing states what: the honest answer."""
    assert first(*broken(pod("cart-1", running(ready=False)))) == ("unknown", CART)


def test_a_silent_scheduler() -> None:
    """A pod that nobody has checked for a quarter of an hour, though a node has room, has no scheduler."""
    assert first(pending(), node())[0] == "node.scheduler-down"
    assert first(pending(age=10), node()) == ("healthy", None)


def test_replicas_with_the_same_fault_are_one_finding() -> None:
    """Three pods in the same state are one cause, with the evidence of more than one."""
    pods = [pod(f"cart-{i}", crashing(137, "OOMKilled")) for i in range(3)]
    found = find(deployment(replicas=3, available=0), replica_set(replicas=3), service(), *pods)
    assert [finding.code for finding in found if finding.strength >= 0.5] == ["pod.oom-killed"]
    assert {observation.where.split(":")[0] for observation in found[0].observations} >= {"Pod/cart-0", "Pod/cart-1"}


def test_a_container_that_dies_once_in_days_is_in_no_rhythm() -> None:
    """Four deaths in a month, the last one two hours ago: it runs; one that lives an hour and died lately does not."""
    rare = running(started=7000, restartCount=4, lastState=ended(1, finished=7200, lived=700_000))
    assert first(*broken(pod("cart-6d5f7c9b84-x2x2x", rare)))[0] != "pod.crash-app-error"
    often = running(started=1700, restartCount=4, lastState=ended(1, finished=1800, lived=3600))
    assert first(*broken(pod("cart-6d5f7c9b84-x2x2x", often)))[0] == "pod.crash-app-error"
