"""Who opsagent is for an API server: whether it answers, whose clock it has, and what this identity may do there."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from opsagent.clients.answer import HttpAnswer
from opsagent.clients.api import Api
from opsagent.clients.kube_answers import review, version_of
from opsagent.clients.kubeconfig import connect
from opsagent.config.settings import KubernetesSettings


@dataclass(frozen=True, slots=True)
class Greeting:
    """How an API server answered to GET /version."""

    server: str
    context: str
    version: str
    took_s: float
    skew_s: float | None  # its clock minus ours, to about a second; None where it named no time


class Identity:
    """One identity at one API server."""

    def __init__(self, settings: KubernetesSettings) -> None:
        """Read the kubeconfig; NoClusterError or UnauthorizedError where it cannot be used. Nothing is requested."""
        connection = connect(settings)
        self._api = Api(connection, settings.timeout_s)
        self._context = connection.context

    def greet(self) -> Greeting:
        """GET /version once; raises CheckError where nobody answered successfully."""
        before, started = datetime.now(UTC), time.monotonic()
        answer, version = version_of(self._api, self._api.timeout_s)
        took = time.monotonic() - started
        theirs = _date(answer)
        ours = before.timestamp() + took / 2
        # The header has whole seconds: half of one is the best guess of what it cut off.
        skew = theirs.timestamp() + 0.5 - ours if theirs else None
        return Greeting(self._api.server, self._context, version or "an unnamed version", took, skew)

    def may(
        self, verb: str, group: str, resource: str, subresource: str = "", *, namespace: str | None, name: str = ""
    ) -> bool | None:
        """Ask by SelfSubjectAccessReview (without a namespace: for the complete cluster); None where nobody can state.

        Raises CheckError where the review itself failed.
        """
        asked = {"verb": verb, "group": group, "resource": resource, "subresource": subresource, "name": name}
        return review(self._api, {key: value for key, value in (asked | {"namespace": namespace}).items() if value})


def _date(answer: HttpAnswer) -> datetime | None:
    try:
        at = parsedate_to_datetime(answer.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
