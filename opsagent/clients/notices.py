"""What a webhook is sent: the plain JSON message, or a template of another receiver filled in from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from opsagent.errors import ConfigError

PLAIN = "json"
READY = Path(__file__).with_name("notices.yaml")
FIELDS = (
    "text", "status", "verdict", "notice", "service", "code", "object", "incident_id", "approve", "cluster",
    "namespace", "first_seen", "last_seen", "count", "subject", "why",
)  # fmt: skip
_KEYS = {"body", "escape", "headers"}


@dataclass(frozen=True, slots=True)
class NoticeTemplate:
    """A JSON document with $fields in its texts, and how it is sent."""

    body: Any
    escape: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def filled(self, message: Mapping[str, Any]) -> Any:
        """Return the document with the message's fields in its texts; a field that is not known is empty."""
        table = str.maketrans(dict(self.escape))
        values = {name: "" if message.get(name) is None else str(message[name]) for name in FIELDS}
        return _filled(self.body, {name: value.translate(table) for name, value in values.items()})


def template_of(name: str) -> NoticeTemplate | None:
    """Return the ready template of that name or the one of that file; None for "json", the message as it is.

    Raises ConfigError where there is none, or where it is not usable.
    """
    if name == PLAIN:
        return None
    ready = _ready()
    if name in ready:
        return ready[name]
    path = Path(name).expanduser()
    if not path.is_file():
        known = ", ".join((PLAIN, *ready))
        raise ConfigError(f"notify.template: there is no template and no file {name!r}", hint=f"use a file, or {known}")
    return _checked(_yaml(path), str(path))


@cache
def _ready() -> dict[str, NoticeTemplate]:
    return {name: _checked(given, f"{READY.name}: {name}") for name, given in _yaml(READY).items()}


def _yaml(path: Path) -> Any:
    import yaml  # noqa: PLC0415  (only who has a template pays for it)

    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(
            f"notify.template: {path} cannot be read: {error}", hint="write YAML with a `body`"
        ) from error


def _checked(given: Any, where: str) -> NoticeTemplate:
    if not isinstance(given, dict) or "body" not in given or given.keys() - _KEYS:
        raise ConfigError(f"notify.template: {where} is not a template", hint="its keys are body, escape and headers")
    escape, headers = given.get("escape") or {}, given.get("headers") or {}
    for name, pairs in (("escape", escape), ("headers", headers)):
        if not isinstance(pairs, dict) or not all(isinstance(text, str) for pair in pairs.items() for text in pair):
            raise ConfigError(f"notify.template: {where}: {name} is not a map of texts", hint="write it as KEY: TEXT")
    if any(len(key) != 1 for key in escape):
        raise ConfigError(f"notify.template: {where}: escape takes single characters", hint='"<": "&lt;"')
    for text in _texts(given["body"]):
        template = Template(text)
        if not template.is_valid() or set(template.get_identifiers()) - set(FIELDS):
            raise ConfigError(
                f"notify.template: {where}: {text!r} holds what is not a field",
                hint=f"fields: {', '.join('$' + name for name in FIELDS)}; a dollar sign is $$",
            )
    return NoticeTemplate(given["body"], escape, headers)


def _texts(body: Any) -> list[str]:
    if isinstance(body, str):
        return [body]
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return [text for item in inner for text in _texts(item)]


def _filled(body: Any, values: Mapping[str, str]) -> Any:
    if isinstance(body, str):
        return Template(body).substitute(values)
    if isinstance(body, dict):
        return {key: _filled(item, values) for key, item in body.items()}
    return [_filled(item, values) for item in body] if isinstance(body, list) else body
