"""What a text is, recognised by its content alone: objects, samples of /stats, log lines, or nothing that is known."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opsagent.clients.handed_over.describe_objects import events_of, objects_of
from opsagent.clients.handed_over.event_rows import event
from opsagent.clients.handed_over.health import ONE_LINE, health_records
from opsagent.clients.handed_over.metrics_text import SIGN, metrics_records
from opsagent.clients.handed_over.owners import NOBODY, Owner
from opsagent.clients.handed_over.quoting import unquoted
from opsagent.clients.handed_over.rows import kind_of_table, object_of
from opsagent.clients.handed_over.split import Part, parts_of
from opsagent.clients.handed_over.tables import cells
from opsagent.clients.handed_over.wrapped import Wrapped, records_in
from opsagent.models.observed import KubeObject

# What no log without kubectl output has at the beginning of a line; most logs are spared the reading.
_SIGN = re.compile(
    r"^(?:(?:>|&gt;|│|┃) ?)?(?:\s*(?:Name:\s+[a-z0-9]|(?:NAME|NAMESPACE|LAST SEEN|FIRST SEEN) +[A-Z]|apiVersion:)"
    r"|(?:- )?(?:kind|items):|.*\bREASON\s{2,}.*\bMESSAGE\b|\s*(?:\S+\s+)?\d+[smhd]\S*.{2,30}(?:Normal|Warning) "
    r"|[{\[]\s*$"
    r"|[{\[].*\"(?:kind|apiVersion|service_status)\")",
    re.MULTILINE,
)
_COLOUR = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]")
_LEAST = 3  # characters: what is shorter is punctuation between two outputs
_OWNERS = 20  # logs that one paste shows by its commands
_NOTES = 20  # about one text
_CRAMPED = 200_000  # lines; in a longer text a log does not keep the numbers of its lines


@dataclass(slots=True)
class HandedOver:
    """A text taken apart."""

    objects: list[KubeObject] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)  # kinds that were listed in full, even where the list is empty
    stats: list[dict[str, Any]] = field(default_factory=list)  # bodies of GET /stats
    logs: dict[Owner, list[tuple[int, str]]] = field(default_factory=dict)  # (line, text) of whatever else there is
    records: list[Wrapped] = field(default_factory=list)  # of documents that hold log records
    lines: int = 0
    relative: bool = False  # whether times in it are ages, which count back from when it was printed
    odd: list[str] = field(default_factory=list)  # what looked like a known form and could not be read

    @property
    def structured(self) -> bool:
        """Whether anything but log lines was recognised."""
        return bool(self.objects or self.looked or self.stats or self.records or set(self.logs) - {NOBODY})

    @property
    def log(self) -> list[tuple[int, str]]:
        """Return all lines that are left, in their order."""
        return sorted(row for rows in self.logs.values() for row in rows)

    def texts(self) -> Iterator[tuple[Owner, str]]:
        """Yield what is left as logs, blank lines where something else was: a place in it is a place in the text."""
        for owner, rows in self.logs.items():
            if not any(len(text.strip()) >= _LEAST for _, text in rows):
                continue
            if self.lines > _CRAMPED:
                yield owner, "".join(f"{text}\n" for _, text in rows)
            else:
                by_line = dict(rows)
                yield owner, "".join(f"{by_line.get(number, '')}\n" for number in range(1, max(by_line) + 1))


def recognise(text: str, now: datetime) -> HandedOver:
    """Take a text apart; ages in it count back from `now` (aware)."""
    out = HandedOver()
    text = text.replace("\r\n", "\n")
    text = unquoted(uncoloured(text))
    out.lines = text.count("\n")
    out.records += metrics_records(text)
    if out.records:
        return out
    for part in parts_of(text):
        _take(part, out, now)
    out.objects = joined(out.objects)
    del out.odd[_NOTES:]
    return out


def uncoloured(text: str) -> str:
    """Return a text without colours: what kubecolor prints is what kubectl prints."""
    return _COLOUR.sub("", text) if "\x1b[" in text else text


def recognise_document(text: str) -> HandedOver | None:
    """Return what a text holds that is one document of JSON; None where it is anything else."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    out = HandedOver()
    if not _document(document, out):
        return None
    out.objects = joined(out.objects)
    return out


def is_document(head: str) -> bool:
    """Return whether a text begins as JSON of Kubernetes objects."""
    return head.lstrip()[:1] in ("{", "[") and '"kind"' in head and '"apiVersion"' in head


def may_be_structured(text: str) -> bool:
    """Return whether a text, or the beginning of one, shows a known form besides log lines."""
    return bool(_SIGN.search(text) or ONE_LINE.search(text) or SIGN.search(text))


def is_stats(document: object) -> bool:
    """Return whether a JSON document is a body of GET /stats: entries that state how a service is."""
    if not isinstance(document, dict) or "kind" in document or "apiVersion" in document:
        return False
    entries = [entry for entry in document.values() if isinstance(entry, dict)]
    return any("service_status" in entry for entry in entries) and len(entries) * 2 >= len(document)


