"""One body of evidence from several inputs, in the shape of a bundle: one set of checks serves all."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any

from opsagent.clients.bundle.files import Files, Limits
from opsagent.clients.bundle.logs import log_refs
from opsagent.clients.bundle.objects import names_only, read_objects
from opsagent.clients.handed_over.ages import stamp
from opsagent.clients.handed_over.owners import Owner
from opsagent.clients.handed_over.recognise import HandedOver, joined
from opsagent.clients.handed_over.relations import completed
from opsagent.models.coverage import Outcome
from opsagent.models.observed import KubeObject, LogRef

Opener = Callable[[], IO[bytes]]
_ERRORS, _STATS, _META = "errors.json", "stats.jsonl", "bundle.json"
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(slots=True)
class Recognised:
    """What was found so far."""

    limits: Limits
    objects: list[KubeObject] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)
    meta: dict[str, Any] = field(default_factory=dict)
    notes: list[dict[str, str]] = field(default_factory=list)  # entries of errors.json
    samples: list[str] = field(default_factory=list)  # lines of stats.jsonl
    contents: dict[str, tuple[int, Opener]] = field(default_factory=dict)  # size and reader of a file, by its name
    owners: dict[str, LogRef] = field(default_factory=dict)
    printed: datetime = _EPOCH  # when the newest text was printed whose times are ages
    modified: datetime = _EPOCH

    def note(self, why: str, outcome: Outcome = Outcome.NOT_UNDERSTOOD) -> None:
        """Note something that was handed over and is not used."""
        self.notes.append({"source": "input", "error": why, "outcome": outcome.value})

    def add_log(self, name: str, size: int, opener: Opener, owner: Owner) -> None:
        """Add a log under a name of its own."""
        place, number = name, 1
        while place in self.contents:
            number += 1
            place = f"{name}~{number}"
        self.contents[place] = (size, opener)
        self.owners[place] = LogRef(
            place, owner.pod, owner.container, previous=owner.previous, service=owner.service, namespace=owner.namespace
        )

    def add_text(self, found: HandedOver, at: datetime) -> None:
        """Add objects and samples of a text; `at` (aware) is when it was printed, as far as is known."""
        self.objects += found.objects
        self.looked |= found.looked
        for sample in found.stats:
            self.samples.append(json.dumps({"at": stamp(at), "took_s": 0.0, "http": 200, "stats": sample}))
        for why in found.odd:
            self.note(why)
        if found.relative:
            self.printed = max(self.printed, at)

    def add_bundle(self, files: Files) -> None:
        """Add all that a bundle holds."""
        found = read_objects(files)
        self.objects += found.items
        self.looked |= found.looked
        self.notes += [
            {"source": note.source, "error": note.why, "outcome": note.outcome.value} for note in found.skipped
        ]
        self.modified = max(self.modified, files.modified)
        for ref in log_refs(files, {}):
            owner = Owner(ref.namespace, ref.pod, ref.container, ref.service, ref.previous)
            self.add_log(ref.where, files.sizes[ref.where], _reader(files, ref.where), owner)
        for name in files.sizes:
            if name == _META:
                self._add_meta(b"".join(files.chunks(name)))
            elif name in DOCUMENTS:
                self.add_document(name, b"".join(files.chunks(name)))

    def add_document(self, name: str, data: bytes) -> None:
        """Add a file of a bundle that is read as it is."""
        if name == _STATS:
            self.samples += data.decode("utf-8-sig", "replace").splitlines()
        elif name == _ERRORS:
            entries = _loaded(data)
            self.notes += [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
        elif data:
            self.contents.setdefault(name, (len(data), lambda: io.BytesIO(data)))

    def _add_meta(self, data: bytes) -> None:
        found = _loaded(data)
        self.meta = {**(found if isinstance(found, dict) else {}), **self.meta}

    def files(self, path: str) -> Files:
        """Return everything as the files of a bundle."""
        meta = {"version": 1, "service": None, **self.meta, "looked": sorted(self.looked)}
        if "collected_at" not in meta and self.printed > _EPOCH:
            meta["collected_at"] = stamp(self.printed)
        contents = dict(self.contents)
        texts = {_META: json.dumps(meta), _STATS: "\n".join(self.samples), _ERRORS: json.dumps(self.notes)}
        if not self.contents and not self.objects and not self.samples and not self.looked:
            del texts[_META]
        texts = {name: text for name, text in texts.items() if text not in ("", "[]")}
        contents |= {name: _in_memory(text) for name, text in texts.items()}
        return Files(
            path=path,
            sizes={name: size for name, (size, _) in contents.items()},
            opener=lambda name: contents[name][1](),
            modified=self.modified if self.modified > _EPOCH else datetime.now(UTC),
            limits=self.limits,
            objects=tuple(map(names_only, completed(joined(self.objects)))),
            owners=self.owners,
        )


DOCUMENTS = (_STATS, "health.json", "metrics.json", "alerts.json", _ERRORS)


def _reader(files: Files, name: str) -> Opener:
    return lambda: files.opener(name)


def _in_memory(text: str) -> tuple[int, Opener]:
    data = text.encode()
    return len(data), lambda: io.BytesIO(data)


def _loaded(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
