"""The design's tools as a protocol needs them: exactly its names and parameters, errors as text, nothing executed."""

import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from opsagent.errors import OpsagentError
from opsagent.models.platform import CountsPasses
from opsagent.redact import Redactor
from opsagent.serving import incident_tools, orders
from opsagent.serving.source import Source
from opsagent.tools import reading_tools

Tool = Callable[..., dict[str, Any]]
ServerName = Literal["stats", "kubectl", "logs", "incidents", "all"]

# Name by name, and parameter by parameter, the three servers of the design; but one thing has one name: a service is
# `service` in each, where the design has `service_name` in two. That name is understood, too.
_SERVICE = "service"
_AS_DESIGNED = "service_name"
DESIGN: dict[str, dict[str, tuple[str, ...]]] = {
    "stats": {
        "get_system_stats": (),
        "get_service_status": ("service",),
        "get_traffic_metrics": (),
        "check_health": ("service",),
    },
    "kubectl": {
        "list_pods": ("namespace",),
        "describe_pod": ("pod_name",),
        "get_pod_logs": ("pod_name", "tail"),
        "restart_deployment": ("deployment",),
        "scale_deployment": ("deployment", "replicas"),
    },
    "logs": {
        "get_service_logs": ("service", "since", "tail"),
        "search_logs": ("service", "pattern"),
    },
}
# Beyond the design: what an incident's diagnosis found, and questions about it.
INCIDENTS: dict[str, tuple[str, ...]] = {
    "diagnose": ("service",),
    "get_report": ("incident_id",),
    "ask": ("incident_id", "question"),
    "explain": ("code",),
}
CHANGING: dict[str, Callable[..., dict[str, Any]]] = {
    "restart_deployment": orders.restart_deployment,
    "scale_deployment": orders.scale_deployment,
}
OF_INCIDENTS: dict[str, Callable[..., dict[str, Any]]] = {
    "diagnose": incident_tools.diagnose,
    "get_report": incident_tools.get_report,
    "ask": incident_tools.ask,
    "explain": incident_tools.explain,
}
_SEARCH = """Search every log of a service for a regular expression and return the lines that match.

service: any of the service's names. pattern: RE2 syntax (no look-around, no back-references), matched against the line
without its time stamp. Returns up to 200 matches, secrets redacted; `more` states that there are others, and a log that
could not be read is in `not_checked`."""


class RefusedError(Exception):
    """What a tool states in place of an answer: what was tried, what came back, and how to fix it."""


def design_tools(source: Source, server: ServerName, redact: Redactor) -> tuple[Tool, ...]:
    """Return the tools of one of the design's servers, or of all, in its order; each raises RefusedError alone."""
    wanted = {name: given for key, tools in DESIGN.items() if server in (key, "all") for name, given in tools.items()}
    asked = INCIDENTS if server in ("incidents", "all") else {}
    # Bound once for names and docstrings; the services may have to be searched for, and that waits for the first call.
    plain = {tool.__name__: tool for tool in reading_tools(source.platform, (), redact)}
    return tuple(
        _changing(source, name, redact) if name in CHANGING else _reading(source, plain[name], parameters, redact)
        for name, parameters in wanted.items()
    ) + tuple(_of_incidents(source, name, redact) for name in asked)


def _of_incidents(source: Source, name: str, redact: Redactor) -> Tool:
    work = OF_INCIDENTS[name]

    def call(**given: Any) -> dict[str, Any]:
        return work(source, **given)

    signature = inspect.signature(work)
    return _shaped(call, signature, INCIDENTS[name], redact, name=name, doc=inspect.getdoc(work) or "")


def _reading(source: Source, tool: Tool, parameters: tuple[str, ...], redact: Redactor) -> Tool:
    name, most = tool.__name__, source.settings.logs.max_lines

    def call(**given: Any) -> dict[str, Any]:
        if isinstance(source.platform, CountsPasses):
            source.platform.new_pass()
        if "tail" in given and not 0 <= given["tail"] <= most:
            given["tail"] = most  # a protocol's message is no place for a complete log
        now = {tool.__name__: tool for tool in reading_tools(source.platform, source.find_services(), redact)}
        if renamed:
            given[_AS_DESIGNED] = given.pop(_SERVICE)
        return now[name](**given)

    signature = inspect.signature(tool)
    renamed = _AS_DESIGNED in signature.parameters
    if renamed:
        entries = [one.replace(name=_SERVICE) if one.name == _AS_DESIGNED else one
                   for one in signature.parameters.values()]  # fmt: skip
        signature = signature.replace(parameters=entries)
    doc = _SEARCH if name == "search_logs" else _without(tool, parameters).replace("-1 for all", f"{most} at most")
    return _shaped(call, signature, parameters, redact, name=name, doc=doc.replace(f"{_AS_DESIGNED}:", f"{_SERVICE}:"))


def _changing(source: Source, name: str, redact: Redactor) -> Tool:
    order = CHANGING[name]

    def call(**given: Any) -> dict[str, Any]:
        return order(source, **given)

    signature = inspect.signature(order)
    parameters = tuple(signature.parameters)[1:]
    return _shaped(call, signature, parameters, redact, name=name, doc=inspect.getdoc(order) or "")


def _shaped(
    work: Tool, signature: inspect.Signature, parameters: tuple[str, ...], redact: Redactor, *, name: str, doc: str
) -> Tool:
    """Return the tool with the name, the docstring and the parameters that a client is to see."""

    def call(**given: Any) -> dict[str, Any]:
        try:
            return work(**given)
        except OpsagentError as error:
            message = f"{error.message} (fix: {error.hint})" if error.hint else error.message
            raise RefusedError(redact(message)) from error

    kept = [_shown(signature.parameters[name]) for name in parameters]
    call.__name__ = call.__qualname__ = name
    call.__doc__ = doc
    call.__annotations__ = {entry.name: entry.annotation for entry in kept} | {"return": dict[str, Any]}
    setattr(call, "__signature__", inspect.Signature(kept, return_annotation=dict[str, Any]))  # noqa: B010 - functions have no such attribute for mypy
    return call


def _shown(entry: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter as a client sees it; a service may be named as the design names it, too."""
    entry = entry.replace(kind=inspect.Parameter.KEYWORD_ONLY)
    if entry.name != _SERVICE:
        return entry
    # pydantic comes with the SDK, which alone reads this.
    from pydantic import AliasChoices, Field  # noqa: PLC0415

    return entry.replace(
        annotation=Annotated[entry.annotation, Field(validation_alias=AliasChoices(_SERVICE, _AS_DESIGNED))]
    )


def _without(tool: Tool, parameters: tuple[str, ...]) -> str:
    """Return the tool's docstring without the sentences about parameters that the design does not have."""
    doc = inspect.getdoc(tool) or ""
    for name in inspect.signature(tool).parameters:
        if name not in parameters and name != _AS_DESIGNED:
            doc = re.sub(rf"\s*\b{name}: [^.]*\.", "", doc)
    return doc