def _take(part: Part, out: HandedOver, now: datetime) -> None:
    namespace = part.command.namespace if part.command else None
    asked_for = part.command.kind if part.command else None
    if part.kind == "table" and part.head is not None:
        _table(part, out, now, kind_of_table(part.head.names, asked_for), namespace)
    elif part.kind == "describe":
        found = objects_of(part.lines, now, asked_for)
        out.objects += found
        out.relative = True
        if not found:
            out.odd.append(f"line {part.line}: a description of a kind that is not known")
    elif part.kind == "events" and part.command is not None:
        about = (str(part.command.kind), str(part.command.name))
        out.objects += events_of(part.lines[part.lines[0].strip() == "Events:" :], now, namespace, about)
        out.relative = True
    elif part.kind in ("json", "yaml"):
        documents = [part.document] if part.kind == "json" else list(_documents(part, out))
        for document in documents:
            if not _document(document, out):
                _no_objects(document, out, part)
    else:
        _left(part, out)


def _left(part: Part, out: HandedOver) -> None:
    """Keep lines as a log: whose it is, the command above them shows."""
    owner = part.command.owner if part.command is not None and part.command.logs else NOBODY
    rows = out.logs.setdefault(owner if len(out.logs) < _OWNERS else NOBODY, [])
    rows += [(part.line + place, line) for place, line in enumerate(part.lines)]


def _documents(part: Part, out: HandedOver) -> Iterator[Any]:
    # Late: it costs 30 ms, and only a manifest needs it.
    import yaml  # noqa: PLC0415

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.load_all("\n".join(part.lines), Loader=loader)
    except yaml.YAMLError as error:
        out.odd.append(f"line {part.line}: YAML that cannot be read: {str(error).splitlines()[0]}")


def _document(document: Any, out: HandedOver) -> bool:
    """Take the objects, samples or records of a document; False where it holds none."""
    if is_stats(document):
        out.stats.append(document)
        return True
    kind = document.get("kind") if isinstance(document, dict) else None
    if isinstance(kind, str) and kind.endswith("List") and isinstance(document.get("items") or [], list):
        if kind != "List":
            out.looked.add(kind.removesuffix("List"))
        given = None if kind == "List" else kind.removesuffix("List")
        items = (
            {**item, "kind": item.get("kind") or given}
            for item in document.get("items") or ()
            if isinstance(item, dict)
        )
        out.objects += [plain(item) for item in items if _is_object(item)]
    elif isinstance(document, list) and document and all(_is_object(item) for item in document):
        out.objects += [plain(item) for item in document]
    elif _is_object(document):
        out.objects.append(plain(document))
    else:
        records = list(records_in(document)) or list(health_records(document))
        out.records += records
        return bool(records)
    return True


def _no_objects(document: Any, out: HandedOver, part: Part) -> None:
    """Leave a document that is not an object to the log it may be a record of."""
    if document is None:
        return
    if len(part.lines) > 1:
        out.odd.append(f"line {part.line}: JSON or YAML that holds no Kubernetes object")
    _left(part, out)


def plain(value: Any) -> Any:
    """Return a YAML document with its times as text, as JSON has them."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _is_object(item: object) -> bool:
    return isinstance(item, Mapping) and isinstance(item.get("kind"), str) and isinstance(item.get("metadata"), dict)


def _table(part: Part, out: HandedOver, now: datetime, kind: str | None, namespace: str | None) -> None:
    assert part.head is not None
    if kind is None:
        out.odd.append(f"line {part.line}: a table of a kind that is not known ({', '.join(part.head.names)})")
        return
    last: KubeObject | None = None
    for line in part.lines if part.headless else part.lines[1:]:
        row = cells(line, part.head)
        found = None
        if row is not None:
            about = event(row, now, namespace=namespace) if kind == "Event" else object_of(kind, row, now, namespace)
            found = about
        if found is not None:
            out.objects.append(found)
            last = found
        elif kind == "Event" and last is not None and line.strip():
            last["message"] = f"{last['message']} {line.strip()}".strip()
    out.looked.add(kind)
    out.relative = True


def joined(objects: Iterable[KubeObject]) -> list[KubeObject]:
    """Merge what several outputs print of the same object: a description completes a row."""
    out: dict[tuple[str, str, str], KubeObject] = {}
    for item in objects:
        meta = item["metadata"]
        key = (item["kind"], str(meta.get("namespace") or ""), str(meta.get("name")))
        if item["kind"] == "Event":
            key = ("Event", key[1], f"{meta.get('name')}:{len(out)}")
        known = next((place for place in (key, (key[0], "", key[2])) if place in out), None)
        if known is None:
            out[key] = item
        else:
            out[known] = _fuller(out[known], item)
    return list(out.values())


def _fuller(first: KubeObject, second: KubeObject) -> KubeObject:
    fuller, other = sorted((first, second), key=lambda item: -len(str(item)))
    merged = {**other, **fuller}
    for key in ("metadata", "spec", "status"):
        if isinstance(first.get(key), dict) and isinstance(second.get(key), dict):
            merged[key] = {**other[key], **fuller[key]}
    return merged
