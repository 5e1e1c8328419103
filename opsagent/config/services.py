"""`services:` of the configuration file: another platform in five keys a service."""

import re
from collections import Counter
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from yaml import Node, ScalarNode

from opsagent.config.check import url_complaint
from opsagent.config.given import Given
from opsagent.config.keys import SERVICES, did_you_mean
from opsagent.config.nodes import items, pairs, place, plain_value
from opsagent.errors import ConfigError
from opsagent.models.service import Service

_FIELDS = tuple(field.name for field in fields(Service))
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?")


def read_services(given: Given) -> tuple[Service, ...] | None:
    """Return the services of a YAML list; None where the list is null, () where it is empty.

    A service without `deployment` has one of its own name; `deployment: null` has none. Raises ConfigError naming
    line and key.
    """
    node: Node = given.value
    path = Path(given.where.rsplit(":", 1)[0])
    if plain_value(node) is None:
        return None
    nodes = items(node)
    if nodes is None:
        given.refuse(SERVICES, "expected a list of services", "each begins with `- name:`")
    found = [(_service(item, path), place(item, path)) for item in nodes]
    _refuse_twins(found)
    names = [service.name for service, _ in found]
    for service, where in found:
        for callee in service.depends_on:
            if callee == service.name:
                raise ConfigError(f"{where}: {SERVICES}: {service.name} depends on itself")
            if callee not in names:
                near = did_you_mean(get_close_matches(callee, names, n=2), names)
                raise ConfigError(f"{where}: {SERVICES}: {service.name} depends on {callee!r}, not listed", hint=near)
    return tuple(service for service, _ in found)


def _service(node: Node, path: Path) -> Service:
    here = Given(None, place(node, path))
    values: dict[str, Any] = {}
    for key, value, where in pairs(node, SERVICES, path):
        if key not in _FIELDS:
            near = did_you_mean(get_close_matches(key, _FIELDS, n=1), _FIELDS)
            raise ConfigError(f"{where}: {SERVICES}: {key} is not a setting of a service", hint=near)
        values[key] = _names(value, where) if key == "depends_on" else _text(key, value, where)
    name = values.get("name")
    if name is None:
        here.refuse(SERVICES, "a service needs a name", "what operators call it: its `app` label")
    if not _NAME.fullmatch(str(name)):
        here.refuse(SERVICES, f"{name!r} is not a name of a service", "lower-case letters, digits and hyphens")
    url = values.get("health_url")
    complaint = url_complaint(url, ("http", "https", "tcp")) if url else None
    if complaint:
        here.refuse(f"{SERVICES}: {name}.health_url", complaint, "http://host:port/path, or tcp://host:port")
    values.setdefault("deployment", name)
    return Service(**values)


def _text(key: str, node: Node, where: str) -> str | None:
    value = plain_value(node)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise ConfigError(f"{where}: {SERVICES}: {key}: expected a text, found {value!r}"[:300])
    return value


def _names(node: Node, where: str) -> tuple[str, ...]:
    names = items(node)
    if names is not None and all(isinstance(name, ScalarNode) and name.value for name in names):
        return tuple(dict.fromkeys(name.value for name in names))
    raise ConfigError(f"{where}: {SERVICES}: depends_on: expected a list of names", hint="depends_on: [redis, auth]")


def _refuse_twins(found: list[tuple[Service, str]]) -> None:
    for key in ("name", "deployment", "stats_key"):
        counts = Counter(getattr(service, key) for service, _ in found)
        for service, where in reversed(found):
            value = getattr(service, key)
            if value is not None and counts[value] > 1:
                raise ConfigError(f"{where}: {SERVICES}: {key} {value!r} is there twice")
