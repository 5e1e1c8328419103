"""Cut a pasted text into its parts: commands, JSON and YAML documents, tables, descriptions, and log lines."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from opsagent.clients.handed_over.kinds import kind_of
from opsagent.clients.handed_over.tables import Header, cells, header

PartKind = Literal["json", "yaml", "table", "describe", "log"]
_COMMAND = re.compile(
    r"^(?:\S*[$#%>❯]\s*|\+ )?(?P<program>kubectl|oc|k|docker|helm|curl|stern|journalctl|crictl)\s+(?P<rest>.+)$"
)
_JSON = ('"kind"', '"apiVersion"', '"service_status"')
_PROMPT = re.compile(r"^\S*[$#%❯]\s+\S")
_VERB = re.compile(r"\b(?P<verb>get|describe|logs?|top|events)\b\s*(?P<kind>[A-Za-z][\w.-]*)?(?:/(?P<name>\S+))?")
_NAMESPACE = re.compile(r"(?:-n|--namespace)[ =](?P<namespace>[a-z0-9-]+)")
_YAML = re.compile(r"^(?:- )?(?:apiVersion|kind|items):(?:\s|$)")
_YAML_LINE = re.compile(r"^(?:\s|-\s|[A-Za-z][\w./-]*:(?:\s|$)|[\]}#]|$)")
_NAME = re.compile(r"^Name:\s+(?P<name>[a-z0-9][a-z0-9.:-]*)\s*$")
_FIELD = re.compile(r"^(?:\s+\S|[A-Z][\w /.()-]*:(?:\s|$)|No (?:events|resource|LimitRange|VolumeAttachments)\b)")
_DESCRIBED = re.compile(
    r"^(?:Namespace|Labels|Annotations|Priority|Roles|Selector|StorageClass|CreationTimestamp|API Version|Reference"
    r"|Min available|Service Account|IsDefaultClass|Provisioner|Finalizers|Address):"
)
_AGE = re.compile(r"^\s*(?:<unknown>|<invalid>|\d+[smhdy](?:\d+[smhdy])*)\b")


@dataclass(frozen=True, slots=True)
class Command:
    """What the operator typed before an output, where the paste shows it."""

    kind: str | None = None
    name: str | None = None
    namespace: str | None = None
    logs: bool = False


@dataclass(slots=True)
class Part:
    """One part: its lines, where it begins (1-based), and what belongs to it."""

    kind: PartKind
    line: int
    lines: list[str] = field(default_factory=list)
    command: Command | None = None
    head: Header | None = None
    document: Any = None


def parts_of(text: str) -> Iterator[Part]:
    """Yield the parts of a text in their order; every line but blank ones and commands belongs to one."""
    lines = text.splitlines()
    command: Command | None = None
    at = 0
    while at < len(lines):
        typed = command_of(lines[at])
        if typed is not None:
            command = typed
            at += 1
            continue
        part = _document(text, lines, at) or _table(lines, at) or _description(lines, at) or _log(lines, at)
        part.command = command
        at += max(1, len(part.lines))
        yield part


def command_of(line: str) -> Command | None:
    """Return the command that a line is; None where it is none, "" where it is one that names nothing."""
    typed = _COMMAND.match(line.strip())
    if typed is None or (typed["program"] == "k" and not _PROMPT.match(line)):
        return None
    verb = _VERB.search(typed["rest"])
    namespace = _NAMESPACE.search(typed["rest"])
    kind = kind_of(verb["kind"]) if verb and verb["kind"] else None
    if verb and verb["verb"] == "events":
        kind = "Event"
    logs = bool(verb and verb["verb"].startswith("log")) or typed["program"] in ("docker", "journalctl", "stern")
    return Command(kind, verb["name"] if verb else None, namespace["namespace"] if namespace else None, logs=logs)


def _document(text: str, lines: Sequence[str], at: int) -> Part | None:
    line = lines[at]
    if line[:1] in ("{", "[") and (line.strip() in ("{", "[") or any(sign in line for sign in _JSON)):
        place = sum(len(one) + 1 for one in lines[:at])
        try:
            document, end = json.JSONDecoder().raw_decode(text.replace("\r\n", "\n"), place)
        except ValueError:
            return None
        count = text.count("\n", place, end) + 1
        return Part("json", at + 1, list(lines[at : at + count]), document=document)
    if not _YAML.match(line) or not _speaks_yaml(lines, at):
        return None
    end = at + 1
    while end < len(lines) and _YAML_LINE.match(lines[end]) and not command_of(lines[end]):
        if lines[end].startswith("---"):
            break
        end += 1
    return Part("yaml", at + 1, list(lines[at:end]))


def _speaks_yaml(lines: Sequence[str], at: int) -> bool:
    near = lines[at : at + 40]
    return any(re.match(r"^(?:- |\s*)apiVersion:\s*\S", one) for one in near) and any("kind:" in one for one in near)


def _table(lines: Sequence[str], at: int) -> Part | None:
    head = header(lines[at])
    if head is None:
        return None
    part = Part("table", at + 1, [lines[at]], head=head)
    of_events = "MESSAGE" in head.names
    for line in lines[at + 1 :]:
        if command_of(line) is not None or header(line) is not None or _NAME.match(line):
            break
        if of_events:
            # A message may go on over several lines, blank ones included; a new row begins with its age.
            if not line.strip() and not any(_AGE.match(one) for one in lines[at + len(part.lines) :][:6]):
                break
        elif not line.strip() or cells(line, head) is None:
            break
        part.lines.append(line)
    return part


def _description(lines: Sequence[str], at: int) -> Part | None:
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


def _log(lines: Sequence[str], at: int) -> Part:
    end = at + 1
    while end < len(lines):
        line = lines[end]
        begins = line[:1] in ("{", "[") and (line.strip() in ("{", "[") or any(sign in line for sign in _JSON))
        if begins or _YAML.match(line) or header(line) or _NAME.match(line) or command_of(line) is not None:
            break
        end += 1
    return Part("log", at + 1, list(lines[at:end]))
