"""`logs.sources:` of the configuration file: the files and commands that hold the logs of services."""

from pathlib import Path
from typing import Any

from yaml import Node, ScalarNode

from opsagent.config.given import Given
from opsagent.config.keys import LOG_SOURCES
from opsagent.config.nodes import entries, fields_of, items, place, plain_value
from opsagent.errors import ConfigError
from opsagent.models.log_source import PLACEHOLDER, PLACEHOLDERS, PLAIN_WORD, LogSource

_FIELDS = ("service", "files", "command")


def read_log_sources(given: Given) -> tuple[LogSource, ...]:
    """Return the entries of a YAML list. Raises ConfigError naming line and key."""
    return entries(given, LOG_SOURCES, "sources", "each has `files:` or `command:`", _source)


def _source(node: Node, path: Path) -> LogSource:
    here = Given(None, place(node, path))
    values: dict[str, Any] = {}
    for key, value, where in fields_of(node, LOG_SOURCES, path, _FIELDS, "a source"):
        values[key] = _words(value, where) if key == "command" else _text(key, value, where)
    if ("files" in values) == ("command" in values):
        here.refuse(LOG_SOURCES, "expected either files or a command", "files: /var/log/{service}/*.log")
    service, files, command = values.get("service"), values.get("files"), values.get("command", ())
    if service is not None and not PLAIN_WORD.fullmatch(service):
        here.refuse(LOG_SOURCES, f"{service!r} is not a name of a service", "letters, digits, dots and hyphens")
    if files is not None and not Path(files).expanduser().is_absolute():
        here.refuse(LOG_SOURCES, f"expected an absolute path, found {files!r}", "the working directory never counts")
    for word in (files or "", *command):
        _known_placeholders(word, here, command)
    return LogSource(service, files, command)


def _known_placeholders(word: str, here: Given, command: tuple[str, ...]) -> None:
    allowed = PLACEHOLDERS if command else PLACEHOLDERS[:1]
    for name in PLACEHOLDER.findall(word):
        if name not in allowed:
            known = ", ".join(f"{{{one}}}" for one in allowed)
            here.refuse(LOG_SOURCES, f"{{{name}}} stands for nothing", f"known: {known}")
    if command and word is command[0] and PLACEHOLDER.search(word):
        here.refuse(LOG_SOURCES, "the program itself must be named, not put in", "command: [docker, logs, ...]")


def _text(key: str, node: Node, where: str) -> str:
    value = plain_value(node)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ConfigError(f"{where}: {LOG_SOURCES}: {key}: expected a text, found {value!r}"[:300])
    return value


def _words(node: Node, where: str) -> tuple[str, ...]:
    nodes = items(node)
    hint = 'command: [docker, logs, --timestamps, --since, "{since}", "{service}"]'
    if not nodes or not all(isinstance(word, ScalarNode) and word.value and "\0" not in word.value for word in nodes):
        raise ConfigError(f"{where}: {LOG_SOURCES}: command: expected a list of words", hint=hint)
    return tuple(word.value for word in nodes)
