"""The logs of a bundle: which there are, whose they are, and their last lines without reading the rest."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from opsagent.clients.bundle.files import CHUNK, Files
from opsagent.clients.bundle.objects import name_of, namespace_of
from opsagent.clients.bundle.time import line_time, newest_line_time
from opsagent.clients.log_refs import ended_at
from opsagent.models.observed import KubeObject, LogRef

_LABELS = ("app.kubernetes.io/component", "app.kubernetes.io/name", "k8s-app", "name")
# What a ReplicaSet's and a Pod's generated name end in: the alphabet that Kubernetes draws from has no vowels.
_HASH = r"[bcdfghjklmnpqrstvwxz2456789]"
_GENERATED = re.compile(rf"(-{_HASH}{{6,10}})?-{_HASH}{{5}}$|-\d{{1,4}}$")
# What files are called that are named after nobody.
_NO_SERVICE = frozenset(
    {"stdin", "input", "log", "logs", "app", "output", "out", "err", "error", "errors", "stderr", "stdout", "events",
     "messages", "syslog", "kern", "dmesg", "journal", "paste", "ticket", "incident", "all", "others", "describe",
     "notes"}
)  # fmt: skip
_STAMP = 19  # bytes of a stamp down to the second
_LONG = 32_000_000  # bytes; a shorter log is read in a moment
_ENDING = 64 * 1024  # bytes of a log that are read for its newest stamp
_MAX_LINE = 64 * 1024  # of a line only its start is checked for a stamp


def log_refs(files: Files, pods: Mapping[str, KubeObject]) -> tuple[LogRef, ...]:
    """Return the logs among the bundle's files; the service from the pod's labels, else from the names."""
    if files.lone:
        return tuple(LogRef(where=name) for name in files.sizes)
    if files.owners is not None:
        return tied(files.owners, pods)
    names = (name for name in sorted(files.sizes) if name.endswith((".log", ".txt")))
    known = {service_of(pod) for pod in pods.values()}
    refs = (_ref(name, pods) for name in names)
    # Where the pods are known, a name that fits none of them ("startup") names no service.
    return tuple(replace(ref, service=None) if known and ref.service not in known else ref for ref in refs)


def tied(owners: Mapping[str, LogRef], pods: Mapping[str, KubeObject]) -> tuple[LogRef, ...]:
    """Return the logs of an input that is not a bundle, each with the pod and service that objects and names show."""
    known = {service for pod in pods.values() if (service := service_of(pod))}
    return tuple(_tied(ref, pods, known) for _, ref in sorted(owners.items()))


def _tied(ref: LogRef, pods: Mapping[str, KubeObject], known: Collection[str]) -> LogRef:
    name = ref.pod or ref.service
    if name is None:
        return ref
    pod = _longest(name, pods)
    if pod is not None:
        rest = name[len(pod) :].strip("-_.")
        containers = _containers(pods[pod])
        only = containers[0] if len(containers) == 1 else None
        container = ref.container or (rest if rest in containers else only)
        ended = ended_at(pods[pod], container) if ref.previous and container else None
        named = service_of(pods[pod])
        place = namespace_of(pods[pod])
        return replace(ref, pod=pod, container=container, service=named, namespace=place, ended_at=ended)
    if ref.pod is not None:
        named = _from_names(ref.pod, ref.container or "")
        return replace(ref, service=named if not known or named in known else None)
    return replace(ref, service=_service(name, known))


def _service(name: str, known: Collection[str]) -> str | None:
    """Return the service that a file's name names: one of the known, or, where none is, what it is called."""
    plain = _workload(name).lower()
    if not known:
        return None if plain in _NO_SERVICE else plain
    if plain in known:
        return plain
    near = [one for one in known if one.startswith(f"{plain}-") or plain.startswith((f"{one}-", f"{one}_", f"{one}."))]
    return near[0] if len(near) == 1 else None


def _longest(name: str, pods: Mapping[str, KubeObject]) -> str | None:
    """Return the pod that a name is, or begins with before a container's name."""
    if name in pods:
        return name
    ends = [place for place in range(len(name)) if name[place] in "-_."]
    return next((name[:end] for end in reversed(ends) if name[:end] in pods), None)


def _containers(pod: KubeObject) -> list[str]:
    spec = pod.get("spec")
    listed = spec.get("containers") if isinstance(spec, dict) else None
    names = (entry.get("name") for entry in listed or () if isinstance(entry, dict)) if isinstance(listed, list) else ()
    return [name for name in names if isinstance(name, str)]


