"""Services and EndpointSlices as `kubectl describe` prints them, read back into the API's own JSON."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from opsagent.clients.handed_over.describe_text import NOTHING, Field, listed, map_of, table, text_of

_PORT = re.compile(r"^(?:(?P<name>\S+)\s+)?(?P<port>\d+)/(?P<protocol>\w+)$")
_ADDRESS = re.compile(r"^(?P<ip>.+):(?P<port>\d+)$")
_READY = re.compile(r"^\s*Ready:\s+(?P<ready>\w+)")
_TARGET = re.compile(r"^\s*TargetRef:\s+(?P<kind>\w+)/(?P<name>\S+)")
_NODE = re.compile(r"^\s*NodeName:\s+(?P<name>\S+)")
_FIRST = re.compile(r"^\s*- Addresses:\s+(?P<addresses>.+)$")
_UNSET = ("<none>", "<unset>", "")


def service_of(lines: Sequence[str]) -> dict[str, Any]:
    """Return spec and status of a Service; each of its ports is four lines of the description."""
    rows = listed(lines)
    found = dict(reversed(rows))
    spec: dict[str, Any] = {"type": text_of(found, "Type") or "ClusterIP"}
    address = text_of(found, "IP", "IPs")
    if address:
        spec["clusterIP"] = address
    spec["selector"] = map_of(found.get("Selector", NOTHING))
    if text_of(found, "External Name"):
        spec["externalName"] = text_of(found, "External Name")
    spec["ports"] = _ports(rows)
    taken = [{"ip": part.strip()} for part in text_of(found, "LoadBalancer Ingress").split(",") if part.strip()]
    return {"spec": spec, "status": {"loadBalancer": {"ingress": taken} if taken else {}}}


def endpoints_of(lines: Sequence[str]) -> list[dict[str, Any]] | None:
    """Return the subsets behind a Service, as far as its description shows them; None where it shows none at all."""
    shown = [field for name, field in listed(lines) if name == "Endpoints"]
    if not shown or not shown[0].value:
        return None
    subsets = []
    for field in shown:
        places = [hit for part in field.value.split(" + ")[0].split(",") if (hit := _ADDRESS.match(part.strip()))]
        if places:
            addresses = [{"ip": hit["ip"]} for hit in places]
            subsets.append({"addresses": addresses, "ports": [{"port": int(places[0]["port"])}]})
    return subsets


def slice_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return what an EndpointSlice holds."""
    rows = table(found.get("Ports", NOTHING).below)
    ports = [{"name": row.get("Name", ""), "port": int(row["Port"]), "protocol": row.get("Protocol", "TCP")}
             for row in rows if row.get("Port", "").isdecimal()]  # fmt: skip
    endpoints: list[dict[str, Any]] = []
    for line in found.get("Endpoints", NOTHING).below:
        first, ready, target, node = (one.match(line) for one in (_FIRST, _READY, _TARGET, _NODE))
        if first:
            endpoints.append({"addresses": [part.strip() for part in first["addresses"].split(",")]})
        elif endpoints and ready:
            endpoints[-1]["conditions"] = {"ready": ready["ready"] != "false"}
        elif endpoints and target:
            endpoints[-1]["targetRef"] = {"kind": target["kind"], "name": target["name"]}
        elif endpoints and node and node["name"] not in _UNSET:
            endpoints[-1]["nodeName"] = node["name"]
    return {"addressType": text_of(found, "AddressType") or "IPv4", "ports": ports, "endpoints": endpoints}


def _ports(rows: Sequence[tuple[str, Field]]) -> list[dict[str, Any]]:
    ports: list[dict[str, Any]] = []
    for name, field in rows:
        value = field.value.strip()
        if name == "Port":
            hit = _PORT.match(value.replace("<unset>", "").strip())
            if hit:
                one = {"name": hit["name"], "port": int(hit["port"]), "protocol": hit["protocol"]}
                ports.append({key: part for key, part in one.items() if part is not None})
        elif name == "TargetPort" and ports and value not in _UNSET:
            target = value.rsplit("/", 1)[0]
            ports[-1]["targetPort"] = int(target) if target.isdecimal() else target
        elif name == "NodePort" and ports:
            number = value.split()[-1].split("/")[0] if value else ""
            ports[-1] |= {"nodePort": int(number)} if number.isdecimal() else {}
        elif name == "Endpoints" and ports and isinstance(ports[-1].get("targetPort"), str):
            # The API server has resolved the name: kubectl prints the pods' ports without their names.
            place = _ADDRESS.match(value.split(",")[0].strip())
            if place:
                ports[-1]["targetPort"] = int(place["port"])
    return ports
