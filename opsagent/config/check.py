"""Is it of the right type, and within its bounds?"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from opsagent.config.given import Given
from opsagent.config.keys import Key

_YES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_MAY_BE_ZERO = {
    "verify.hold_s", "thresholds.confirm_interval_s", "actions.min_replicas", "model.max_lookups", "model.daily_tokens",
}  # fmt: skip
_MOST = 10_000_000  # no wait, figure or count makes sense beyond, and dates overflow
_UNITS = {"_s": "seconds", "_min": "minutes", "_ms": "milliseconds"}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SERVICE_PORT = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?:\d{1,5}")
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MASKS = ("ip", "host", "name")  # what may be hidden from a model
_LISTS = frozenset({"model.mask"})  # texts that a file may also give as a list
_SECRET = re.compile(r"(?:sk|gh[pousr]|github_pat|xox[a-z]|hf|gsk|glpat|AIza|eyJ)[-_A-Za-z0-9.]{16,}")


def checked(key: Key, given: Given) -> Any:
    """Return the value as the setting takes it; ConfigError with what was expected."""
    if isinstance(given.value, str) and is_secret_like(given.value):
        refuse_secret(key.name, given)
    kinds = get_args(key.hint) if NoneType in get_args(key.hint) else (key.hint,)
    if given.value is None:
        if NoneType in kinds:
            return None
        given.refuse(key.name, f"expected {_expected(key)}, found nothing", f"the default is {_shown(key.default)}")
    kind = next(kind for kind in kinds if kind is not NoneType)
    value = _typed(kind, key, given)
    complaint = _bounds(key, value)
    if complaint:
        given.refuse(key.name, complaint, f"the default is {_shown(key.default)}")
    return value


def is_secret_like(text: str) -> bool:
    """Return whether a value is shaped like an API key."""
    return _SECRET.match(text.strip()) is not None


def refuse_secret(key: str, given: Given) -> None:
    """Raise ConfigError that states where a key belongs, without repeating it."""
    given.refuse(
        key,
        "holds a key: keys stay out of files, flags and screens",
        "put it into an environment variable and name that variable in model.api_key_env",
    )


def url_complaint(url: str, schemes: tuple[str, ...]) -> str | None:
    """Return what is wrong with a URL; None where nothing is."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"is not a URL: {error}"
    if parts.scheme not in schemes or not host or any(char.isspace() or not char.isprintable() for char in url):
        return f"expected a URL like {schemes[0]}://host:port, found {url!r}"
    if parts.username is not None or parts.password is not None:
        return "must not hold a user name or password: URLs stand on screens and in reports"
    return None


def _typed(kind: Any, key: Key, given: Given) -> Any:
    value = given.value.strip() if given.text and isinstance(given.value, str) else given.value
    if key.name in _LISTS and isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ",".join(value)
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            given.refuse(key.name, f"expected {_expected(key)}, found {_shown(value)}")
        return value
    converted = _CONVERT[kind](value, given.text)
    if converted is None:
        given.refuse(key.name, f"expected {_expected(key)}, found {_shown(value)}")
    if kind is Path and not given.text and not Path(value).expanduser().is_absolute():
        given.refuse(key.name, f"expected an absolute path, found {value!r}", "the working directory never counts")
    return converted


def _boolean(value: Any, text: bool) -> bool | None:  # noqa: FBT001  the converters share one signature
    if isinstance(value, bool):
        return value
    return _YES.get(value.lower()) if text and isinstance(value, str) else None


def _integer(value: Any, text: bool) -> int | None:  # noqa: FBT001
    number = _number(value, text)
    return int(number) if number is not None and number == int(number) else None


def _number(value: Any, text: bool) -> float | None:  # noqa: FBT001
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) or (text and isinstance(value, str)):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            return None
        return number if math.isfinite(number) else None
    return None


def _words(value: Any, _text: bool) -> str | None:  # noqa: FBT001
    return value if isinstance(value, str) and value and "\0" not in value else None


