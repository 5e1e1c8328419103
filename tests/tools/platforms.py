"""A tiny platform made of plain records, for what no server would state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from opsagent.errors import CheckError, NotCheckedError, NotFoundError
from opsagent.models.observed import HealthAnswer, KubeObject, LogRef, StatsSample, Where
from opsagent.models.service import Service

Log = bytes | list[bytes | CheckError] | CheckError


@dataclass
class Records:
    """A platform that answers what it was given; a CheckError in place of an answer is raised."""

    samples: tuple[StatsSample, ...] = ()
    kinds: dict[str, Any] = field(default_factory=dict)  # kind -> list of objects, or CheckError
    texts: dict[str, Log] = field(default_factory=dict)  # "pod/container[.previous]" -> log
    healths: dict[str, Any] = field(default_factory=dict)  # service -> HealthAnswer or CheckError
    asked: list[dict[str, Any]] = field(default_factory=list)
    live: bool = False
    where: Where = field(default_factory=lambda: Where("shop"))

    def now(self) -> datetime:
        """Return a fixed time."""
        return datetime(2026, 11, 22, 12, tzinfo=UTC)

    def stats(self) -> tuple[StatsSample, ...]:
        """Return the samples."""
        return self.samples

    def health(self, service: Service) -> HealthAnswer:
        """Return the check of a service."""
        look = self.healths.get(service.name, NotCheckedError(f"no health of {service.name}", source="health"))
        if isinstance(look, CheckError):
            raise look
        assert isinstance(look, HealthAnswer)
        return look

    def list(self, kind: str, namespace: str | None = None) -> tuple[KubeObject, ...]:
        """Return the objects of a kind."""
        found = self.kinds.get(kind, ())
        if isinstance(found, CheckError):
            raise found
        return tuple(found)

    def get(self, kind: str, name: str) -> KubeObject:
        """Return one object."""
        for item in self.list(kind):
            if item["metadata"]["name"] == name:
                return item
        raise NotFoundError(f"no {kind} {name}", source=kind.lower())

    def logs(self, namespace: str | None = None) -> tuple[LogRef, ...]:
        """Return a log a text."""
        refs = []
        for key in self.texts:
            pod, container = key.split("/")
            previous = container.endswith(".previous")
            container = container.removesuffix(".previous")
            refs.append(LogRef(f"logs/{key}.log", pod, container, previous, service=pod.rsplit("-", 1)[0]))
        return tuple(refs)

    def read_log(
        self,
        ref: LogRef,
        *,
        tail: int | None = None,
        since_s: int | None = None,
        since_time: datetime | None = None,
        follow: bool = False,
    ) -> Iterator[bytes]:
        """Yield a text in its chunks."""
        self.asked.append({"tail": tail, "since_s": since_s, "follow": follow})
        text = self.texts[ref.where.removeprefix("logs/").removesuffix(".log")]
        for chunk in text if isinstance(text, list) else [text]:
            if isinstance(chunk, CheckError):
                raise chunk
            yield chunk

    def may(self, verb: str, resource: str, subresource: str = "") -> bool | None:
        """State that it is not known."""
        return None

    def declared_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """Return none."""
        return {}
