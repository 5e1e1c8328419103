"""Bad input, on order: rules that make a server answer wrongly."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ServedRequest:
    """One request, as far as rules check it."""

    side: str  # "stats" (the load balancer) or "api" (Kubernetes)
    method: str
    path: str
    verb: str = ""  # get, list, watch, create, update, patch, delete
    group: str = ""
    resource: str = ""  # plural
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    query: dict[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Return the resource as RBAC rules name it: "pods", "deployments/scale"."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    @property
    def writes(self) -> bool:
        """Return whether it changes an object: a dry run does not."""
        return self.verb in ("patch", "update") and not self.query.get("dryRun")


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A complete answer that is in for the true one."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class ApiRefusal:
    """A Kubernetes error; the server words it for the request."""

    code: int
    reason: str
    message: str = ""
    retry_after_s: int | None = None


def _always(request: ServedRequest) -> bool:  # noqa: ARG001 - a rule's signature
    return True


@dataclass(slots=True)
class Fault:
    """What happens to the requests that match, `times` times (None: until cleared).

    Make one with a constructor; `only(...)` narrows it down.
    """

    side: str
    match: Callable[[ServedRequest], bool] = _always
    reply: CannedReply | ApiRefusal | None = None
    delay_s: float = 0.0  # real seconds
    refuse: bool = False  # the load balancer's port is closed
    reset_after: bool = False  # do what was asked, then break the connection without an answer
    cut_log_at: int | None = None  # bytes of a log stream, then the connection breaks
    denies: tuple[str, str] | None = None  # verb and target that access reviews deny, too
    times: int | None = None

    def only(self, *, verb: str | None = None, target: str | None = None, name: str | None = None) -> "Fault":
        """Return this fault for one verb, one target ("pods/log") or one object's name alone."""
        wider = self.match

        def match(request: ServedRequest) -> bool:
            meets = (verb in (None, request.verb), target in (None, request.target), name in (None, request.name))
            return all(meets) and wider(request)

        return replace(self, match=match)

    # -- the load balancer ---------------------------------------------------------------------------------------------

    @classmethod
    def refused(cls) -> "Fault":
        """Close the load balancer's port."""
        return cls("stats", refuse=True)

    @classmethod
    def slow(cls, seconds: float, side: str = "stats") -> "Fault":
        """Answer only after so many real seconds."""
        return cls(side, delay_s=seconds)

    @classmethod
    def stats(cls, body: bytes | str, status: int = 200, content_type: str = "application/json") -> "Fault":
        """Answer /stats with any body."""
        raw = body.encode() if isinstance(body, str) else body
        return cls("stats", reply=CannedReply(status, raw, content_type))

    @classmethod
    def stats_500(cls) -> "Fault":
        """Answer /stats with 500."""
        return cls.stats("internal server error\n", 500, "text/plain")

    @classmethod
    def html(cls) -> "Fault":
        """Answer /stats with a page of HTML."""
        return cls.stats("<!doctype html><html><body><h1>Welcome</h1></body></html>", 200, "text/html")

    @classmethod
    def half_json(cls) -> "Fault":
        """Answer /stats with half a JSON object."""
        return cls.stats('{"api-gateway":{"info":"Proxying API requests","service_st')

    @classmethod
    def wrong_types(cls) -> "Fault":
        """Answer /stats with JSON in which nothing has the type that it should have."""
        return cls.stats(
            '{"api-gateway":[1,2],"auth":null,"blog_service":"online","user_service":{"service_status":7,"cache":[]},'
            '"cache":3,"database":true,"load-balancer":{"requests_per_second":"many","avg_response_time_ms":null,'
            '"success_rate":{},"total_requests":[],"status":0}}'
        )

    # -- Kubernetes ----------------------------------------------------------------------------------------------------

    @classmethod
    def unauthorized(cls) -> "Fault":
        """Answer 401, as to an expired token."""
        return cls("api", reply=ApiRefusal(401, "Unauthorized", "Unauthorized"))

    @classmethod
    def forbidden(cls, verb: str, target: str) -> "Fault":
        """Answer 403 to one verb on one resource ("pods/log", "deployments/scale"); access reviews state it, too.

        "*" stands for every verb, or every target.
        """

        def match(request: ServedRequest) -> bool:
            return verb in ("*", request.verb) and target in ("*", request.target)

        return cls("api", match, ApiRefusal(403, "Forbidden"), denies=(verb, target))

    @classmethod
    def not_found(cls, target: str, name: str | None = None) -> "Fault":
        """Answer 404 for one object, or each object of a resource, as if it vanished after the list."""
        fault = cls("api", lambda request: bool(request.name), ApiRefusal(404, "NotFound"))
        return fault.only(target=target, name=name)

    @classmethod
    def vanished(cls, pod: str) -> "Fault":
        """Answer 404 for a pod and its logs, though lists still name it."""
        return cls("api", lambda r: r.resource == "pods" and r.name == pod, ApiRefusal(404, "NotFound"))

    @classmethod
    def conflict(cls, times: int = 1) -> "Fault":
        """Answer 409 to the next writes."""
        return cls("api", lambda r: r.writes, ApiRefusal(409, "Conflict"), times=times)

    @classmethod
    def gone(cls, times: int | None = None) -> "Fault":
        """Answer 410 to a list that goes on with a continue token."""
        message = "The provided continue parameter is too old to display a consistent list result."
        return cls("api", lambda r: "continue" in r.query, ApiRefusal(410, "Expired", message), times=times)

    @classmethod
    def too_many(cls, times: int, retry_after_s: int = 1) -> "Fault":
        """Answer 429 with Retry-After to the next requests."""
        message = "Too many requests, please try again later."
        return cls("api", reply=ApiRefusal(429, "TooManyRequests", message, retry_after_s), times=times)

    @classmethod
    def kubelet_away(cls) -> "Fault":
        """Answer 500 to logs, as when the node's kubelet does not answer."""
        url = "https://192.168.49.2:10250/containerLogs"
        message = f'Get "{url}": dial tcp 192.168.49.2:10250: connect: connection refused'
        return cls("api", lambda r: r.subresource == "log", ApiRefusal(500, "InternalError", message))

    @classmethod
    def broken_log(cls, after_bytes: int) -> "Fault":
        """Break log streams off after so many bytes, without the end of the stream."""
        return cls("api", lambda r: r.subresource == "log", cut_log_at=after_bytes)

    @classmethod
    def reset_after_write(cls, times: int = 1) -> "Fault":
        """Carry the next write out, then break the connection without an answer; a dry run writes nothing."""
        return cls(
            "api", lambda r: r.verb in ("patch", "update") and not r.query.get("dryRun"), reset_after=True, times=times
        )

    @classmethod
    def body(cls, raw: bytes | str, status: int = 200, content_type: str = "application/json") -> "Fault":
        """Answer Kubernetes requests with any body; narrow it down with `only`."""
        data = raw.encode() if isinstance(raw, str) else raw
        return cls("api", reply=CannedReply(status, data, content_type))


