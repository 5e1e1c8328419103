"""A probe as a container specifies it, with the API server's defaults filled in."""

from dataclasses import dataclass
from typing import Any

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.kube import Container
from opsagent.models.observed import KubeObject

_KINDS = (("startupProbe", "startup"), ("livenessProbe", "liveness"), ("readinessProbe", "readiness"))


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe of one container with the API server's defaults filled in."""

    kind: str  # "liveness", "readiness", "startup"
    container: Container
    raw: dict[str, Any]

    @property
    def field(self) -> str:
        """Return its place in the pod."""
        return f"{self.container.field}.{self.kind}Probe"

    @property
    def how(self) -> str:
        """Return how it checks: httpGet, tcpSocket, grpc, exec or ""."""
        return next(
            (how for how in ("httpGet", "tcpSocket", "grpc", "exec") if isinstance(self.raw.get(how), dict)), ""
        )

    @property
    def port(self) -> int | str | None:
        """Return the port that it checks, as written: a number, a name, or None."""
        value = kube.dig(self.raw, self.how, "port") if self.how else None
        if isinstance(value, str):
            return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else value
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def patience_s(self) -> int:
        """Return after how many seconds it first gives a verdict of failure."""
        return self.seconds("initialDelaySeconds", 0) + self.seconds("periodSeconds", 10) * self.seconds(
            "failureThreshold", 3
        )

    def seconds(self, key: str, default: int) -> int:
        """Return one of its numbers."""
        return max(0, kube.integer(self.raw, key, default=default))

    def text(self) -> str:
        """Return it as `kubectl describe` writes it."""
        scheme = kube.text(self.raw, "httpGet", "scheme", default="HTTP").lower() if self.how == "httpGet" else self.how
        path = kube.text(self.raw, "httpGet", "path")
        what = f"[{' '.join(kube.words(self.raw, 'exec', 'command'))}]" if self.how == "exec" else f":{self.port}{path}"
        return (
            f"{scheme} {what} delay={self.seconds('initialDelaySeconds', 0)}s "
            f"timeout={self.seconds('timeoutSeconds', 1)}s period={self.seconds('periodSeconds', 10)}s "
            f"#success={self.seconds('successThreshold', 1)} #failure={self.seconds('failureThreshold', 3)}"
        )


def probes_of(pod: KubeObject) -> list[Probe]:
    """Return all probes of a pod's containers: startup, liveness, readiness."""
    return [
        Probe(kind, container, raw)
        for container in kube.containers(pod)
        if container.group != "ephemeral"
        for key, kind in _KINDS
        if (raw := kube.mapping(container.raw, key))
    ]
