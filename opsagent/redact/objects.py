"""Secrets out of Kubernetes objects and of JSON bodies, before they enter anything."""

import re
from itertools import pairwise
from typing import Any

from opsagent.models.observed import KubeObject
from opsagent.redact.commands import passwords_in
from opsagent.redact.mark import PLACEHOLDER
from opsagent.redact.named import is_secret_flag, is_secret_name
from opsagent.redact.redactor import Redactor

MAX_DEPTH = 100  # no object of Kubernetes is nested this deep; hostile JSON is
TOO_DEEP = "<dropped: nested too deep>"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

# Annotations of well-known controllers are facts that rules join (revision, restartedAt, who reverts what); anything
# else may have been put there by anybody.
_KNOWN_DOMAIN = re.compile(
    r"(?:[\w.-]*\.)?(?:kubernetes\.io|k8s\.io|argoproj\.io|helm\.sh|fluxcd\.io|istio\.io|keda\.sh|prometheus\.io|linkerd\.io"
    r"|openshift\.io|cert-manager\.io|cattle\.io|knative\.dev|google\.com|amazonaws\.com|azure\.com)/"
)
_NUMBER = r"[+-]?\d+(?:\.\d+)?(?:ns|us|ms|s|m|h|d|%|[kKMGT]i?[Bb]?)?"
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"
_HARMLESS = re.compile(
    rf"""
      {_NUMBER} | true | false | True | False | TRUE | FALSE | yes | no | on | off
      | (?:{_HOST}\.)+[a-z]{{2,24}}\.?(?::\d{{1,5}})? | {_HOST}:\d{{1,5}} | \d{{1,3}}(?:\.\d{{1,3}}){{3}}(?::\d{{1,5}})?
      | \[[0-9a-fA-F:.]{{2,45}}\](?::\d{{1,5}})? | [0-9a-fA-F]{{0,4}}(?::[0-9a-fA-F]{{0,4}}){{2,7}}
      | /[\w./-]{{0,255}}
    """,
    re.VERBOSE,
)
_URL = re.compile(r"[a-z][a-z0-9+.-]{0,30}:///?[^\s@]{1,1000}")
_HIDDEN_URL = re.compile(
    rf"[a-z][a-z0-9+.-]{{0,30}}://[^\s@/:]{{0,64}}:{PLACEHOLDER.pattern}@[^\s@/]{{1,255}}(?:/[^\s@]{{0,1000}})?"
)
_MEMORY_FLAG = re.compile(
    r"-X(?:mx|ms|ss|mn)\d+[kKmMgG]?|-XX:[+-]?\w{1,80}(?:=\d+[kKmMgG]?(?:\.\d+)?)?|--max-old-space-size=\d+"
)
_ADDRESS_NAME = re.compile(
    r"(?:^|[_.-])(?:HOST|HOSTNAME|HOSTS|ADDR|ADDRESS|ADDRESSES|SERVER|SERVERS|SERVICE|ENDPOINT|ENDPOINTS|BROKER|BROKERS"
    r"|UPSTREAM|URL|URI|NAMESPACE|NODE|NODES|BOOTSTRAP_SERVERS)$",
    re.IGNORECASE,
)
_LABEL = re.compile(_HOST)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_MANAGER = re.compile(
    r"(?:kubectl|helm|argocd|kustomize|flux|terraform|pulumi|opsagent|kube|before-first-apply)(?:-[a-z]{1,20}){0,4}"
)


def redact_object(obj: KubeObject, redactor: Redactor) -> KubeObject:
    """Return a copy of a Kubernetes object (or List) without its secrets.

    Dropped: what managedFields states beyond the time and a tool that is known, the last-applied annotation, the data
    of Secrets and ConfigMaps. Replaced: values of annotations and literal values of `env`, unless they are a number, a
    boolean, a path or an address without credentials (rules join addresses). All other text goes through the redactor.
    """
    copy = _walk(obj, redactor, depth=0)
    return copy if isinstance(copy, dict) else {}


def _written(rows: Any) -> list[dict[str, str]]:
    """Return when an object was written, and by which tool: its name is free text, and only known ones are kept."""
    found = []
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict) or not _TIME.fullmatch(str(row.get("time"))):
            continue
        kept = {"time": str(row["time"])}
        kept |= {"manager": row["manager"]} if _MANAGER.fullmatch(str(row.get("manager"))) else {}
        kept |= {"subresource": row["subresource"]} if row.get("subresource") in ("status", "scale") else {}
        kept |= {"operation": row["operation"]} if row.get("operation") in ("Apply", "Update") else {}
        found.append(kept)
    return found


def redact_json(value: Any, redactor: Redactor) -> Any:
    """Return a copy of a JSON value (a body, an answer) without its secrets."""
    return _plain(value, redactor, 0)


