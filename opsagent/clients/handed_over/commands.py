"""The command lines that a paste shows above their output: what was asked for, and of what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from opsagent.clients.handed_over.kinds import kind_of
from opsagent.clients.handed_over.owners import Owner

_PROGRAM = r"(?P<program>kubectl|oc|k|docker|docker-compose|podman|helm|curl|stern|journalctl|crictl|logcli)"
_PROMPT = r"(?:\S*[$#%>❯]\s*|\+ |.{0,80}?[$#%>❯➜»]\s+(?:[~\w./-]+\s+)?)"
_COMMAND = re.compile(rf"^(?P<prompt>{_PROMPT})?(?:(?:sudo|watch|time)\s+(?:-\S+\s+)*)?{_PROGRAM}\s+(?P<rest>\S.*)$")
_VERBS = frozenset(
    {"get", "describe", "logs", "log", "top", "events", "rollout", "exec", "apply", "delete", "edit", "scale", "cp",
     "port-forward", "config", "cluster-info", "compose", "service", "ps", "inspect", "status", "list", "history",
     "debug", "version", "api-resources", "auth", "explain", "wait", "adm", "project"}
)  # fmt: skip
_VALUED = frozenset(
    {"-n", "--namespace", "-c", "--container", "-l", "--selector", "-o", "--output", "--context", "--kubeconfig",
     "--cluster", "--user", "--since", "--tail", "--sort-by", "--field-selector", "--as", "--timeout", "-s",
     "--server", "--since-time", "-f", "--filename"}
)  # fmt: skip
_LOG_VERBS = frozenset({"logs", "log"})
_ANY_LOG = frozenset({"journalctl", "stern", "logcli"})


@dataclass(frozen=True, slots=True)
class Command:
    """What the operator typed before an output, where the paste shows it."""

    kind: str | None = None
    name: str | None = None
    namespace: str | None = None
    container: str | None = None
    logs: bool = False
    previous: bool = False
    verb: str | None = None

    @property
    def owner(self) -> Owner:
        """Return whose log it asked for."""
        pod = self.name if self.kind in (None, "Pod") else None
        service = None if pod else self.name
        return Owner(self.namespace, pod, self.container, service, self.previous)


def command_of(line: str) -> Command | None:
    """Return the command that a line is; None where it is not one."""
    typed = _COMMAND.match(line.strip())
    if typed is None or (typed["program"] == "k" and not typed["prompt"]):
        return None
    words, flags = _parsed(typed["rest"].split("|", 1)[0].split())
    verb = words[0] if words else ""
    wide = typed["prompt"] and re.search(r"\s\S*[$#%>❯➜»]\s|^\S*[➜»]", typed["prompt"])
    if (wide or typed["program"] == "k") and verb not in _VERBS:
        return None  # an arrow within a sentence
    about = words[1:]
    logs = verb in _LOG_VERBS or typed["program"] in _ANY_LOG or ("compose" in words[:1] and "logs" in words[:3])
    kind, name = _asked(about, logs=logs)
    if verb == "events":
        kind = "Event"
    return Command(
        kind,
        name,
        flags.get("-n") or flags.get("--namespace"),
        flags.get("-c") or flags.get("--container") or (about[1] if logs and len(about) > 1 else None),
        logs=logs,
        previous="-p" in flags or "--previous" in flags,
        verb=verb or None,
    )


def _asked(about: Sequence[str], *, logs: bool) -> tuple[str | None, str | None]:
    """Return kind and name of what a command is about; of several kinds the first."""
    if not about:
        return None, None
    first, slash, rest = about[0].partition("/")
    if slash:
        return kind_of(first), rest or None
    if logs:
        return None, first
    return kind_of(first.split(",")[0]), about[1] if len(about) > 1 else None


def _parsed(parts: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return words and flags; a flag without a value is its own value."""
    words: list[str] = []
    flags: dict[str, str] = {}
    waiting: str | None = None
    for part in parts:
        if waiting is not None:
            flags[waiting], waiting = part, None
        elif part.startswith("-"):
            name, equals, value = part.partition("=")
            if not equals and name in _VALUED and not (name == "-f" and set(words) & _LOG_VERBS):
                waiting = name
            else:
                flags[name] = value or name
        else:
            words.append(part)
    return words, flags
