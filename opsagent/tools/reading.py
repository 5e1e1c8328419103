"""The nine reading tools, bound to a platform, for the graph, the model and other clients."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from opsagent.models.platform import Platform
from opsagent.models.service import Service
from opsagent.redact import Redactor, redact_json
from opsagent.tools import kubectl, logs, stats

if TYPE_CHECKING:
    from opsagent.models.observed import Skipped

Tool = Callable[..., dict[str, Any]]
MOST_MATCHES = 200


def bound_tools(platform: Platform, services: Iterable[Service], redact: Redactor | None = None) -> tuple[Tool, ...]:
    """Return the nine reading tools by the design's names.

    Each has the docstring of its function, a signature without what is bound here, and returns a JSON object; it
    raises OpsagentError as its function does.
    """
    known = tuple(services)
    redactor = redact or Redactor()
    bound = {"platform": platform, "services": known, "redact": redactor}

    def search(service: str, pattern: str, since: str | None = None, tail: int | None = None) -> dict[str, Any]:
        skipped: list[Skipped] = []
        found = logs.search_logs(
            platform, known, service, pattern, since=since, tail=tail, redact=redactor, on_skip=skipped.append
        )
        matches = list(islice(found, MOST_MATCHES + 1))
        return {
            "matches": [asdict(match) for match in matches[:MOST_MATCHES]],
            "more": len(matches) > MOST_MATCHES,
            "not_checked": [asdict(skip) for skip in skipped],
        }

    search.__name__ = search.__qualname__ = "search_logs"
    search.__doc__ = logs.search_logs.__doc__
    tools = (
        stats.get_system_stats,
        stats.get_service_status,
        stats.get_traffic_metrics,
        stats.check_health,
        kubectl.list_pods,
        kubectl.describe_pod,
        kubectl.get_pod_logs,
        logs.get_service_logs,
    )
    return (*(_bind(tool, bound) for tool in tools), search)


def _bind(tool: Callable[..., Any], bound: dict[str, Any]) -> Tool:
    signature = inspect.signature(tool)
    given = {name: value for name, value in bound.items() if name in signature.parameters}
    open_parameters = [entry for name, entry in signature.parameters.items() if name not in given]
    redactor: Redactor = bound["redact"]

    def call(*args: Any, **kwargs: Any) -> dict[str, Any]:
        named = call_signature.bind(*args, **kwargs).arguments
        answer = asdict(tool(**given, **named))
        answer.pop("sample", None)  # the same body once more, kept for trends
        result: dict[str, Any] = redact_json(_plain(answer), redactor)
        return result

    call_signature = signature.replace(parameters=open_parameters, return_annotation=dict[str, Any])
    call.__name__ = call.__qualname__ = tool.__name__
    call.__doc__ = tool.__doc__
    call.__annotations__ = {entry.name: entry.annotation for entry in open_parameters} | {"return": dict[str, Any]}
    setattr(call, "__signature__", call_signature)  # noqa: B010 - functions have no such attribute for mypy
    return call


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value
