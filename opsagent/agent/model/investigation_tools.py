"""The read-only tools of an investigation: what a model asks about, answered as a few counted lines.

Each takes what it is about and, where it searches, a pattern; each names first, last, least and most where there are
such. No answer repeats the words of its call: a model that asks for an invented line must not find it there. A call
that cannot be answered as it was put is a slip: it goes back to the model with the right form.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from opsagent.agent.model.log_tools import digest_lines, logs_named, search_lines
from opsagent.agent.model.material import Material
from opsagent.agent.model.object_tools import event_lines, object_text
from opsagent.agent.model.slips import SlipError
from opsagent.agent.model.timeline import timeline_lines
from opsagent.analysis.figures.words import figure, moment
from opsagent.errors import UnknownServiceError
from opsagent.models.evidence import Source
from opsagent.models.figures import Series
from opsagent.models.service import resolve

_FIGURES = 10
_MOST = 15


@dataclass(frozen=True, slots=True)
class InvestigationTool:
    """One tool: what a prompt has of it, whose evidence its answer is, and how it is answered."""

    help: str
    source: Source
    answer: Callable[[Material, str, str], list[str]]  # about, pattern → lines
    citable: bool = True  # what the catalog means by a code is not evidence of an incident


def digest(material: Material, about: str, _: str) -> list[str]:
    """Return the counted lines of a service's, pod's or container's log."""
    return digest_lines(logs_named(material, about))


def search(material: Material, about: str, pattern: str) -> list[str]:
    """Return how often a pattern is in the logs, with its first and last lines."""
    if not pattern:
        raise SlipError('search needs a pattern, for example {"tool": "search", "about": null, "pattern": "timeout"}')
    return search_lines(material, about, pattern)


def events(material: Material, about: str, _: str) -> list[str]:
    """Return the Kubernetes events of an object, counted by reason."""
    return event_lines(material, about)


def show_object(material: Material, about: str, _: str) -> list[str]:
    """Return one object's specification and status."""
    return [object_text(material, about)]


def changes(material: Material, about: str, _: str) -> list[str]:
    """Return what changed in the last hours, revisions included, the newest last."""
    wanted = about.casefold().rpartition("/")[2]
    found = [change for change in material.changes if wanted in change.object.casefold()]
    if not found:
        return ["no such change was seen"]
    return [f"{at.at:%m-%d %H:%M:%S} {at.object}: {at.text}" for at in sorted(found, key=lambda at: at.at)[-_MOST:]]


def figures(material: Material, about: str, _: str) -> list[str]:
    """Return the series of a service, node or metric with first, last, least and most."""
    wanted = about.casefold().rpartition("/")[2]
    found = [series for series in material.series if wanted in f"{series.metric} {series.place}".casefold()]
    if not found:
        names = sorted({series.metric for series in material.series})
        return [f"there is no such figure; metrics: {', '.join(names) or 'none were read'}"]
    return figure_lines(found)


def figure_lines(series: Iterable[Series]) -> list[str]:
    """Return one line a series, those that moved most first."""
    return [line for _, line in sorted(filter(None, map(_range, series)), key=lambda row: -row[0])[:_FIGURES]]


def alerts(material: Material, about: str, _: str) -> list[str]:
    """Return the alerts, and what raised the incident."""
    wanted = about.casefold().rpartition("/")[2]
    lines = [
        f"{alert.name} {alert.state}{f' since {alert.since:%H:%M:%S}' if alert.since else ''}: "
        f"{' '.join(f'{name}={value}' for name, value in sorted(alert.labels.items()))} "
        f"{alert.annotations.get('summary') or alert.annotations.get('description') or ''}".rstrip()
        for alert in material.alerts
    ]
    lines += [f"alarm: {symptom.service or ''} {symptom.text}" for symptom in material.symptoms]
    return [line for line in lines if wanted in line.casefold()][:_MOST] or ["no such alert"]


