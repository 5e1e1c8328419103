"""The services of a platform and the many names that people give them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from opsagent.errors import UnknownServiceError


@dataclass(frozen=True, slots=True)
class Service:
    """One service (a patient, or a neighbour of one) under all its names."""

    name: str  # the `app` label, and what operators state: "blog-service"
    deployment: str | None = None  # None where the workload is not a Deployment
    stats_key: str | None = None  # dotted path in the body of GET /stats: "blog_service", "user_service.cache"
    health_url: str | None = None  # in-cluster URL; its host and port name the Kubernetes Service too
    depends_on: tuple[str, ...] = ()  # names of the services that it calls
    local_data: str | None = None  # what a restart erases, in the operator's words: "all posts"; None: nothing known

    def __post_init__(self) -> None:
        object.__setattr__(self, "depends_on", tuple(self.depends_on))

    @property
    def spellings(self) -> frozenset[str]:
        """Every name under which an operator may ask for this service, normalised."""
        host = self.health_url.split("//", 1)[-1].split("/", 1)[0].split(":", 1)[0] if self.health_url else None
        names = {self.name, self.stats_key, self.deployment, host}
        plain = {_normal(name) for name in names if name}
        return frozenset(plain | {name.removesuffix("-service") for name in plain})


@dataclass(frozen=True, slots=True)
class CallGraph:
    """Who calls whom: `calls[a]` are the services that a calls. `declared` is False where it was inferred."""

    calls: dict[str, tuple[str, ...]] = field(default_factory=dict)
    declared: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "calls", {name: tuple(callees) for name, callees in self.calls.items()})

    def below(self, name: str) -> tuple[str, ...]:
        """Return every service that `name` reaches, nearest first, without itself."""
        seen: dict[str, None] = {}
        queue = list(self.calls.get(name, ()))
        while queue:
            callee = queue.pop(0)
            if callee != name and callee not in seen:
                seen[callee] = None
                queue.extend(self.calls.get(callee, ()))
        return tuple(seen)

    def callers(self, name: str) -> tuple[str, ...]:
        """Return the services that call `name` directly."""
        return tuple(caller for caller, callees in self.calls.items() if name in callees)


def resolve(name: str, services: Iterable[Service]) -> Service:
    """Return the one service that `name` spells.

    Accepts the label, the /stats key, the Deployment (with or without `deployment/`), the Kubernetes Service, and each
    of them without its `-service`. Raises UnknownServiceError with the nearest names.
    """
    known = tuple(services)
    wanted = _normal(name.rsplit("/", 1)[-1])
    exact = [service for service in known if _normal(service.name) == wanted]
    hits = exact or [service for service in known if wanted in service.spellings]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise UnknownServiceError(
            f"{name!r} fits several services", hint="use one of: " + ", ".join(service.name for service in hits)
        )
    by_spelling = {spelling: service.name for service in known for spelling in service.spellings}
    near = dict.fromkeys(by_spelling[s] for s in get_close_matches(wanted, by_spelling, n=3, cutoff=0.5))
    names = ", ".join(near) if near else ", ".join(service.name for service in known)
    hint = f"nearest: {names}" if near else f"known: {names}" if names else "no service is known here"
    raise UnknownServiceError(f"there is no service {name!r}", hint=hint)


def _normal(name: str) -> str:
    plain = name.strip().lower().replace("_", "-")
    for prefix in ("local-", "prod-"):
        plain = plain.removeprefix(prefix)
    return plain.removesuffix("-deployment").removesuffix("-container")
