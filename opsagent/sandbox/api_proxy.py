"""The API server's service proxy, GET only."""

import json

from . import stats_body
from .api_errors import ApiError, not_found
from .cluster import Ailment, ServiceAnswer
from .facts import NAMESPACE, Workload, workload_of
from .faults import CannedReply, ServedRequest
from .kinds import ApiResource
from .simulation import Simulation

HANG_S = 30.0  # the API server gives up then


def target(simulation: Simulation, kind: ApiResource, request: ServedRequest) -> tuple[Workload, ServiceAnswer]:
    """Return the workload behind a proxied Service and how it answers; the error of the API server where it cannot.

    The name is `name`, `name:port` or `scheme:name:port`, the port a number or a name.
    """
    if request.verb != "get" or request.method != "GET":
        raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    parts = request.name.split(":")
    name, port = (parts[-2], parts[-1]) if len(parts) > 1 else (parts[0], "")
    service = simulation.cluster.store.get("services", request.namespace, name)
    if service is None:
        raise not_found(kind, name)
    workload = workload_of(name)
    served = service["spec"]["ports"][0]
    if port not in ("", str(served["port"]), served["name"]):
        raise ApiError(503, "ServiceUnavailable", f'no service port "{port}" found for service "{name}"')
    answer = simulation.answers[workload.app]
    if answer is ServiceAnswer.REFUSED:
        raise _dead(simulation, workload, name, request.name)
    if workload.app == "redis":
        why = 'net/http: HTTP/1.x transport connection broken: malformed HTTP response "-ERR"'
        raise ApiError(503, "ServiceUnavailable", f"error trying to reach service: {why}")
    return workload, answer


def _dead(simulation: Simulation, workload: Workload, name: str, asked: str) -> ApiError:
    """Word it as the API server does, which goes by the Endpoints: they may be old."""
    known = simulation.cluster.store.get("endpoints", NAMESPACE, workload.service)
    subsets = (known or {}).get("subsets") or []
    for subset in subsets:
        for address in subset.get("addresses", []):
            dial = f"dial tcp {address['ip']}:{workload.port}: connect: no route to host"
            return ApiError(503, "ServiceUnavailable", f"error trying to reach service: {dial}")
    return ApiError(503, "ServiceUnavailable", f'no endpoints available for service "{asked if subsets else name}"')


def is_probe_of_deaf(simulation: Simulation, workload: Workload, path: str) -> bool:
    """Return whether this is the one path that a service that is deaf to the rest answers."""
    runs = [simulation.cluster.runs[pod["metadata"]["name"]] for pod in simulation.cluster.pods(workload.app)]
    return path == workload.health_path and any(run.ailment is Ailment.DEAF for run in runs)


def timed_out() -> ApiError:
    """State that the proxied service did not answer in time."""
    return ApiError(
        504, "Timeout", "Timeout: request did not complete within requested timeout - context deadline exceeded"
    )


def body(simulation: Simulation, workload: Workload, path: str) -> CannedReply:
    """Return what the service itself answers at a path."""
    if path == workload.health_path:
        kind, raw = stats_body.health_body(workload.app)
        return CannedReply(200, raw, kind)
    if path == "/stats" and workload.stats_key:
        found = (
            simulation.stats()
            if workload.app == "load-balancer"
            else stats_body.own_stats(workload.app, simulation.answers)
        )
        return CannedReply(200, json.dumps(found).encode())
    return CannedReply(404, b'{"detail":"Not Found"}')
