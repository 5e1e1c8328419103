"""What is asked of a cluster, without loading the package that answers it."""

from typing import Protocol

from opsagent.clients.answer import HttpAnswer
from opsagent.clients.body import MB


class ClusterChecks(Protocol):
    """The part of `clients.cluster.Cluster` that reaching a service needs."""

    def proxy(
        self, namespace: str, service: str, path: str, *, source: str, timeout_s: float, max_body: int = MB
    ) -> HttpAnswer:
        """GET a path of a Service through the API server."""

    def prove(self, *, since: float | None = None) -> None:
        """Return where the API server answered since then; raises CheckError."""
