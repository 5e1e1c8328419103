"""Faults of what a program is configured with: family `config`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters import kubelet, voices
from tests.clusters.apps import url_of
from tests.clusters.changes import main_of, new_revision
from tests.clusters.model import Expect, Obj, name_of
from tests.clusters.pods import created, creating
from tests.clusters.registry import mechanism

from . import kit

if TYPE_CHECKING:
    from tests.clusters.world import World

MISSING_ENV = {
    "python": ("    raise KeyError(key) from None\nKeyError: '{}'", 1),
    "go": ("{{at}} FATAL required environment variable {} is not set", 1),
    "node": ("Error: Missing required environment variable: {}\n    at loadEnv (/app/src/env.js:9:11)", 1),
    "java": ("java.lang.IllegalArgumentException: Could not resolve placeholder '{}' in value \"${{{}}}\"", 1),
    "ruby": ('/app/config/env.rb:4:in `fetch\': key not found: "{}" (KeyError)', 1),
    "rust": ("Error: environment variable `{}` not found", 1),
    "dotnet": ("Unhandled exception. System.InvalidOperationException: Missing environment variable {}", 134),
}


@mechanism("config.missing-env")
def missing_env(world: World) -> Expect:
    """The new release needs an environment variable that its pod template does not set.

    https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
    """
    w = world.victim()
    key = world.rng.choice(("SIGNING_KEY", "TENANT_ID", "S3_BUCKET", "STRIPE_API_KEY", "JWT_SECRET", "QUEUE_NAME"))
    form, code = MISSING_ENV[voices.family(w.lang)]
    image = kubelet.broken_name(world, w.main["image"])
    broken = new_revision(world, w, lambda spec: main_of(w, spec).update({"image": image}))
    for pod in broken.pods:
        lines = form.format(key, key).split("\n")
        kubelet.crash_loop(world, w, pod, code=code, since=created(pod), run=world.rng.randint(1, 4), lines=lines)
    return kit.of_revision(w, broken, "config.missing-env")


@mechanism("config.missing-object")
def missing_configmap_in_env(world: World) -> Expect:
    """The environment comes from a ConfigMap that does not exist, so the container is not made.

    https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/
    """
    w = world.victim(("Deployment", "StatefulSet"))
    name = f"{w.name}-{world.rng.choice(('settings', 'config', 'env'))}"
    ref = {"configMapRef": {"name": name}}
    pods, broken = kit.arrive(world, w, lambda spec: main_of(w, spec).setdefault("envFrom", []).append(dict(ref)))
    for pod in pods:
        kubelet.config_error(world, pod, w.container, f'configmap "{name}" not found')
    return kit.verdict(w, pods, broken, "config.missing-object", also=(f"ConfigMap/{name}",))


@mechanism("config.missing-object")
def missing_secret_in_env(world: World) -> Expect:
    """A variable comes from a Secret that does not exist.

    https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-environment-variables
    """
    w = world.victim()
    name = f"{w.name}-{world.rng.choice(('credentials', 'secret', 'keys'))}"
    entry = {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": name, "key": "token"}}}
    pods, broken = kit.arrive(world, w, lambda spec: main_of(w, spec)["env"].append(dict(entry)))
    for pod in pods:
        kubelet.config_error(world, pod, w.container, f'secret "{name}" not found')
    return kit.verdict(w, pods, broken, "config.missing-object", also=(f"Secret/{name}",))


@mechanism("config.missing-object")
def missing_key(world: World) -> Expect:
    """The Secret or ConfigMap is there; the key that a variable names is not.

    https://kubernetes.io/docs/tasks/inject-data-application/distribute-credentials-secure/
    """
    w = world.victim()
    kind, source = world.rng.choice((("Secret", "secretKeyRef"), ("ConfigMap", "configMapKeyRef")))
    obj = kit.config_object(world, kind, f"{w.name}-settings")
    key = world.rng.choice(("DB_PASSWORD", "api-key", "LOG_LEVEL", "endpoint"))
    entry = {"name": "SETTING", "valueFrom": {source: {"name": name_of(obj), "key": key}}}
    pods, broken = kit.arrive(world, w, lambda spec: main_of(w, spec)["env"].append(dict(entry)))
    for pod in pods:
        text = f"couldn't find key {key} in {kind} {world.namespace}/{name_of(obj)}"
        kubelet.config_error(world, pod, w.container, text)
    return kit.verdict(w, pods, broken, "config.missing-object", also=(f"{kind}/{name_of(obj)}",))


@mechanism("config.missing-object")
def missing_object_in_volume(world: World) -> Expect:
    """A volume is to be filled from a ConfigMap or Secret that does not exist: the pod stays in ContainerCreating.

    https://kubernetes.io/docs/concepts/storage/volumes/#configmap
    """
    w = world.victim(("Deployment", "StatefulSet", "DaemonSet"))
    kind = world.rng.choice(("ConfigMap", "Secret"))
    volume, name = (
        world.rng.choice(("config", "tls", "rules")),
        f"{w.name}-{world.rng.choice(('files', 'tls', 'conf'))}",
    )
    source = {"configMap": {"name": name, "defaultMode": 420}}
    if kind == "Secret":
        source = {"secret": {"secretName": name, "defaultMode": 420}}

    def mount(spec: Obj) -> None:
        spec["volumes"].append({"name": volume, **source})
        main_of(w, spec).setdefault("volumeMounts", []).append({"name": volume, "mountPath": f"/etc/{volume}"})

    pods, broken = kit.arrive(world, w, mount)
    for pod in pods:
        creating(pod)
        text = f'MountVolume.SetUp failed for volume "{volume}" : {kind.lower()} "{name}" not found'
        kubelet.failed_mount(world, pod, volume, text)
    return kit.verdict(w, pods, broken, "config.missing-object", also=(f"{kind}/{name}",))


INVALID = (
    ('nginx: [emerg] unknown directive "proxy_passs" in /etc/nginx/conf.d/default.conf:12', 1),
    ("FATAL cannot parse /etc/app/config.yaml: yaml: line 14: did not find expected key", 1),
    ("Error: Invalid configuration: /etc/app/settings.json: Unexpected token } in JSON at position 212", 78),
    ("config error: field 'workers' in /etc/app/config.toml: invalid type: string \"four\", expected u32", 2),
)


@mechanism("config.invalid")
def invalid_file(world: World) -> Expect:
    """A mounted configuration file cannot be parsed, so the program refuses to start.

    https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps-as-files-from-a-pod
    """
    w = world.victim()
    obj = kit.config_object(world, "ConfigMap", f"{w.name}-files")
    path = "/etc/nginx/conf.d" if world.chance(0.3) else "/etc/app"
    text, code = world.rng.choice(
        [row for row in INVALID if path in row[0] or (path == "/etc/app" and "/etc/app" in row[0])]
    )

    def mount(spec: Obj) -> None:
        spec["volumes"].append({"name": "files", "configMap": {"name": name_of(obj), "defaultMode": 420}})
        main_of(w, spec).setdefault("volumeMounts", []).append({"name": "files", "mountPath": path})

    pods, broken = kit.arrive(world, w, mount)
    for pod in pods:
        kubelet.crash_loop(world, w, pod, code=code, since=created(pod), run=1, lines=[text], head="nginx" not in text)
    return kit.verdict(w, pods, broken, "config.invalid", also=(f"ConfigMap/{name_of(obj)}",))


@mechanism("config.wrong-address")
def wrong_address(world: World) -> Expect:
    """The new revision's environment names a host that no Service has; the right one is there under a similar name.

    https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
    """
    w = world.victim()
    callee = next(c for c in world.workloads if c is not w and c.service is not None and c not in world.taken)
    right = url_of(callee)
    host = name_of(callee.service or {})
    wrong = right.replace(host, world.rng.choice((f"{host}x", host[:-1], f"{host}-v2", f"{host}-primary")))
    key = f"{callee.name.upper().replace('-', '_')}_ADDRESS"

    def point(spec: Obj) -> None:
        main_of(w, spec)["env"].append({"name": key, "value": wrong})

    broken = new_revision(world, w, point)
    for pod in broken.pods:
        call = voices.failed_call(world.rng, w.lang, "no-host", wrong, "")
        words = [call, voices.line(w.lang, "fatal", f"cannot reach {wrong} from {key}, giving up")]
        kubelet.crash_loop(world, w, pod, code=1, since=created(pod), run=world.rng.randint(2, 8), lines=words)
    return kit.of_revision(w, broken, "config.wrong-address")


@mechanism("config.limit-exceeded")
def body_limit(world: World) -> Expect:
    """The service refuses bodies over the size that its own environment sets; its caller sends larger ones.

    https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
    """
    w = world.victim(called=True)
    limit = world.rng.choice((262_144, 1_048_576, 2_097_152))
    kit.edit_all(w, lambda spec: main_of(w, spec)["env"].append({"name": "MAX_BODY_BYTES", "value": str(limit)}))
    lines = []
    for _ in range(world.rng.randint(4, 9)):
        size = limit * world.rng.randint(2, 9) + world.rng.randint(1, 999)
        text = f"POST /v1/import 413: request body of {size} bytes exceeds the limit of {limit} bytes (MAX_BODY_BYTES)"
        lines.append(voices.line(w.lang, "error", text))
    kit.say(world, w, lines)
    caller = kit.caller_of(world, w)
    text = f"POST {url_of(w)}/v1/import answered 413 Request Entity Too Large"
    kit.say(world, caller, [voices.line(caller.lang, "error", text)] * 3)
    return kit.in_place(w, "config.limit-exceeded", pods=w.pods)
