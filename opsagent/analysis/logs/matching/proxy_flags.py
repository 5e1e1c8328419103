"""What a proxy's access line says beside the status: Envoy's response flags, HAProxy's termination state."""

import re

from opsagent.analysis.catalog.phrase import Verdict


def _of(code: str, strength: float, summary: str, depth: int = 4) -> Verdict:
    return Verdict(code, strength, depth, summary, blames=True)


# https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage: %RESPONSE_FLAGS%
_FLAGS = {
    "UF": _of("network.refused", 0.72, "the proxy cannot connect to the service that is called ({what})"),
    "UH": _of("service.no-endpoints", 0.72, "no endpoint of the service that is called is healthy ({what})"),
    "NC": _of("service.no-endpoints", 0.6, "the proxy knows no cluster by that name ({what})"),
    "NR": _of("service.misrouted", 0.62, "no route of the proxy fits the request"),
    "UT": _of("network.timeout", 0.7, "a service that is called gives no answer in time ({what})"),
    "UC": _of("dependency.down", 0.55, "connections to a service that is called break off ({what})", 5),
    "UO": _of("load.traffic-surge", 0.62, "the proxy's circuit breaker is open: more requests than it may pass on", 2),
    "RL": _of("dependency.rate-limited", 0.75, "the proxy refuses requests because there were too many", 1),
    "RLSE": _of("dependency.down", 0.5, "the rate limit service does not answer"),
    "DF": _of("network.dns", 0.75, "the proxy cannot resolve the host that is called ({what})", 1),
    "DI": _of("network.delay", 0.6, "the proxy was told to delay requests: a fault is injected ({what})", 2),
    "UAEX": _of("access.credentials", 0.7, "the proxy's authorization service refuses the requests", 1),
}
_STATUS = re.compile(r'HTTP/[\d.]+" (?P<status>[0-5]\d\d|0) (?P<flags>[A-Z]{2,5}(?:,[A-Z]{2,5})*)(?= )')
_DENIED = re.compile(r'HTTP/[\d.]+" 403 \S+ rbac_access_denied')
_RBAC = _of("access.rbac", 0.75, "an authorization policy of the mesh refuses the requests", 0)
# An upstream connection that fails for TLS is flagged as any other (UF); the details behind it say why.
_TLS = _of("network.tls-certificate", 0.85, "the proxy does not accept the certificate of the service ({what})", 1)
_MIXED = _of("service.protocol-mismatch", 0.75, "the proxy speaks TLS where the service does not ({what})", 1)
_TRUST = re.compile(r"CERTIFICATE|certificate|TLSV1_ALERT|SSLV3_ALERT|UNKNOWN_CA")
_CLUSTER = re.compile(r"\b(?:outbound|inbound)\|(?P<port>\d*)\|[^|]*\|(?P<host>[A-Za-z0-9.-]*)")

# https://docs.haproxy.org/3.0/configuration.html#8.5: how and where a session ended; small letters are time-outs.
_STATES = {
    "SC": _of("network.refused", 0.62, "no server behind the proxy takes the connection"),
    "sC": _of("network.timeout", 0.62, "a server behind the proxy does not take the connection in time"),
    "SH": _of("dependency.down", 0.55, "a server behind the proxy breaks off before it answers", 5),
    "sH": _of("network.timeout", 0.62, "a server behind the proxy gives no answer in time"),
}
_ENDED = re.compile(
    r" (?:[1-5]\d\d|-1) [+\d]+ \S+ \S+ (?P<state>[CSPRLUIDcs][CRHQDTL])[\w-]{2} \d+/\d+/\d+/\d+/\+?\d+ "
)
_NO_SERVER = _of("service.no-endpoints", 0.62, "no server of the proxy's backend is up")


def ended(text: str) -> Verdict | None:
    """Return the rule that HAProxy's termination state stands for; None where the session ended well or by a client."""
    found = _ENDED.search(text) if "/" in text else None
    if found is None:
        return None
    return _NO_SERVER if found["state"] == "SC" and "<NOSRV>" in text else _STATES.get(found["state"])


def flagged(text: str) -> tuple[Verdict, str | None] | None:
    """Return the rule that an access line's flags stand for, and the host:port that was called; None without flags."""
    found = _STATUS.search(text)
    rule = _RBAC if _DENIED.search(text) else None
    if rule is None and found is not None:
        rule = next((_FLAGS[flag] for flag in found["flags"].split(",") if flag in _FLAGS), None)
    if rule is None:
        return None
    if "TLS_error" in text or "CERTIFICATE_VERIFY" in text:
        rule = _TLS if _TRUST.search(text) else _MIXED
    cluster = _CLUSTER.search(text)
    if cluster is None or not cluster["host"]:
        return rule, None
    return rule, f"{cluster['host']}:{cluster['port']}" if cluster["port"] else cluster["host"]
