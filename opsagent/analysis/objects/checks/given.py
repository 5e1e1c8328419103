"""The addresses that a container is given: in its environment, its arguments, and the ConfigMaps that it reads."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from opsagent.analysis.objects import kube
from opsagent.analysis.objects.cluster import Cluster
from opsagent.models.observed import KubeObject

_URL = re.compile(
    r"(?i)(?:[a-z][a-z0-9+.:-]{0,30}://)(?:[^/@\s]{0,200}@)?([a-z0-9][a-z0-9.-]{0,200})"
    r"(?::(\d{1,5}))?(?=[/?,;\s\"']|$)"
)
_HOST_PORT = re.compile(r"(?i)^([a-z][a-z0-9.-]{0,200}):(\d{1,5})(?:/.*)?$")
_HOST = re.compile(r"(?i)^[a-z][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,5}$")
_HOST_KEY = re.compile(r"(?i)^(.*?)_?(?:HOST|HOSTNAME|SERVER|ENDPOINT|ADDR|ADDRESS|SERVICE_HOST)$")
_PORT_KEYS = ("PORT", "SERVICE_PORT")
_OWN = re.compile(r"(?i)(^|[_-])(BIND|LISTEN|ADVERTISED?|PUBLIC|EXTERNAL|SELF|OWN|POD|HOSTNAME$)")
_FLAG = re.compile(r"--?([A-Za-z][\w.-]{0,60})(?:=(.*))?")
_NAME = re.compile(r"[A-Za-z_]\w*")  # a key that is a file's name becomes no variable
_LONGEST = 2000
_FILE = 20_000
_MOST_URLS = 5


@dataclass(frozen=True, slots=True)
class Address:
    """A host, and a port where one is given, that a container is instructed to call."""

    host: str
    port: int | None
    variable: str
    field: str
    given: Literal["env", "args", "file"] = "env"
    config_map: str = ""  # the ConfigMap that holds it

    @property
    def text(self) -> str:
        """Return it as "host:port"."""
        return self.host if self.port is None else f"{self.host}:{self.port}"


def addresses_of(obj: KubeObject, cluster: Cluster | None = None) -> list[Address]:
    """Return the addresses that a pod or template is given, pairs like DB_HOST and DB_PORT as one.

    cluster: where its ConfigMaps are; without one only what the object itself holds is read.
    """
    found: dict[tuple[str, int | None], Address] = {}
    for container in kube.containers(obj):
        if container.group == "ephemeral":
            continue
        maps = _config_env(obj, container, cluster) if cluster else {}
        values = {name: value for name, (value, _) in maps.items()} | {
            kube.text(item, "name"): kube.text(item, "value")
            for item in kube.dicts(container.raw, "env")
            if kube.text(item, "name") and kube.text(item, "value")
        }
        for name, value in values.items():
            source = maps[name][1] if name in maps and maps[name][0] == value else ""
            field = f"{container.field}.env[{name}]"
            read = {(h, p): Address(h, p, name, field, config_map=source) for h, p in _read(name, value, values)}
            found = read | found
        found = {(a.host, a.port): a for a in _arguments(container)} | found
    for address in _files(obj, cluster) if cluster else ():
        found.setdefault((address.host, address.port), address)
    return list(found.values())


def _config_env(obj: KubeObject, container: kube.Container, cluster: Cluster) -> dict[str, tuple[str, str]]:
    """Return the variables that come from ConfigMaps: name -> (value, ConfigMap)."""
    space = kube.namespace(obj)
    found: dict[str, tuple[str, str]] = {}
    for source in kube.dicts(container.raw, "envFrom"):
        name, prefix = kube.text(source, "configMapRef", "name"), kube.text(source, "prefix")
        data = kube.strings(cluster.get("ConfigMap", name, space), "data") if name else {}
        found |= {prefix + key: (value, name) for key, value in data.items() if _NAME.fullmatch(key)}
    for item in kube.dicts(container.raw, "env"):
        name = kube.text(item, "valueFrom", "configMapKeyRef", "name")
        key = kube.text(item, "valueFrom", "configMapKeyRef", "key")
        value = kube.strings(cluster.get("ConfigMap", name, space), "data").get(key, "") if name else ""
        if value:
            found[kube.text(item, "name")] = value, name
    return found


def _arguments(container: kube.Container) -> Iterator[Address]:
    words = [*kube.words(container.raw, "command"), *kube.words(container.raw, "args")][:100]
    for index, word in enumerate(words):
        flag = _FLAG.fullmatch(word[:_LONGEST])
        if flag is None:
            continue
        name = flag[1]
        value = flag[2] if flag[2] is not None else words[index + 1] if index + 1 < len(words) else ""
        for host, port in _read(name, value, {}):
            yield Address(host, port, f"--{name}", f"{container.field}.args[{name}]", "args")


def _files(obj: KubeObject, cluster: Cluster) -> Iterator[Address]:
    """Yield the addresses in URLs of mounted ConfigMaps; a bare word in a file may mean anything."""
    for volume in kube.dicts(kube.pod_spec(obj), "volumes"):
        name = kube.text(volume, "configMap", "name")
        data = kube.strings(cluster.get("ConfigMap", name, kube.namespace(obj)), "data") if name else {}
        for key, text in data.items():
            for match in list(_URL.finditer(text[:_FILE]))[: 4 * _MOST_URLS]:
                if (port := _port(match[2])) and not _is_number(match[1]):
                    yield Address(match[1].lower(), port, f"{key} of ConfigMap/{name}", f"data[{key}]", "file", name)


def _read(name: str, value: str, values: dict[str, str]) -> Iterator[tuple[str, int | None]]:
    if len(value) > _LONGEST or _OWN.search(name) or "$(" in value:
        return
    urls = list(_URL.finditer(value))
    for match in urls[:_MOST_URLS]:
        if (port := _port(match[2])) != 0 and not _is_number(match[1]):
            yield match[1].lower(), port
    if urls:
        return
    for part in value.split(",")[:10]:
        pair = _HOST_PORT.match(part.strip())
        if pair and (port := _port(pair[2])) != 0:
            yield pair[1].lower(), port
    key = _HOST_KEY.match(name)
    if key and _HOST.match(value) and ":" not in value:
        ports = (values.get(f"{key[1]}_{suffix}" if key[1] else suffix, "") for suffix in _PORT_KEYS)
        given = next((number for port in ports if port.isascii() and port.isdigit() and (number := _port(port))), None)
        yield value.lower(), given


def _port(text: str | None) -> int | None:
    if not text:
        return None
    number = int(text) if len(text) < 6 else 0
    return number if 0 < number < 65536 else 0


def _is_number(host: str) -> bool:
    return host.replace(".", "").isdigit()