def service_of(pod: KubeObject) -> str | None:
    """Return the service that a pod's `app` label names, else its name without what was generated.

    Any other label may name the complete platform: it counts where the pod's own name states the same.
    """
    metadata = pod.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    labels = labels if isinstance(labels, dict) else {}
    own = _GENERATED.sub("", name_of(pod) or "")
    if isinstance(labels.get("app"), str) and labels["app"]:
        return str(labels["app"])
    for value in (labels.get(key) for key in _LABELS):
        if isinstance(value, str) and value and own and (value in own or own in value):
            return value
    return own or None


def last_lines(files: Files, name: str, lines: int) -> Iterator[bytes]:
    """Yield the last `lines` lines, found from the end: the cost is theirs, not the log's. Raises OSError."""
    if lines <= 0:
        return iter(())
    size = files.sizes[name]
    wanted = lines + 1  # the newline before the first wanted line
    with files.opener(name) as stream:
        end = size
        while end > 0:
            start = max(0, end - CHUNK)
            stream.seek(start)
            block = stream.read(end - start)
            if end == size and block and not block.endswith(b"\n"):
                wanted -= 1
            found = block.count(b"\n")
            if found >= wanted:
                at = len(block)
                for _ in range(wanted):
                    at = block.rfind(b"\n", 0, at)
                return files.chunks(name, start + at + 1)
            wanted -= found
            end = start
    return files.chunks(name)


def since(chunks: Iterable[bytes], cutoff: datetime) -> Iterator[bytes]:
    """Yield the lines at or after `cutoff`; a line without a stamp goes with the line above it, the first ones stay."""
    keep, rest, within, stamp = True, b"", False, b"?"
    for chunk in chunks:
        kept: list[bytes] = []
        for line in (rest + chunk).splitlines(keepends=True) if rest else chunk.splitlines(keepends=True):
            if not line.endswith(b"\n") and len(line) < _MAX_LINE:
                rest = line
                break
            if not within and line[:_STAMP] != stamp:  # most lines of a busy log share the second of the one above
                keep, stamp = _verdict(line, cutoff, keep), line[:_STAMP]
            within = not line.endswith(b"\n")
            if keep:
                kept.append(line)
        else:
            rest = b""
        if kept:
            yield b"".join(kept)
    if rest and ((within and keep) or (not within and _verdict(rest, cutoff, keep))):
        yield rest


def reported(chunks: Iterable[bytes], name: str, size: int, report: Callable[[str], None]) -> Iterator[bytes]:
    """Yield chunks; of a long log, `report` is reported how far it is read."""
    done = 0
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        if size >= _LONG:
            report(f"{name}, {done // 1_000_000:,} of {size // 1_000_000:,} MB")


def _verdict(line: bytes, cutoff: datetime, before: bool) -> bool:  # noqa: FBT001 - the verdict over the line above
    at = line_time(line)
    return before if at is None else at >= cutoff


def _ref(name: str, pods: Mapping[str, KubeObject]) -> LogRef:
    parts = name.split("/")
    stem = parts[-1].rsplit(".", 1)[0]
    previous = stem.endswith(".previous")
    stem = stem.removesuffix(".previous")
    if len(parts) == 3 and parts[0] == "logs":
        pod = pods.get(parts[1])
        service = service_of(pod) if pod else _from_names(parts[1], stem)
        namespace = namespace_of(pod) if pod else None
        ended = ended_at(pod, stem) if pod and previous else None
        return LogRef(name, parts[1], stem, previous=previous, service=service, namespace=namespace, ended_at=ended)
    return LogRef(name, previous=previous, service=stem or None)


def _from_names(pod: str, container: str) -> str:
    own = container.removesuffix("-container")
    return own if own and own != container else _workload(pod)


def _workload(pod: str) -> str:
    plain = _GENERATED.sub("", pod) or pod
    return plain.removesuffix("-deployment") or pod


def newest_of_logs(files: Files, refs: Iterable[LogRef]) -> Iterator[datetime]:
    """Yield the newest time at the end of each log; one that cannot be read has none, `read_log` states why."""
    for ref in refs:
        try:
            at = newest_line_time(files.ending(ref.where, _ENDING))
        except OSError:
            continue
        if at is not None:
            yield at