def _path(value: Any, text: bool) -> Path | None:  # noqa: FBT001
    if isinstance(value, Path):
        return value
    word = _words(value, text)
    return Path(word).expanduser() if word else None


_CONVERT: dict[Any, Callable[[Any, bool], Any]] = {
    bool: _boolean,
    int: _integer,
    float: _number,
    str: _words,
    Path: _path,
}


def _bounds(key: Key, value: Any) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        least = 0 if key.name in _MAY_BE_ZERO else 1 if isinstance(value, int) else None
        if value < 0 or (value == 0 and least != 0) or value > _MOST:
            low = "0 or more" if least == 0 else "1 or more" if least == 1 else "more than 0"
            return f"expected {low} (and at most {_MOST}), found {_shown(value)}"
    rule = _RULES.get(key.name)
    return rule(value) if rule and value is not None else None


def _web(url: str) -> str | None:
    return url_complaint(url, ("http", "https"))


def _webhook(url: str) -> str | None:
    # The URL is a secret: no complaint repeats it.
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a URL (it is a secret and not shown)"
    if parts.scheme not in ("http", "https") or not host or any(c.isspace() or not c.isprintable() for c in url):
        return "expected a URL like https://host/path (it is a secret and not shown)"
    if parts.scheme == "http" and host not in ("localhost", "127.0.0.1", "::1"):
        return "must be https, unless it points to loopback: it is a secret"
    return None


def _namespace(name: str) -> str | None:
    return None if _LABEL.fullmatch(name) else f"expected the name of a namespace, found {name!r}"


def _namespaces(names: str) -> str | None:
    return next((wrong for name in names.split(",") if (wrong := _namespace(name.strip()))), None)


def _service_port(text: str) -> str | None:
    fits = _SERVICE_PORT.fullmatch(text) and 0 < int(text.rsplit(":", 1)[1]) < 65_536
    return None if fits else f"expected a Kubernetes Service and its port like name:7100, found {text!r}"


def _service_elsewhere(text: str) -> str | None:
    namespace, slash, service = text.rpartition("/")
    fits = _SERVICE_PORT.fullmatch(service) and (not slash or _LABEL.fullmatch(namespace))
    return None if fits else f"expected namespace/name:port like monitoring/prometheus:9090, found {text!r}"


def _variable(name: str) -> str | None:
    # What is not a name may be the key itself: it is not repeated.
    return None if _VARIABLE.fullmatch(name) else "expected the NAME of an environment variable, not a key"


def _mask(text: str) -> str | None:
    wrong = [name for name in (part.strip() for part in text.split(",")) if name not in MASKS]
    return f"expected some of {', '.join(MASKS)}, found {wrong[0]!r}" if wrong else None


def _label_name(name: str) -> str | None:
    return None if _LABEL_NAME.fullmatch(name) else f"expected the name of a label, found {name!r}"


_RULES: dict[str, Callable[[str], str | None]] = {
    "stats.url": _web,
    "model.base_url": _web,
    "notify.webhook_url": _webhook,
    "stats.service": _service_port,
    "kubernetes.namespace": _namespace,
    "kubernetes.namespaces": _namespaces,
    "model.api_key_env": _variable,
    "model.mask": _mask,
    "loki.label": _label_name,
    **{
        f"{section}.{key}": rule
        for section in ("prometheus", "alertmanager", "loki")
        for key, rule in {
            "url": _web,
            "service": _service_elsewhere,
            **dict.fromkeys(("bearer_env", "username_env", "password_env", "headers_env"), _variable),
        }.items()
    },
}


def _expected(key: Key) -> str:
    optional = NoneType in get_args(key.hint)
    kind = next(kind for kind in (get_args(key.hint) if optional else (key.hint,)) if kind is not NoneType)
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    unit = next((f" of {unit}" for end, unit in _UNITS.items() if key.name.endswith(end)), "")
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", Path: "a path"}
    return names[kind] + unit


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "none"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "a group of keys"
    shown = repr(value) if isinstance(value, str) else str(value)
    return shown if len(shown) <= 80 else shown[:77] + "…"
