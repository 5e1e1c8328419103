"""Services, Ingresses and what they point to: family `service`.

https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.clusters import names
from tests.clusters.infra import system_pod
from tests.clusters.model import Expect, Obj, Workload, cpu_text, name_of, ref
from tests.clusters.registry import mechanism

from . import kit
from .probe import other_port

if TYPE_CHECKING:
    from tests.clusters.world import World

USELESS = kit.ALL  # the pods are all right: no action on their Deployment changes what the Service or Ingress does


def service_of(w: Workload) -> Obj:
    """Return the workload's Service."""
    assert w.service is not None
    return w.service


def about(w: Workload, *codes: str, also: tuple[str, ...] = ()) -> Expect:
    """Return the expectation of a fault in a Service or Ingress: nothing to do to the Deployment."""
    return Expect(codes, also, frozenset({"none"}), USELESS, w.name)


@mechanism("service.selector-mismatch")
def selector_mismatch(world: World) -> Expect:
    """The Service's selector matches no pod's labels; ready pods are there under other labels."""
    w = world.victim(called=True)
    service = service_of(w)
    key, value = next(iter(w.selector.items()))
    wrong = world.rng.choice(
        (
            {key: f"{value}-v2"},
            {key: value, "tier": "backend"},
            {key: value[:-1]},
            {"component": value},
            {key: value.replace("-", "_")},
        )
    )
    service["spec"]["selector"] = wrong
    kit.caller_says(world, w, "refused")
    return about(w, "service.selector-mismatch", also=(ref(service), *w.refs()))


@mechanism("service.port-mismatch")
def target_port(world: World) -> Expect:
    """The Service sends to a port on which the pods do not listen."""
    w = world.victim(called=True)
    service = service_of(w)
    service["spec"]["ports"][0]["targetPort"] = other_port(world, w)
    kit.caller_says(world, w, "refused")
    return about(w, "service.port-mismatch", also=(ref(service), *w.refs()))


@mechanism("service.port-mismatch")
def named_port(world: World) -> Expect:
    """The Service's targetPort is a name that no container's port has.

    https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
    """
    w = world.victim(called=True)
    service = service_of(w)
    service["spec"]["ports"][0]["targetPort"] = world.rng.choice(("web", "http-main", "grpc", "htttp"))
    kit.caller_says(world, w, "refused")
    return about(w, "service.port-mismatch", also=(ref(service), *w.refs()))


@mechanism("service.protocol-mismatch")
def udp_service(world: World) -> Expect:
    """The Service forwards UDP; pods listen and callers connect over TCP.

    https://kubernetes.io/docs/reference/networking/service-protocols/
    """
    w = world.victim(called=True)
    service = service_of(w)
    service["spec"]["ports"][0] |= {"protocol": "UDP", "targetPort": w.port}
    kit.caller_says(world, w, "timeout")
    return about(w, "service.protocol-mismatch", also=(ref(service), *w.refs()))


@mechanism("service.protocol-mismatch")
def tls_to_plain(world: World) -> Expect:
    """The ingress is instructed to speak HTTPS to pods that serve plain HTTP: 502 for every request.

    https://kubernetes.io/docs/concepts/services-networking/ingress/
    """
    w = world.victim(called=True)
    notes = {"nginx.ingress.kubernetes.io/backend-protocol": "HTTPS"}
    found = ingress(world, w, notes)
    address = w.pods[0]["status"]["podIP"]
    text = (
        "SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong "
        "version number) while SSL handshaking to upstream"
    )
    controller_log(world, found, f'{text}, client: 10.0.3.4, upstream: "https://{address}:{w.port}/"', 502)
    return about(w, "service.protocol-mismatch", also=(ref(found), ref(service_of(w))))


@mechanism("service.no-endpoints")
def no_selector(world: World) -> Expect:
    """The Service has no selector and nobody wrote its EndpointSlice, so it has no endpoints.

    https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
    """
    w = world.victim(called=True)
    service = service_of(w)
    service["spec"].pop("selector")
    kit.caller_says(world, w, "refused")
    return about(w, "service.no-endpoints", "service.selector-mismatch", also=(ref(service),))


@mechanism("service.no-endpoints")
def backend_gone(world: World) -> Expect:
    """The Service that others call is left; the workload behind it was deleted.

    https://kubernetes.io/docs/concepts/services-networking/service/
    """
    w = world.victim(called=True)
    service = service_of(w)
    kit.caller_says(world, w, "refused")
    world.workloads.remove(w)
    world.add(service)
    found = about(w, "service.no-endpoints", "service.selector-mismatch", also=(ref(service), ref(w.obj)))
    return Expect(found.any_of, found.objects, found.plans, found.harmful, name_of(service))