def _walk(value: Any, redactor: Redactor, depth: int) -> Any:
    """Redact an object, knowing the fields of Kubernetes."""
    if depth > MAX_DEPTH:
        return TOO_DEEP
    if isinstance(value, list):
        return _sequence([_walk(item, redactor, depth + 1) for item in value], redactor)
    if not isinstance(value, dict):
        return redactor(value) if isinstance(value, str) else value
    names_only = value.get("kind") in ("Secret", "ConfigMap")
    copy: dict[str, Any] = {}
    for key, item in value.items():
        if names_only and key in ("data", "binaryData", "stringData"):
            continue
        if key == "managedFields":
            copy |= {key: rows} if (rows := _written(item)) else {}
            continue
        if key == "annotations" and isinstance(item, dict):
            copy[key] = _annotations(item, redactor)
        elif key == "args" and isinstance(item, list) and isinstance(value.get("command"), list):
            words = [_walk(word, redactor, depth + 1) for word in item]
            copy[key] = _sequence(words, redactor, before=value["command"])
        elif key == "env" and isinstance(item, list):
            copy[key] = [_variable(entry, redactor, depth + 1) for entry in item]
        else:
            copy[_key(key, redactor)] = _leaf(key, item, redactor) or _walk(item, redactor, depth + 1)
    return copy


def _plain(value: Any, redactor: Redactor, depth: int) -> Any:
    """Redact JSON of unknown meaning."""
    if depth > MAX_DEPTH:
        return TOO_DEEP
    if isinstance(value, dict):
        return {
            _key(key, redactor): _leaf(key, item, redactor) or _plain(item, redactor, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return _sequence([_plain(item, redactor, depth + 1) for item in value], redactor)
    return redactor(value) if isinstance(value, str) else value


def _key(key: Any, redactor: Redactor) -> Any:
    return redactor(key) if isinstance(key, str) else key


def _leaf(key: Any, item: Any, redactor: Redactor) -> str | None:
    """Return the replacement of a text or number whose key states that it is a secret; None for anything else."""
    if not isinstance(key, str) or isinstance(item, bool) or not isinstance(item, str | int | float) or not item:
        return None
    if not is_secret_name(key):
        return None
    # The text rules know which values are none ("${TOKEN}", "null"); JSON puts key and value where they read them.
    text = str(item)
    hidden = redactor(text)
    if hidden != text:
        return hidden
    return redactor.value_of("secret", text)


def _sequence(items: list[Any], redactor: Redactor, before: list[Any] | None = None) -> list[Any]:
    """Hide the word behind a flag: ["--password", "x"], ["redis-cli", "-a", "x"]; `before`: a container's command."""
    for place, start in passwords_in(items, before or ()).items():
        items[place] = items[place][:start] + redactor.value_of("password", items[place][start:])
    for place, (flag, word) in enumerate(pairwise(items), start=1):
        if isinstance(flag, str) and isinstance(word, str) and is_secret_flag(flag) and not word.startswith("-"):
            items[place] = redactor.value_of("secret", word)
    return items


def _annotations(annotations: dict[Any, Any], redactor: Redactor) -> dict[Any, Any]:
    copy: dict[Any, Any] = {}
    for key, value in annotations.items():
        if key == LAST_APPLIED:
            continue
        known = isinstance(key, str) and _KNOWN_DOMAIN.match(key) and not is_secret_name(key)
        copy[_key(key, redactor)] = (
            _plain(value, redactor, 1) if known else _literal(str(key), value, redactor, "annotation")
        )
    return copy


def _variable(entry: Any, redactor: Redactor, depth: int) -> Any:
    if not isinstance(entry, dict):
        return _walk(entry, redactor, depth)
    return {
        key: _literal(str(entry.get("name", "")), item, redactor, "env")
        if key == "value"
        else _walk(item, redactor, depth)
        for key, item in entry.items()
    }


def _literal(name: str, value: Any, redactor: Redactor, kind: str) -> Any:
    """Hide a literal value, unless it is harmless whoever wrote it."""
    if not isinstance(value, str):
        return _plain(value, redactor, 1)
    if not value:
        return value
    if not is_secret_name(name):
        if _harmless(name, value):
            return redactor(value)
        # Of an address with a password only the password goes.
        hidden = redactor(value) if "://" in value else value
        if _HIDDEN_URL.fullmatch(hidden):
            return hidden
    return redactor.value_of(kind, value)


def _harmless(name: str, value: str) -> bool:
    if len(value) > 4096:
        return False
    parts = value.split(",")
    addressed = bool(_ADDRESS_NAME.search(name))
    if all(
        _HARMLESS.fullmatch(part) or _URL.fullmatch(part) or (addressed and _LABEL.fullmatch(part)) for part in parts
    ):
        return True
    return all(_MEMORY_FLAG.fullmatch(word) for word in value.split(" "))
