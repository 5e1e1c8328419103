"""What an ingress controller could not pass on, joined with what the Ingress shows it to do."""

from typing import Any

import pytest

from opsagent.analysis.evidence.log_facts import Told
from opsagent.analysis.evidence.proxy_complaints import proxy_complaints
from opsagent.analysis.objects.checks import object_findings
from opsagent.models.digest import LogDigest, LogGroup
from tests.analysis.kube_objects import NOW, seen, stack, thing

HOST = 'client: 10.0.0.1, server: shop.example.com, request: "POST /x HTTP/1.1", host: "shop.example.com"'
BODY = f"[error] 31#31: *7 client intended to send too large body: 9 bytes, {HOST}"
SLOW = f"[error] *7 upstream timed out (110: Operation timed out) while reading response header from upstream, {HOST}"
TLS = f"[error] *7 SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking to upstream, {HOST}"  # noqa: E501 - one line of nginx


def written(line: str) -> tuple[LogDigest, ...]:
    group = LogGroup("error", line, 3, 1, 3, NOW, NOW)
    return (LogDigest("logs/controller-1/nginx.log", "controller-1", "nginx", False, None, 3, 100, (group,)),)


def ingress(host: str = "shop.example.com", **annotations: str) -> Any:
    marks = {f"nginx.ingress.kubernetes.io/{key.replace('_', '-')}": value for key, value in annotations.items()}
    back = {"service": {"name": "cart", "port": {"number": 80}}}
    rule = {"host": host, "http": {"paths": [{"path": "/", "backend": back}]}}
    return thing("Ingress", "shop", meta={"annotations": marks}, spec={"rules": [rule]})


@pytest.mark.parametrize(
    ("line", "annotations", "code"),
    [
        (BODY, {"proxy_body_size": "1m"}, "service.limit"),
        (BODY, {}, "service.limit"),
        (SLOW, {"proxy_read_timeout": "5"}, "service.limit"),
        (TLS, {"backend_protocol": "HTTPS"}, "service.protocol-mismatch"),
    ],
)
def test_the_ingress_of_the_host_is_the_one_to_change(line: str, annotations: dict[str, str], code: str) -> None:
    """Its annotation, or the default, is what the controller's line is about; another host's Ingress is not."""

    def found(made: Any) -> list[tuple[str, str | None]]:
        told = Told(proxied=proxy_complaints(written(line)))
        findings = object_findings(seen(*stack(), made), now=NOW, told=told)
        return [(finding.code, finding.object) for finding in findings if finding.strength >= 0.5]

    assert found(ingress(**annotations)) == [(code, "Ingress/shop")]
    assert not found(ingress("other.example.com", **annotations))


def test_a_slow_back_end_behind_the_default_limit_is_only_a_hint() -> None:
    """Nobody set the sixty seconds: the back end is as likely at fault."""
    told = Told(proxied=proxy_complaints(written(SLOW)))
    found = object_findings(seen(*stack(), ingress()), now=NOW, told=told)
    assert [finding.strength for finding in found] == [0.45]
