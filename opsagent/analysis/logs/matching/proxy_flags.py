"""What a proxy's access line states beside the status: Envoy's response flags, HAProxy's termination state."""

import re

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.catalog.phrase import Verdict

# https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage: %RESPONSE_FLAGS%
_STATUS = re.compile(r'HTTP/[\d.]+" (?P<status>[0-5]\d\d|0) (?P<flags>[A-Z]{2,5}(?:,[A-Z]{2,5})*)(?= )')
_DENIED = re.compile(r'HTTP/[\d.]+" 403 \S+ rbac_access_denied')
# An upstream connection that fails for TLS is flagged as any other (UF); the details behind it state why.
_TRUST = re.compile(r"CERTIFICATE|certificate|TLSV1_ALERT|SSLV3_ALERT|UNKNOWN_CA")
_CLUSTER = re.compile(r"\b(?:outbound|inbound)\|(?P<port>\d*)\|[^|]*\|(?P<host>[A-Za-z0-9.-]*)")
# https://docs.haproxy.org/3.0/configuration.html#8.5: how and where a session ended; small letters are time-outs.
_ENDED = re.compile(
    r" (?:[1-5]\d\d|-1) [+\d]+ \S+ \S+ (?P<state>[CSPRLUIDcs][CRHQDTL])[\w-]{2} \d+/\d+/\d+/\d+/\+?\d+ "
)


def ended(known: Catalog, text: str) -> Verdict | None:
    """Return what HAProxy's termination state stands for; None where the session ended successfully or by a client."""
    found = _ENDED.search(text) if "/" in text else None
    if found is None or found["state"][0] not in "Ss":
        return None
    if found["state"] == "SC" and "<NOSRV>" in text:
        return _verdict(known, "haproxy", "no server")
    how = "broken" if found["state"][0] == "S" else "time-out"
    return _verdict(known, "haproxy", f"{how} {found['state'][1]}")


def flagged(known: Catalog, text: str) -> tuple[Verdict, str | None] | None:
    """Return what an access line's flags stand for, and the host:port that was called; None without flags."""
    found = _STATUS.search(text)
    verdict = _verdict(known, "envoy", "rbac_access_denied") if _DENIED.search(text) else None
    if verdict is None and found is not None:
        verdicts = (_verdict(known, "envoy", flag) for flag in found["flags"].split(","))
        verdict = next((verdict for verdict in verdicts if verdict), None)
    if verdict is not None and ("TLS_error" in text or "CERTIFICATE_VERIFY" in text):
        verdict = _verdict(known, "envoy", "untrusted" if _TRUST.search(text) else "not tls")
    if verdict is None:
        return None
    cluster = _CLUSTER.search(text)
    if cluster is None or not cluster["host"]:
        return verdict, None
    return verdict, f"{cluster['host']}:{cluster['port']}" if cluster["port"] else cluster["host"]


def _verdict(known: Catalog, proxy: str, flag: str) -> Verdict | None:
    row = known.message(proxy, flag)
    return Verdict(row.code, row.strength, known.order(row.code), row.summary, blames=True) if row else None
