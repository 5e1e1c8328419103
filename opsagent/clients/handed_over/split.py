"""Cut a pasted text into its parts: commands, JSON and YAML documents, tables, descriptions, and log lines."""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Any, Literal

from opsagent.clients.handed_over.commands import Command, command_of
from opsagent.clients.handed_over.health import ONE_LINE
from opsagent.clients.handed_over.tables import Header, header, header_of_row, is_row

PartKind = Literal["json", "yaml", "table", "describe", "events", "log"]
_JSON = ('"kind"', '"apiVersion"', '"service_status"')
_YAML = re.compile(r"^(?:- )?(?:apiVersion|kind|items):(?:\s|$)")
_YAML_LINE = re.compile(r"^(?:\s|-\s|[A-Za-z][\w./-]*:(?:\s|$)|[\]}#]|$)")
_API_VERSION = re.compile(r"^(?:- |\s*)apiVersion:\s*\S")
_KIND = re.compile(r"^(?:- |\s*)kind:\s*\S")
_DATA = 20_000  # lines of the largest ConfigMap: 1 MiB
_NAME = re.compile(r"^Name:\s+(?P<name>[a-z0-9][a-z0-9.:-]*)\s*$")
_FIELD = re.compile(r"^(?:\s+\S|[A-Z][\w /.()-]*:(?:\s|$)|No (?:events|resource|LimitRange|VolumeAttachments)\b)")
_DESCRIBED = re.compile(
    r"^(?:Namespace|Labels|Annotations|Priority|Roles|Selector|StorageClass|CreationTimestamp|API Version|Reference"
    r"|Min available|Service Account|IsDefaultClass|Provisioner|Finalizers|Address):"
)
_OF_PROGRAMS = frozenset({"exec", "run", "debug", "logs", "log"})  # verbs above what another program prints
_EVENTS_HEAD = re.compile(r"^\s*(?:Events:\s+)?Type\s{2,}Reason\s{2,}Age\s{2,}From\s{2,}Message\s*$")
_AGE = re.compile(r"^\s*(?:<unknown>|<invalid>|\d+[smhdy](?:\d+[smhdy])*)\b")


@dataclass(slots=True)
class Part:
    """One part: its lines, where it begins (1-based), and what belongs to it."""

    kind: PartKind
    line: int
    lines: list[str] = field(default_factory=list)
    command: Command | None = None
    head: Header | None = None
    headless: bool = False  # its first line is a row
    document: Any = None


def parts_of(text: str) -> Iterator[Part]:
    """Yield the parts of a text in their order; every line but blank ones and commands belongs to one.

    Its lines end in \n alone.
    """
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    command: Command | None = None
    at = 0
    while at < len(lines):
        typed = command_of(lines[at])
        if typed is not None or lines[at].rstrip() == "---":
            command = typed or command
            at += 1
            continue
        part = (
            _json(text, lines, starts, at)
            or _yaml(lines, at)
            or _table(lines, at)
            or _description(lines, at, command)
            or _events(lines, at, command)
            or _log(lines, at)
        )
        part.command = command
        at += max(1, len(part.lines))
        yield part


def _json(text: str, lines: Sequence[str], starts: Sequence[int], at: int) -> Part | None:
    if not _begins_json(lines[at]):
        return None
    try:
        document, end = json.JSONDecoder().raw_decode(text, starts[at])
    except (ValueError, RecursionError):
        return None
    count = bisect_left(starts, end) - at
    return Part("json", at + 1, list(lines[at : at + count]), document=document)


def _begins_json(line: str) -> bool:
    if line[:1] not in ("{", "["):
        return False
    return line.strip() in ("{", "[") or any(sign in line for sign in _JSON) or ONE_LINE.match(line) is not None


def _yaml(lines: Sequence[str], at: int) -> Part | None:
    if not _YAML.match(lines[at]) or not _speaks_yaml(lines, at):
        return None
    end = at + 1
    while end < len(lines) and _YAML_LINE.match(lines[end]) and not command_of(lines[end]):
        if lines[end].startswith("---"):
            break
        end += 1
    return Part("yaml", at + 1, list(lines[at:end]))


def _speaks_yaml(lines: Sequence[str], at: int) -> bool:
    # kubectl sorts the keys: a ConfigMap's `kind` comes after all of its data.
    near = any(_API_VERSION.match(line) for line in islice(lines, at, at + 40))
    return near and any(_KIND.match(line) for line in islice(lines, at, at + _DATA))


def _table(lines: Sequence[str], at: int) -> Part | None:
    head = header(lines[at])
    bare = header_of_row(lines[at]) if head is None else None
    if bare is not None:
        head = bare
    if head is None:
        return None
    part = Part("table", at + 1, [lines[at]], head=head, headless=bare is not None)
    of_events = "MESSAGE" in head.names
    for line in lines[at + 1 :]:
        if command_of(line) is not None or header(line) is not None or _NAME.match(line):
            break
        if of_events:
            # A message may go on over several lines, blank ones included; a new row begins with its age.
            ahead = islice(lines, at + len(part.lines), at + len(part.lines) + 6)
            if not line.strip() and not any(_AGE.match(one) for one in ahead):
                break
        elif not line.strip() or not is_row(line, head):
            break
        part.lines.append(line)
    return part


def _description(lines: Sequence[str], at: int, command: Command | None) -> Part | None:
    if command is not None and command.verb in _OF_PROGRAMS:
        return None  # nslookup, too, begins with a name
    if not _NAME.match(lines[at]) or not any(_DESCRIBED.match(line) for line in lines[at + 1 : at + 8]):
        return None
    end = at + 1
    while end < len(lines):
        line = lines[end]
        if _NAME.match(line) or command_of(line) is not None or header(line) is not None:
            break
        if line.strip() and not _FIELD.match(line):
            break
        end += 1
    return Part("describe", at + 1, list(lines[at:end]))


def _events(lines: Sequence[str], at: int, command: Command | None) -> Part | None:
    """Return the end of a description, cut off by `tail` or `grep`: its events, of what the command asked for."""
    first = at + 1 if lines[at].strip() == "Events:" and at + 1 < len(lines) else at
    if command is None or not (command.kind and command.name) or not _EVENTS_HEAD.match(lines[first]):
        return None
    end = first + 1
    while end < len(lines) and lines[end][:1].isspace() and lines[end].strip():
        end += 1
    return Part("events", at + 1, list(lines[at:end]))


def _log(lines: Sequence[str], at: int) -> Part:
    end = at + 1
    while end < len(lines):
        line = lines[end]
        if _begins_json(line) or _YAML.match(line) or _NAME.match(line) or command_of(line) is not None:
            break
        if _EVENTS_HEAD.match(line):
            end -= end - 1 > at and lines[end - 1].strip() == "Events:"
            break
        if header(line) is not None or header_of_row(line) is not None:
            break
        end += 1
    return Part("log", at + 1, list(lines[at:end]))
