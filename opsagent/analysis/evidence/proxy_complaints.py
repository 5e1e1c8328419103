"""What an ingress controller writes of requests that it could not pass on, and for which host."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from opsagent.models.digest import LogDigest
from opsagent.models.evidence import Observation

Trouble = Literal["body-size", "read-timeout", "tls-to-plain", "plain-to-tls"]

# nginx's error log: https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size and
# https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout, proxy_ssl.
_TROUBLES: tuple[tuple[Trouble, re.Pattern[str]], ...] = (
    ("body-size", re.compile(r"client intended to send too large (?:chunked )?body")),
    ("read-timeout", re.compile(r"upstream timed out .{0,60}while reading (?:response header|upstream)")),
    ("tls-to-plain", re.compile(r"SSL_do_handshake\(\) failed .{0,120}wrong version number.{0,60}to upstream")),
    ("plain-to-tls", re.compile(r"upstream sent no valid HTTP/1\.0 header|plain HTTP request was sent to HTTPS port")),
)
_HOST = re.compile(r"\bhost: \"(?P<host>[A-Za-z0-9.-]{1,253})(?::\d+)?\"")


@dataclass(frozen=True, slots=True)
class ProxyComplaint:
    """A request for `host` that the proxy answered with an error of its own."""

    trouble: Trouble
    host: str
    observation: Observation


def proxy_complaints(digests: Sequence[LogDigest]) -> tuple[ProxyComplaint, ...]:
    """Return the complaints in all logs, one for each host and trouble, the newest."""
    newest: dict[tuple[str, str], ProxyComplaint] = {}
    for found in (one for log in digests if not log.previous for one in _of(log)):
        known = newest.get((found.trouble, found.host))
        if known is None or _later(found, known):
            newest[found.trouble, found.host] = found
    return tuple(newest.values())


def _of(log: LogDigest) -> Iterator[ProxyComplaint]:
    for group in log.groups:
        host = _HOST.search(group.text)
        trouble = next((name for name, pattern in _TROUBLES if pattern.search(group.text)), None) if host else None
        if host and trouble:
            seen = Observation("logs", f"{log.where}:L{group.last_line}", group.text[:300], group.last_at)
            yield ProxyComplaint(trouble, host["host"].lower(), seen)


def _later(one: ProxyComplaint, other: ProxyComplaint) -> bool:
    at, known = one.observation.at, other.observation.at
    return at is not None and (known is None or at > known)