class Faults:
    """The rules in force. The first that matches counts."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self.on_change: Callable[[], None] = lambda: None  # the sandbox opens and closes its door at once
        self._counting = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Put rules in force."""
        self.rules = [*self.rules, *faults]
        self.on_change()

    def remove(self, fault: Fault) -> None:
        """Take one rule out."""
        self.rules = [rule for rule in self.rules if rule is not fault]
        self.on_change()

    def clear(self) -> None:
        """Take all rules out."""
        self.rules = []
        self.on_change()

    def take(self, request: ServedRequest) -> Fault | None:
        """Return the fault for a request, and count it."""
        with self._counting:
            for rule in self.rules:
                if rule.side == request.side and not rule.refuse and rule.times != 0 and rule.match(request):
                    if rule.times is not None:
                        rule.times -= 1
                    return rule
        return None

    @property
    def refusing(self) -> bool:
        """Return whether the load balancer's port is to be closed."""
        return any(rule.refuse for rule in self.rules)

    def denied(self, attributes: dict[str, Any]) -> bool:
        """Return whether an access review's resourceAttributes are denied."""
        part = attributes.get("subresource")
        target = f"{attributes.get('resource')}/{part}" if part else str(attributes.get("resource"))
        wanted = (attributes.get("verb"), target)
        pairs = [rule.denies for rule in self.rules if rule.denies is not None]
        return any(verb in ("*", wanted[0]) and what in ("*", target) for verb, what in pairs)
