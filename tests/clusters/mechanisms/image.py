"""Faults of images: family `image`. Words of containerd behind the kubelet's.

https://kubernetes.io/docs/concepts/containers/images/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters import kubelet
from tests.clusters.changes import main_of, new_revision, replaced
from tests.clusters.model import RESTART, Expect, Obj
from tests.clusters.pods import created, waiting
from tests.clusters.registry import mechanism

from . import kit

if TYPE_CHECKING:
    from tests.clusters.world import World

UNPACK = 'failed to pull and unpack image "{0}": failed to resolve reference "{0}": '


def split(image: str) -> tuple[str, str, str]:
    """Split an image reference into host, path and tag."""
    host, _, rest = image.partition("/")
    path, _, tag = rest.rpartition(":")
    return host, path, tag


@mechanism("image.not-found")
def no_such_tag(world: World) -> Expect:
    """The new revision names a tag that the registry does not have."""
    w = world.victim(("Deployment", "StatefulSet", "DaemonSet"))
    image = kubelet.broken_name(world, w.main["image"])
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update({"image": image}))
    for pod in broken.pods:
        text = f"rpc error: code = NotFound desc = {UNPACK.format(image)}{image}: not found"
        kubelet.cannot_pull(world, pod, w.container, image, text, now_pulling=world.chance(0.2))
    return kit.of_revision(w, broken, "image.not-found")


@mechanism("image.not-found")
def invalid_name(world: World) -> Expect:
    """The new revision's image reference cannot be parsed: a repository's name must be lower-case."""
    w = world.victim()
    host, path, tag = split(w.main["image"])
    bad = f"{host}/{path.title()}:{tag}"
    why = f"invalid reference format: repository name ({path.title()}) must be lowercase"
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update({"image": bad}))
    text = f'Failed to apply default image tag "{bad}": couldn\'t parse image name "{bad}": {why}'
    for pod in broken.pods:
        waiting(pod, w.container, "InvalidImageName", text)
        since, count = created(pod), max(2, int((world.now - created(pod)).total_seconds() // 13))
        for reason, message in (("InspectFailed", text), ("Failed", "Error: InvalidImageName")):
            last = world.ago(6)
            world.kubelet(
                pod, reason, message, first=since, last=last, count=count, warning=True, container=w.container
            )
    return kit.of_revision(w, broken, "image.not-found")


@mechanism("image.auth")
def pull_secret_missing(world: World) -> Expect:
    """The registry asks for credentials and the pod's pull secret does not exist."""
    w = world.victim()
    secret = world.rng.choice(("regcred", "registry-pull", "harbor-robot"))
    host, path, tag = split(w.main["image"])
    image = f"{host}/private/{path}:{tag}"

    def private(spec: Obj) -> None:
        main_of(w, spec)["image"] = image
        spec["imagePullSecrets"] = [{"name": secret}]

    broken = new_revision(world, w, private)
    why = (
        "pull access denied, repository does not exist or may require "
        "authorization: authorization failed: no basic auth credentials"
    )
    for pod in broken.pods:
        text = f"rpc error: code = Unknown desc = {UNPACK.format(image)}{why}"
        kubelet.cannot_pull(world, pod, w.container, image, text)
        note = f"Unable to retrieve some image pull secrets ({secret}); attempting to pull the image may not succeed."
        count = max(2, int((world.now - created(pod)).total_seconds() // 60))
        last = world.ago(8)
        world.kubelet(
            pod, "FailedToRetrieveImagePullSecret", note, first=created(pod), last=last, count=count, warning=True
        )
    return kit.of_revision(w, broken, "image.auth", also=(f"Secret/{secret}",))


@mechanism("image.auth")
def pull_secret_expired(world: World) -> Expect:
    """The pull secret's token has expired: pods that ran keep running, those made again cannot get their image."""
    w = world.victim()
    secret = kit.config_object(world, "Secret", world.rng.choice(("regcred", "ecr-token", "pull-token")))
    secret["type"] = "kubernetes.io/dockerconfigjson"
    name = secret["metadata"]["name"]
    kit.edit_all(w, lambda spec: spec.update(imagePullSecrets=[{"name": name}]))
    hit = replaced(world, w, world.rng.randint(1, w.replicas))
    image = w.main["image"]
    host, path, tag = split(image)
    forms = (
        f"pulling from host {host} failed with status code [manifests {tag}]: 401 Unauthorized",
        (
            "failed to authorize: failed to fetch oauth token: unexpected status from GET request to "
            f"https://{host}/token?scope=repository%3A{path.replace('/', '%2F')}%3Apull: 401 Unauthorized"
        ),
        f"unexpected status from HEAD request to https://{host}/v2/{path}/manifests/{tag}: 403 Forbidden",
    )
    why = world.rng.choice(forms)
    for pod in hit:
        kubelet.cannot_pull(
            world, pod, w.container, image, f"rpc error: code = Unknown desc = {UNPACK.format(image)}{why}"
        )
    return kit.in_place(w, "image.auth", pods=hit, also=(f"Secret/{name}",), harmful=frozenset({RESTART}))


@mechanism("image.registry-unreachable")
def registry_unreachable(world: World) -> Expect:
    """The registry's name does not resolve or nobody answers: every pod made now waits for its image."""
    w = world.victim(("Deployment", "StatefulSet"))
    kit.edit_all(w, lambda spec: main_of(w, spec).update(imagePullPolicy="Always"))
    hit = replaced(world, w, world.rng.randint(1, w.replicas))
    image = w.main["image"]
    host, path, tag = split(image)
    bare = host.split(":")[0]
    forms = (
        f"dial tcp: lookup {bare} on 10.0.0.2:53: no such host",
        f"dial tcp: lookup {bare} on 169.254.20.10:53: server misbehaving",
        "dial tcp 10.90.4.12:443: i/o timeout",
        "dial tcp 10.90.4.12:443: connect: connection refused",
        "net/http: TLS handshake timeout",
    )
    why = f'failed to do request: Head "https://{host}/v2/{path}/manifests/{tag}": {world.rng.choice(forms)}'
    for pod in hit:
        kubelet.cannot_pull(
            world, pod, w.container, image, f"rpc error: code = Unknown desc = {UNPACK.format(image)}{why}"
        )
    return kit.in_place(w, "image.registry-unreachable", pods=hit, harmful=frozenset({RESTART}))
