"""The logs of a service as they grow."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from opsagent.config.titanium import TITANIUM
from opsagent.errors import TransientCheckError
from opsagent.models.observed import LogRef
from opsagent.models.platform import Platform
from opsagent.models.service import Service
from opsagent.tools.follow import follow_refs
from opsagent.tools.log_query import log_query
from opsagent.tools.logs import service_refs
from tests.tools.platforms import Records

Boxed = Callable[[str], tuple[Any, Any]]


def _followed(
    platform: Platform, services: Iterable[Service], service: str, **query: Any
) -> Iterator[tuple[LogRef, str]]:
    """Follow the logs of a service, as `opsagent logs -f` does."""
    _, refs = service_refs(platform, services, service)
    return follow_refs(platform, refs, log_query(**query))


def test_all_running_containers_are_followed() -> None:
    """Each line comes with its log, secrets redacted; runs that are over are left out."""
    texts: dict[str, Any] = {
        "blog-1/app": b"a\npassword=hunter2-hunter2\n",
        "blog-1/app.previous": b"old\n",
        "blog-2/app": b"b\n",
    }
    platform = Records(texts=texts)
    lines = [(ref.where, line) for ref, line in _followed(platform, (Service("blog"),), "blog", since="1m", tail=5)]
    assert ("logs/blog-1/app.log", "a") in lines
    assert ("logs/blog-2/app.log", "b") in lines
    assert len(lines) == 3
    assert "hunter2" not in repr(lines)
    assert platform.asked == [{"tail": 5, "since_s": 60, "follow": True}] * 2


def test_stream_that_breaks_off_states_it() -> None:
    """The reader sees where a stream ended too early, after all of its lines."""
    platform = Records(texts={"blog-1/app": [b"one\ntw", TransientCheckError("reset", source="logs")]})
    lines = [line for _, line in _followed(platform, (Service("blog"),), "blog")]
    assert lines == ["one", "tw", "[the log breaks off here: reset]"]


def test_lines_come_while_the_stream_is_open(boxed: Boxed) -> None:
    """The first lines of a followed log are there although the container goes on writing."""
    platform, _ = boxed("healthy")
    lines = list(islice(_followed(platform, TITANIUM, "blog", tail=3), 6))
    assert len(lines) == 6
    assert {ref.service for ref, _ in lines} == {"blog-service"}
