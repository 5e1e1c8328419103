"""Log lines that a collector wrapped into JSON: Docker, Fluent Bit, Filebeat, Vector, Loki, stern, journald, GCP."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from opsagent.clients.handed_over.owners import NOBODY, Owner

_TEXTS = ("log", "message", "line", "MESSAGE", "textPayload", "body", "msg")
_TIMES = ("__REALTIME_TIMESTAMP", "time", "@timestamp", "timestamp", "ts", "date", "timeStamp")
_LEVELS = ("level", "severity", "log.level", "severityText", "levelname", "lvl")
# Where collectors put the names, one row a way of writing; the first that names a pod counts.
_NAMES = {
    "pod": ("pod_name", "pod.name", "podName", "pod", "k8s.pod.name", "k8s_pod_name", "io.kubernetes.pod.name"),
    "container": ("container_name", "container.name", "containerName", "container", "k8s.container.name",
                  "io.kubernetes.container.name"),
    "namespace": ("namespace_name", "namespace", "pod_namespace", "namespace.name", "k8s.namespace.name",
                  "io.kubernetes.pod.namespace"),
}  # fmt: skip
_PLACES = ("", "kubernetes", "labels", "stream", "resource", "resource.labels", "resource.attributes", "k8s",
           "metadata", "docker", "attrs")  # fmt: skip
_JOURNAL_POD = re.compile(r"^k8s_(?P<container>[^_]+)_(?P<pod>[^_]+)_(?P<namespace>[^_]+)_")
_SPLIT_AT = 16_000  # characters; Docker cuts a longer line into records of 16 KiB, and only its last ends in \n
_LARGEST = 1024 * 1024  # bytes of a line that is parsed
_JOURNAL_LEVELS = ("EMERG", "ALERT", "CRITICAL", "ERROR", "WARNING")  # priorities 0 to 4; the others report nothing


class Wrapped(NamedTuple):
    """One record taken out of its JSON."""

    owner: Owner
    text: bytes
    ends: bool = True
    stream: bytes = b""


def record_of(line: bytes) -> Wrapped | None:
    """Return the record that a line of JSON wraps; None where a program's own JSON, or none, is on the line."""
    if line[:1] != b"{" or len(line) > _LARGEST:
        return None
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return of_document(document, line) if isinstance(document, dict) else None


def of_document(document: Mapping[str, Any], line: bytes | None = None) -> Wrapped | None:
    """Return the record in a document; `line`: the document as written, where it is a line of its own."""
    source = document.get("_source")
    if isinstance(source, dict):
        return of_document(source)
    if "MESSAGE" in document and ("__REALTIME_TIMESTAMP" in document or "_HOSTNAME" in document):
        return _journal(document)
    owner = _owner(document)
    docker = isinstance(document.get("log"), str) and "stream" in document
    if owner == NOBODY and not docker:
        return None
    text = next((document[key] for key in _TEXTS if isinstance(document.get(key), str)), None)
    states = any(isinstance(_at(document, key), str) for key in _LEVELS)
    if text is None or (states and not text.lstrip().startswith("{")):
        # What the collector parsed, the level above all, is in its own fields: the record is the document.
        return Wrapped(owner, line if line is not None else json.dumps(document).encode())
    stream = document.get("stream")
    ends = text.endswith("\n") or (len(text) < _SPLIT_AT and document.get("logtag") != "P")
    return Wrapped(owner, _stamped(document, text), ends, str(stream).encode() if isinstance(stream, str) else b"")


def records_in(document: object) -> Iterator[Wrapped]:
    """Yield the records of a document that holds many: answers of Loki and Elasticsearch, a list of entries."""
    if isinstance(document, list):
        for entry in document:
            found = of_document(entry) if isinstance(entry, dict) else None
            if found is not None:
                yield found
        return
    hits = _at(document, "hits.hits") if isinstance(document, dict) else None
    if isinstance(hits, list):
        yield from records_in(hits)
        return
    streams = _at(document, "data.result") if isinstance(document, dict) else None
    for one in streams if isinstance(streams, list) else ():
        labels, values = (one.get("stream"), one.get("values")) if isinstance(one, dict) else (None, None)
        if isinstance(labels, dict) and isinstance(values, list):
            owner = _owner({"labels": labels})
            pairs = (pair for pair in values if isinstance(pair, list) and len(pair) >= 2)
            for at, text in sorted((str(pair[0]), str(pair[1])) for pair in pairs):
                yield Wrapped(owner, _stamped({"ts": at}, text))


def _owner(document: Mapping[str, Any]) -> Owner:
    for place in _PLACES:
        found = _at(document, place) if place else document
        if not isinstance(found, dict):
            continue
        names = {key: _first(found, ways) for key, ways in _NAMES.items()}
        service = _first(found, ("service_name", "app", "job", "compose_service", "com.docker.compose.service"))
        if names["pod"] or (place in ("labels", "stream", "attrs") and (names["container"] or service)):
            return Owner(names["namespace"], names["pod"], names["container"], None if names["pod"] else service)
    return NOBODY


def _first(found: Mapping[str, Any], ways: tuple[str, ...]) -> str | None:
    values = (_at(found, way) for way in ways)
    return next((value for value in values if isinstance(value, str) and value), None)


def _at(found: Mapping[str, Any], path: str) -> Any:
    """Return the value under a dotted path, whether its dots are part of a name or lead into an object."""
    if path in found:
        return found[path]
    value: Any = found
    for step in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _journal(document: Mapping[str, Any]) -> Wrapped | None:
    text = document["MESSAGE"]
    if isinstance(text, list):  # journald writes what is not an UTF-8 as a list of bytes
        text = bytes(part for part in text if isinstance(part, int) and 0 <= part < 256).decode("utf-8", "replace")
    if not isinstance(text, str):
        return None
    named = _JOURNAL_POD.match(str(document.get("CONTAINER_NAME") or ""))
    if named or document.get("CONTAINER_NAME"):
        owner = Owner(named["namespace"], named["pod"], named["container"]) if named else NOBODY
        service = None if named else str(document["CONTAINER_NAME"])
        return Wrapped(owner._replace(service=service), _stamped(document, text))
    who = document.get("SYSLOG_IDENTIFIER") or document.get("_COMM") or document.get("_SYSTEMD_UNIT")
    priority = str(document.get("PRIORITY", ""))
    level = f"{_JOURNAL_LEVELS[int(priority)]} " if priority in ("0", "1", "2", "3", "4") else ""
    name = f"{who}[{document['_PID']}]: " if who and document.get("_PID") else f"{who}: " if who else ""
    return Wrapped(NOBODY, _stamped(document, f"{level}{name}{text}"))


def _stamped(document: Mapping[str, Any], text: str) -> bytes:
    """Put the collector's time before the text, as `kubectl logs --timestamps` does."""
    at = next((moment for key in _TIMES if (moment := _moment(document.get(key)))), "")
    text = text.removesuffix("\n")
    return (f"{at} {text}" if at else text).encode("utf-8", "replace")


def _moment(value: object) -> str:
    """Return a time as Kubernetes writes it: from text, or from seconds to nanoseconds since 1970."""
    if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
        at = value.strip().replace(" ", "T", 1)
        return at if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", at) else ""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return ""
    for scale in (1e9, 1e6, 1e3, 1.0):
        if 1e9 <= number / scale < 1e10:
            return datetime.fromtimestamp(number / scale, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return ""
