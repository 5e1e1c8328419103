"""Networks of pods, policies and certificates: family `network`."""

from __future__ import annotations

from tests.clusters import changes, kubelet, voices
from tests.clusters.model import RESTART, Expect, Obj, name_of, ref
from tests.clusters.pods import created, creating
from tests.clusters.registry import mechanism
from tests.clusters.world import World, condition

from . import kit
from .service import about, ingress, service_of


@mechanism("network.policy")
def ingress_policy(world: World) -> Expect:
    """A NetworkPolicy selects the service's pods and lets in only pods with a label that its callers do not have.

    https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    w = world.victim(called=True)
    caller = kit.caller_says(world, w, "timeout")
    key, value = next(iter(caller.selector.items()))
    wrong = world.rng.choice(({key: f"{value}-v1"}, {"access": w.name}, {"role": "frontend"}))
    allow = [{"from": [{"podSelector": {"matchLabels": wrong}}], "ports": [{"port": w.port, "protocol": "TCP"}]}]
    rules: list[Obj] = [] if world.chance(0.3) else allow
    spec = {"podSelector": {"matchLabels": dict(w.selector)}, "policyTypes": ["Ingress"], "ingress": rules}
    name = world.rng.choice((f"{w.name}-ingress", f"allow-{w.name}", "restrict-access"))
    found = world.add(world.new("networking.k8s.io/v1", "NetworkPolicy", name, world.since, spec=spec))
    return about(w, "network.policy", also=(ref(found),))


@mechanism("network.policy")
def egress_policy(world: World) -> Expect:
    """A NetworkPolicy on the caller's pods allows no egress to the service that it calls.

    https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
    """
    callee = world.victim(called=True)
    caller = kit.caller_says(world, callee, "timeout")
    if caller not in world.taken:
        world.taken.append(caller)
    dns = {
        "to": [{"namespaceSelector": {}}],
        "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
    }
    spec = {"podSelector": {"matchLabels": dict(caller.selector)}, "policyTypes": ["Egress"], "egress": [dns]}
    name = world.rng.choice((f"{caller.name}-egress", "limit-egress", "baseline"))
    found = world.add(world.new("networking.k8s.io/v1", "NetworkPolicy", name, world.since, spec=spec))
    return about(caller, "network.policy", also=(ref(found),))


SANDBOX = 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "{}": {}'
CNI = (
    (
        'plugin type="calico" failed (add): stat /var/lib/calico/nodename: no '
        "such file or directory: check that the calico/node "
        "container is running and has mounted /var/lib/calico/"
    ),
    (
        'plugin type="flannel" failed (add): loadFlannelSubnetEnv failed: open '
        "/run/flannel/subnet.env: no such file or directory"
    ),
    (
        'plugin type="cilium-cni" failed (add): unable to connect to Cilium daemon: '
        "failed to create cilium agent client after 30.000000 "
        'seconds timeout: Get "http://localhost/v1/config": dial unix '
        "/var/run/cilium/cilium.sock: connect: no such file or directory"
    ),
    'plugin type="multus" failed (add): Multus: error loading kubernetes client: connection is unauthorized',
)
NO_IP = (
    (
        'plugin type="bridge" failed (add): failed to allocate for range 0: no IP '
        "addresses available in range set: {net}.1-{net}.254"
    ),
    'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container',
    (
        'plugin type="calico" failed (add): failed to request IPv4 addresses: '
        "Assigned 0 out of 1 requested IPv4 addresses; No more free "
        "affine blocks and strict affinity enabled"
    ),
)


def sandbox(world: World, code: str, forms: tuple[str, ...]) -> Expect:
    """Let the sandbox of pods made again on one node fail with one of the given reasons."""
    w = world.victim(("Deployment", "StatefulSet"))
    form = world.rng.choice(forms)
    hit = changes.replaced(world, w, 1)
    for pod in hit:
        node = next(n for n in world.nodes if name_of(n) == pod["spec"]["nodeName"])
        creating(pod)
        net = node["spec"]["podCIDR"].rsplit(".", 1)[0]
        count = max(3, int((world.now - created(pod)).total_seconds() // 14))
        text = SANDBOX.format(kubelet.random_digest(world), form.format(net=net))
        last = world.ago(7)
        world.kubelet(pod, "FailedCreatePodSandBox", text, first=created(pod), last=last, count=count, warning=True)
        gone = "Pod sandbox changed, it will be killed and re-created."
        world.kubelet(pod, "SandboxChanged", gone, first=world.after(created(pod), 14), last=last, count=count)
    nodes = tuple(f"Node/{p['spec']['nodeName']}" for p in hit)
    agents = tuple(f"DaemonSet/{n}" for n in ("calico-node", "cilium", "kube-flannel-ds", "aws-node", "kube-multus-ds"))
    return kit.in_place(w, code, pods=hit, also=(*nodes, *agents), harmful=frozenset({RESTART}))


@mechanism("network.cni-failed")
def cni_failed(world: World) -> Expect:
    """The node's network plugin does not work: no sandbox can be set up on it.

    https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/
    """
    return sandbox(world, "network.cni-failed", CNI)


@mechanism("network.no-pod-ip")
def no_pod_ip(world: World) -> Expect:
    """The node's or subnet's range of pod addresses is used up.

    https://kubernetes.io/docs/concepts/cluster-administration/networking/
    """
    return sandbox(world, "network.no-pod-ip", NO_IP)


@mechanism("network.tls-certificate")
def certificate_not_ready(world: World) -> Expect:
    """The Certificate behind the service's ingress is not ready: it expired, or its issuance fails.

    https://kubernetes.io/docs/concepts/services-networking/ingress/#tls (the resource: cert-manager.io)
    """
    w = world.victim(called=True)
    found = ingress(world, w)
    host, secret = found["spec"]["rules"][0]["host"], f"{w.name}-tls"
    found["spec"]["tls"] = [{"hosts": [host], "secretName": secret}]
    ends = world.since.strftime("%a, %d %b %Y %H:%M:%S UTC")
    rows = (
        ("Expired", f"Certificate expired on {ends}"),
        ("DoesNotExist", "Issuing certificate as Secret does not exist"),
        (
            "IncorrectIssuer",
            "Issuing certificate as Secret was previously issued by ClusterIssuer.cert-manager.io/old-ca",
        ),
    )
    reason, text = world.rng.choice(rows)
    if reason != "DoesNotExist":
        kit.config_object(world, "Secret", secret)["type"] = "kubernetes.io/tls"
    spec = {"secretName": secret, "dnsNames": [host], "issuerRef": {"kind": "ClusterIssuer", "name": "letsencrypt"}}
    status: Obj = {"conditions": [condition("Ready", "False", world.since, reason, text, observedGeneration=1)]}
    status["conditions"].append(condition("Issuing", "True", world.since, reason, text, observedGeneration=1))
    issued = world.new("cert-manager.io/v1", "Certificate", secret, w.born, owner=found, spec=spec, status=status)
    world.add(issued)
    why = (
        "The certificate request has failed to complete and will be retried: "
        "Failed to wait for order resource to become ready: "
    )
    why += 'order is in "invalid" state'
    by = "cert-manager-certificates-issuing"
    world.event(issued, "Failed", why, by=by, first=world.since, last=world.ago(60), count=2, warning=True)
    caller = kit.caller_of(world, w)
    words = (
        f'request failed: Get "https://{host}/": tls: failed to verify '
        "certificate: x509: certificate has expired or is not yet valid"
    )
    if reason == "Expired":
        kit.say(world, caller, [voices.line(caller.lang, "error", words)] * 4)
    objects = (ref(issued), f"Secret/{secret}", ref(found), "ClusterIssuer/letsencrypt", ref(service_of(w)))
    return about(w, "network.tls-certificate", also=objects)
