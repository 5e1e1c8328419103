"""From flags, environment and file to one Settings: flag over environment over file over default."""

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from opsagent.config.check import checked
from opsagent.config.given import Given
from opsagent.config.keys import CATALOG, ENVIRONMENT_PREFIX, IGNORE, LOG_SOURCES, SERVICES, did_you_mean, keys, nearest
from opsagent.config.settings import Settings, http_sources
from opsagent.config.titanium import TITANIUM, TITANIUM_COMPOSED
from opsagent.errors import ConfigError
from opsagent.models.service import Service

CONFIG_VARIABLE = "OPSAGENT_CONFIG"
TITANIUM_NAMESPACE = "titanium-local"

# What Kubernetes itself puts into every pod beside a Service that is called opsagent-something.
_INJECTED = re.compile(
    r"OPSAGENT_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)"
)


def load(config_path: Path | None, environ: Mapping[str, str], overrides: Mapping[str, object]) -> Settings:
    """Return the settings; `overrides` are the flags by dotted key ("kubernetes.namespace"), None counts as not given.

    The file is `config_path`, else `$OPSAGENT_CONFIG`, else the one in the user's configuration directory; the working
    directory never counts. Raises ConfigError naming the place, the key and the nearest right one.
    """
    listed: dict[str, Any] = {SERVICES: None, IGNORE: (), CATALOG: (), LOG_SOURCES: ()}
    given: dict[str, Given] = {}
    path = file_used(config_path, environ)
    if path:
        # Only who has a file pays for the YAML package.
        from opsagent.config.file import read_file  # noqa: PLC0415

        content = read_file(path)
        given = dict(content.given)
        listed = {SERVICES: content.services, IGNORE: content.ignore, CATALOG: content.catalog}
        listed[LOG_SOURCES] = content.log_sources
    given |= _from_environment(environ)
    given |= _from_flags(overrides)
    values = {name: checked(keys()[name], item) for name, item in given.items()}
    _refuse_unknown_variables(environ, {value for name, value in values.items() if name.endswith("_env")})
    settings: Settings = _build(Settings(), "", values | listed)
    _check_together(settings)
    return settings


def services_of(settings: Settings) -> tuple[Service, ...] | None:
    """Return the services of the platform; None where they have to be found in the namespace."""
    if settings.services is None and settings.kubernetes.namespace == TITANIUM_NAMESPACE:
        return TITANIUM if settings.kubernetes.enabled else TITANIUM_COMPOSED
    return settings.services or None


def user_file(environ: Mapping[str, str]) -> Path | None:
    """Return where the user's own configuration file would be; None where there is no home."""
    home = environ.get("XDG_CONFIG_HOME", "")
    # The XDG specification: a relative path is to be ignored.
    if home and Path(home).is_absolute():
        return Path(home) / "opsagent" / "config.yaml"
    try:
        return Path("~/.config/opsagent/config.yaml").expanduser()
    except RuntimeError:
        return None  # nobody's home: there is no such file


def file_used(config_path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """Return the configuration file that counts; None where there is none."""
    named = config_path or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        return named.expanduser()
    own = user_file(environ)
    return own if own is not None and own.exists() else None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Given]:
    # An empty variable counts as not set: that is how one is switched off in a unit file or a shell.
    return {
        name: Given(environ[key.variable], f"${key.variable}", text=True)
        for name, key in keys().items()
        if environ.get(key.variable, "").strip()
    }


def _from_flags(overrides: Mapping[str, object]) -> dict[str, Given]:
    for name in overrides:
        if name not in keys():
            raise ConfigError(f"command line: {name} is not a setting", hint=nearest(name))
    return {name: Given(value, "command line", text=True) for name, value in overrides.items() if value is not None}


def _refuse_unknown_variables(environ: Mapping[str, str], secrets: Collection[object]) -> None:
    known = [CONFIG_VARIABLE, *(key.variable for key in keys().values())]
    for name in sorted(environ):
        if not name.startswith(ENVIRONMENT_PREFIX) or name in known or name in secrets:
            continue
        if _INJECTED.fullmatch(name):
            continue
        listed = {
            SERVICES: "services",
            IGNORE: "known findings",
            CATALOG: "catalog packs",
            "logs_sources": "log sources",
        }
        what = listed.get(name.removeprefix(ENVIRONMENT_PREFIX).lower())
        if what:
            raise ConfigError(f"${name}: {what} are listed in the configuration file", hint="--config FILE")
        raise ConfigError(
            f"${name} is not a setting", hint=did_you_mean(get_close_matches(name, known, n=2, cutoff=0.6), known)
        )


def _build(default: Any, prefix: str, values: Mapping[str, Any]) -> Any:
    given: dict[str, Any] = {}
    for field in fields(default):
        name = prefix + field.name
        value = getattr(default, field.name)
        given[field.name] = _build(value, f"{name}.", values) if is_dataclass(value) else values.get(name, value)
    return type(default)(**given)


def _check_together(settings: Settings) -> None:
    actions, logs, verify = settings.actions, settings.logs, settings.verify
    for low, low_name, high, high_name in (
        (actions.min_replicas, "actions.min_replicas", actions.max_replicas, "actions.max_replicas"),
        (logs.tail, "logs.tail", logs.max_lines, "logs.max_lines"),
        (verify.hold_s, "verify.hold_s", verify.timeout_s, "verify.timeout_s"),
    ):
        if low > high:
            raise ConfigError(f"{low_name} ({low:g}) is over {high_name} ({high:g})", hint="change one of the two")
    if not settings.kubernetes.enabled:
        _check_without_cluster(settings)


def _check_without_cluster(settings: Settings) -> None:
    """Refuse what only a cluster can give; raises ConfigError."""
    if services_of(settings) is None:
        wrong = "kubernetes.enabled is false, so there is no cluster to find services in"
        raise ConfigError(wrong, hint="list them under services: in the configuration file")
    for name, source in http_sources(settings).items():
        if source.proxied:
            wrong = f"{name}.service is asked through the API server, and kubernetes.enabled is false"
            raise ConfigError(wrong, hint=f"set {name}.url")