def ingress(world: World, w: Workload, notes: dict[str, str] | None = None) -> Obj:
    """Add an Ingress that sends a host's traffic to the workload's Service."""
    number = service_of(w)["spec"]["ports"][0]["port"]
    backend = {"service": {"name": name_of(service_of(w)), "port": {"number": number}}}
    host = f"{w.name}.example.com"
    rule = {"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    spec = {"ingressClassName": "nginx", "rules": [rule]}
    name = world.rng.choice((w.name, f"{w.name}-ingress", f"public-{w.name}"))
    found = world.new("networking.k8s.io/v1", "Ingress", name, w.born, annotations=notes, spec=spec)
    found["status"] = {"loadBalancer": {"ingress": [{"ip": "203.0.113.20"}]}}
    return world.add(found)


def controller_log(world: World, found: Obj, text: str, code: int) -> Obj:
    """Add the ingress controller's pod with error and access lines about one host."""
    node = world.workers()[0] if world.workers() else world.nodes[0]
    born = world.ago(86400 * 12)
    spec: Obj = {"replicas": 1, "selector": {"matchLabels": {"k8s-app": "controller"}}, "template": {"spec": {}}}
    controller = world.new("apps/v1", "ReplicaSet", f"controller-{names.template_hash(world.rng)}", born, spec=spec)
    controller["status"] = {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1}
    controller["metadata"]["namespace"] = "ingress-nginx"
    pod = system_pod(world, f"controller-{names.suffix(world.rng)}", node, controller, {"cpu": cpu_text(0)}, born)
    pod["metadata"]["namespace"] = "ingress-nginx"
    pod["metadata"]["labels"] = {"k8s-app": "controller"}
    world.add(controller)
    world.add(pod)
    host = found["spec"]["rules"][0]["host"]
    step = (world.now - world.since) / 9
    for i in range(1, 8):
        at = world.since + step * i
        when = at.strftime("%Y/%m/%d %H:%M:%S")
        line = (
            f"{when} [error] 31#31: *{4000 + i} {text}, server: {host}, "
            f'request: "POST /v1/import HTTP/1.1", host: "{host}"'
        )
        access = (
            f'10.0.3.4 - - [{at.strftime("%d/%b/%Y:%H:%M:%S +0000")}] "POST '
            f'/v1/import HTTP/1.1" {code} 157 "-" "curl/8.5.0"'
        )
        world.log(pod, "controller", [(at, line), (at, access)])
    return pod


@mechanism("service.misrouted")
def ingress_to_absent_service(world: World) -> Expect:
    """The Ingress names a Service that does not exist; the right one is there under another name.

    https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource
    """
    w = world.victim()
    found = ingress(world, w)
    backend = found["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    backend["name"] = f"{name_of(service_of(w))}-{world.rng.choice(('old', 'v1', 'main', 'external'))}"
    space = world.namespace
    text = f'error while evaluating the ingress spec: could not find service "{space}/{backend["name"]}"'
    by = "loadbalancer-controller"
    if world.chance(0.6):
        world.event(found, "Translate", text, by=by, first=world.since, last=world.ago(40), count=6, warning=True)
    return about(w, "service.misrouted", also=(ref(found), f"Service/{backend['name']}"))


@mechanism("service.misrouted")
def ingress_to_wrong_port(world: World) -> Expect:
    """The Ingress names a port that its Service does not have.

    https://kubernetes.io/docs/concepts/services-networking/ingress/
    """
    w = world.victim()
    found = ingress(world, w)
    backend = found["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    port = other_port(world, w)
    backend["port"] = {"number": port}
    where = f"{world.namespace}/{name_of(service_of(w))}"
    text = f'Service "{where}" does not have any active Endpoint for port {port}'
    controller_log(world, found, text, 503)
    return about(w, "service.misrouted", "service.port-mismatch", also=(ref(found), ref(service_of(w))))


@mechanism("service.limit")
def body_size(world: World) -> Expect:
    """The ingress refuses bodies over its configured size with 413.

    https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/
    """
    w = world.victim()
    found = ingress(world, w, {"nginx.ingress.kubernetes.io/proxy-body-size": "1m"})
    size = world.rng.randint(2, 60) * 1_048_576
    controller_log(world, found, f"client intended to send too large body: {size} bytes, client: 10.0.3.4", 413)
    return about(w, "service.limit", also=(ref(found),))


@mechanism("service.limit")
def read_timeout(world: World) -> Expect:
    """The ingress gives up on answers that take longer than its configured time; the service would answer later.

    https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/
    """
    w = world.victim()
    limit = world.rng.choice((3, 5, 10))
    found = ingress(world, w, {"nginx.ingress.kubernetes.io/proxy-read-timeout": str(limit)})
    text = (
        "upstream timed out (110: Operation timed out) while reading response header from upstream, client: 10.0.3.4, "
    )
    text += f'upstream: "http://{w.pods[0]["status"]["podIP"]}:{w.port}/v1/import"'
    controller_log(world, found, text, 504)
    lines = [
        f"POST /v1/import 200 {limit * 1000 + world.rng.randint(900, 9000)}ms (client went away)" for _ in range(5)
    ]
    kit.say(world, w, [apps_line(w, line) for line in lines])
    return about(w, "service.limit", also=(ref(found),))


def apps_line(w: Workload, text: str) -> str:
    """Write an access line in the workload's style."""
    from tests.clusters import voices

    return voices.line(w.lang, "info", text)
