"""NetworkPolicies and Ingresses as `kubectl describe` prints them, read back into the API's own JSON."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from opsagent.clients.handed_over.describe_text import NOTHING, Field, text_of

_PORT = re.compile(r"^To Port: (?P<port>[\w-]+)/(?P<protocol>\w+)$")
_PEER = re.compile(r"^(?P<key>PodSelector|NamespaceSelector|IPBlock)(?::\s*(?P<value>.*))?$")
_TERM = re.compile(r"^(?P<key>[^\s=!]+)\s*=\s*(?P<value>\S+)$")
_SET = re.compile(r"^(?P<key>\S+) (?P<how>in|notin) \((?P<values>[^)]*)\)$")
_BACKEND = re.compile(r"^(?P<service>[a-z0-9][a-z0-9.-]*):(?P<port>[\w-]+)(?:\s.*)?$")
_HOWS = {"in": "In", "notin": "NotIn"}
_TLS = re.compile(r"^(?P<secret>\S+) terminates (?P<hosts>\S+)$")


def policy_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return the spec of a NetworkPolicy."""
    lines = [line.strip() for line in found.get("Spec", NOTHING).below]
    spec: dict[str, Any] = {"podSelector": {}}
    rules: list[dict[str, Any]] = []
    towards = ""
    for line in lines:
        name, _, value = line.partition(":")
        if name == "PodSelector" and not towards:
            spec["podSelector"] = _selector(value.split(" (")[0])
        elif line.startswith(("Allowing ingress", "Allowing egress")):
            towards = "ingress" if "ingress" in line else "egress"
            rules = spec.setdefault(towards, [])
        elif line.startswith("Not affecting"):
            towards = "none"
        elif line.startswith("<none> (Selected pods are isolated"):
            continue
        elif name == "Policy Types":
            spec["policyTypes"] = [part.strip() for part in value.split(",")]
        elif towards in ("ingress", "egress"):
            _rule(line, rules, "from" if towards == "ingress" else "to")
    return {"spec": spec}


def _rule(line: str, rules: list[dict[str, Any]], side: str) -> None:
    """Add a line to the rules of one direction; dashes stand between two rules."""
    if not rules or line.startswith("-----"):
        rules.append({})
    rule, port, peer = rules[-1], _PORT.match(line), _PEER.match(line)
    if port:
        number = int(port["port"]) if port["port"].isdecimal() else port["port"]
        rule.setdefault("ports", []).append({"port": number, "protocol": port["protocol"]})
    elif line in ("From:", "To:"):
        rule.setdefault(side, []).append({})
    elif peer and rule.get(side):
        key, value = peer["key"], peer["value"] or ""
        name = {"PodSelector": "podSelector", "NamespaceSelector": "namespaceSelector", "IPBlock": "ipBlock"}[key]
        rule[side][-1][name] = {} if key == "IPBlock" else _selector(value)
    elif line.startswith("CIDR:") and rule.get(side):
        rule[side][-1]["ipBlock"] = {"cidr": line.partition(":")[2].strip()}


def _selector(text: str) -> dict[str, Any]:
    """Return a selector as kubectl writes it: "app=web,tier in (a,b)"; "<none>" selects everything."""
    labels: dict[str, str] = {}
    terms: list[dict[str, Any]] = []
    for part in re.split(r",(?![^(]*\))", text.strip()):
        term, several = _TERM.match(part.strip()), _SET.match(part.strip())
        if term:
            labels[term["key"]] = term["value"]
        elif several:
            values = [one.strip() for one in several["values"].split(",")]
            terms.append({"key": several["key"], "operator": _HOWS[several["how"]], "values": values})
    found = {"matchLabels": labels, "matchExpressions": terms}
    return {key: value for key, value in found.items() if value}


def ingress_of(found: Mapping[str, Field]) -> dict[str, Any]:
    """Return spec and status of an Ingress."""
    spec: dict[str, Any] = {"rules": _rules(found.get("Rules", NOTHING).below)}
    if text_of(found, "Ingress Class"):
        spec["ingressClassName"] = text_of(found, "Ingress Class")
    default = _BACKEND.match(text_of(found, "Default backend"))
    if default and default["service"] != "default-http-backend":
        spec["defaultBackend"] = _backend(default)
    tls = [hit for line in found.get("TLS", NOTHING).lines if (hit := _TLS.match(line))]
    if tls:
        spec["tls"] = [{"secretName": hit["secret"], "hosts": hit["hosts"].split(",")} for hit in tls]
    taken = [{"ip": part} for part in text_of(found, "Address").split(",") if part]
    return {"spec": spec, "status": {"loadBalancer": {"ingress": taken} if taken else {}}}


def _rules(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rules: a line with a host, and below it a line for each of its paths."""
    rules: list[dict[str, Any]] = []
    rows = [line.split() for line in lines if line.strip() and not line.lstrip().startswith(("Host ", "----"))]
    for row in rows:
        hit = _BACKEND.match(row[1]) if len(row) > 1 else None
        if len(row) == 1:
            rules.append({} if row[0] == "*" else {"host": row[0]})
        elif hit:
            if not rules:
                rules.append({})
            path = {"path": row[0], "backend": _backend(hit)}
            rules[-1].setdefault("http", {"paths": []})["paths"].append(path)
    return rules


def _backend(hit: re.Match[str]) -> dict[str, Any]:
    port = {"number": int(hit["port"])} if hit["port"].isdecimal() else {"name": hit["port"]}
    return {"service": {"name": hit["service"], "port": port}}