def timeline(material: Material, about: str, _: str) -> list[str]:
    """Return what happened by time: changes, alarms, alerts, events, and the first lines of failures."""
    return timeline_lines(material, about)


def neighbours(material: Material, about: str, _: str) -> list[str]:
    """Return who calls a service and whom it calls, with the state of each."""
    name = _service(material, about)
    callees, callers = material.calls.calls.get(name, ()), material.calls.callers(name)
    known = f"calls are {'declared' if material.calls.declared else 'inferred'}"
    return [
        f"{_state(material, name)}; {known}",
        *(f"{name} calls {_state(material, callee)}" for callee in callees[:_MOST]),
        *(f"{_state(material, caller)} calls {name}" for caller in callers[:_MOST]),
        *([] if callees or callers else ["nobody is known to call it, and it is not known to call anybody"]),
    ]


def codes(material: Material, about: str, _: str) -> list[str]:
    """Return the codes of a family with their meaning."""
    family = about.casefold().partition(".")[0].strip()
    rows = [row for row in material.catalog.rows if row.family == family]
    if not rows:
        families = sorted({row.family for row in material.catalog.rows})
        _no(f"there is no family {about[:40]!r}", family, families)
    return [f"{row.code}: {row.meaning}" for row in rows]


TOOLS: Mapping[str, InvestigationTool] = {
    "digest": InvestigationTool("counted lines of a log; about: service or pod", "logs", digest),
    "search": InvestigationTool("lines with a pattern (RE2); about: service, pod or null for all", "logs", search),
    "events": InvestigationTool("about: object or null", "events", events),
    "object": InvestigationTool("its spec and status; about: Kind/name", "objects", show_object),
    "changes": InvestigationTool("with revisions; about: object or null", "objects", changes),
    "figures": InvestigationTool("about: service, node or metric", "metrics", figures),
    "alerts": InvestigationTool("about: service or null", "alerts", alerts),
    "timeline": InvestigationTool("about: service or null", "history", timeline),
    "neighbours": InvestigationTool("who calls whom; about: service", "health", neighbours),
    "codes": InvestigationTool("meaning of codes; about: a family, as db", "history", codes, citable=False),
}


def _range(series: Series) -> tuple[float, str] | None:
    known = list(series.known())
    if not known:
        return None
    least, most = min(known, key=lambda point: point[1]), max(known, key=lambda point: point[1])
    told = (f"{word} {figure(value, series)} at {moment(at):%H:%M}" for word, (at, value) in (
        ("first", known[0]), ("last", known[-1]), ("least", least), ("most", most),
    ))  # fmt: skip
    moved = (most[1] - least[1]) / (abs(most[1]) or 1.0)
    return moved, f"{series.metric} of {series.place}: {', '.join(told)}; {len(known)} points"


def _service(material: Material, about: str) -> str:
    names = [*material.calls.calls, *(health.service for health in material.healths)]
    try:
        return resolve(about, material.services).name
    except UnknownServiceError:
        if about in names:
            return about
    return _no(f"there is no service {about[:60]!r}", about, [*names, *(one.name for one in material.services)])


def _state(material: Material, name: str) -> str:
    health = next((health for health in material.healths if health.service == name), None)
    symptoms = [symptom.text for symptom in (health.symptoms if health else ())][:2]
    return f"{name} ({'; '.join([health.state if health else 'state not known', *symptoms])})"


def _no(said: str, wanted: str, known: Iterable[str]) -> NoReturn:
    names = list(dict.fromkeys(known))
    near = get_close_matches(wanted, names, n=3, cutoff=0.4) or names[:12]
    raise SlipError(f"{said}; known: {', '.join(near) or 'none'}")


def offered() -> Iterator[str]:
    """Yield the tools as a prompt names them: "digest (counted lines of a log; about: service or pod)"."""
    return (f"{name} ({tool.help})" for name, tool in TOOLS.items())
