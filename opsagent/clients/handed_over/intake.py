"""Everything that was handed over, each file taken for what it holds, not for its name or the way it came."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from opsagent.clients.bundle.files import Entry, Files, Limits, Loose, Spool
from opsagent.clients.bundle.objects import kind_of_file
from opsagent.clients.bundle.opening import Report
from opsagent.clients.bundle.time import newest_line_time
from opsagent.clients.handed_over.body import DOCUMENTS, Recognised
from opsagent.clients.handed_over.frames import DUMP, Frame, frame_of
from opsagent.clients.handed_over.owners import NOBODY, Owner, owner_of, with_previous
from opsagent.clients.handed_over.plain_text import is_binary, plain
from opsagent.clients.handed_over.recognise import (
    HandedOver,
    is_document,
    may_be_structured,
    recognise,
    recognise_document,
    uncoloured,
)
from opsagent.clients.handed_over.separate import Log, Separator
from opsagent.errors import UsageError
from opsagent.models.coverage import Outcome

PASTED = 16 * 1024 * 1024  # bytes; a larger text is a log, and read as a stream
_HEAD, _ENDING, _ENDINGS = 64 * 1024, 64 * 1024, 500
_STALE = timedelta(hours=24)  # a text so much newer than the newest line of all was copied at that time, not printed
_DUMPED = b"==== START logs for container "


def gathered(inputs: Sequence[Files | Loose], limits: Limits, report: Report) -> Files:
    """Return one body of evidence. Raises UsageError where an input that is one file cannot be read."""
    intake = _Intake(Recognised(limits), limits, report)
    for one in inputs:
        if isinstance(one, Files):
            intake.body.add_bundle(one)
        else:
            intake.unpack(one)
    path = ", ".join(one.path for one in inputs)
    if len(inputs) == 1 and isinstance(inputs[0], Loose) and inputs[0].lone:
        alone = intake.log_alone(path)
        if alone is not None:
            return alone
    intake.take_all()
    return intake.body.files(path)


@dataclass(slots=True)
class _Intake:
    body: Recognised
    limits: Limits
    report: Report
    spool: Spool = field(default_factory=Spool)
    waiting: list[tuple[Entry, Owner]] = field(default_factory=list)

    def unpack(self, loose: Loose) -> None:
        """Bring the files of an input to plain text, and see whose logs they may be."""
        for why in loose.notes:
            self.body.note(why, Outcome.NOT_ASKED)
        owners: dict[str, Owner] = {}
        texts: list[Entry] = []
        for number, entry in enumerate(loose.entries, 1):
            self.report(f"{loose.path}, file {number:,} of {len(loose.entries):,}" if not loose.lone else entry.name)
            try:
                text = plain(entry, self.spool, self.limits)
                owners[text.name] = owner_of(text.name) if text.name != "stdin" else NOBODY
                texts.append(text)
            except OSError as error:
                self._unreadable(loose, f"{entry.name} cannot be read: {error}")
            except UsageError as error:
                self._unreadable(loose, error.message)
        owners = with_previous(owners)
        self.waiting += [(text, owners[text.name]) for text in texts]

    def _unreadable(self, loose: Loose, why: str) -> None:
        if loose.lone:
            raise UsageError(why, hint="check the file: copy or pack it again")
        self.body.note(why, Outcome.FAILED)

    def log_alone(self, path: str) -> Files | None:
        """Return the only file as a log of which no more is known than a name; None where it holds more than that."""
        entry, _ = self.waiting[0]
        sample = entry.head(_HEAD)
        data = b"".join(entry.chunks()) if entry.size <= PASTED else sample
        if not is_binary(sample) and _holds_more(sample, data, entry):
            return None
        return Files(
            path, {entry.name: entry.size}, lambda _name: entry.opener(), entry.modified, lone=True, limits=self.limits
        )

    def take_all(self) -> None:
        """Take each file for what it holds."""
        newest = max(self._ending_times(), default=None)
        for entry, owner in self.waiting:
            self.report(entry.name)
            self.body.modified = max(self.body.modified, entry.modified)
            at = entry.modified
            if newest is not None and at - newest > _STALE:
                at = newest
            try:
                self._take(entry, owner, at)
            except OSError as error:
                self.body.note(f"{entry.name} cannot be read: {error}", Outcome.FAILED)

    def _ending_times(self) -> Iterator[datetime]:
        for entry, _ in self.waiting[:_ENDINGS]:
            try:
                with entry.opener() as stream:
                    stream.seek(max(0, entry.size - _ENDING))
                    at = newest_line_time(stream.read(_ENDING))
            except OSError:  # whoever reads it notes that
                at = None
            if at is not None:
                yield at

    def _take(self, entry: Entry, owner: Owner, at: datetime) -> None:
        if entry.name in DOCUMENTS:
            self.body.add_document(entry.name, b"".join(entry.chunks()))
            return
        sample = entry.head(_HEAD)
        if not sample.strip():
            return
        if is_binary(sample):
            self.body.note(f"{entry.name} is not a text")
            return
        whole = entry.size <= PASTED or is_document(_text(sample))
        if entry.size > self.limits.json_bytes:
            whole = False
        data = b"".join(entry.chunks()) if whole else sample
        frame = _frame(sample, data)
        if frame is not None:
            self._separate(entry, owner, frame, at)
        elif whole and owner.container is None and may_be_structured(_text(data)):
            self._add(_recognised(data, at), entry.name, owner, at)
        else:
            self.body.add_log(entry.name, entry.size, entry.opener, owner)

    def _add(self, found: HandedOver, name: str, owner: Owner, at: datetime) -> None:
        """Add what was recognised in a text, and what is left of it as logs."""
        listed = kind_of_file(PurePosixPath(name).name)
        if listed and not found.objects and not found.log:
            found.looked.add(listed)
        self.body.add_text(found, at)
        for whose, text in found.texts():
            data = text.encode()
            frame = _frame(data[:_HEAD], data)
            if frame is not None:
                for log in Separator(frame, self.spool).logs([data]):
                    self._add_log(name, log, whose)
            else:
                log_name = name if whose == NOBODY else f"{name}/{_label(whose)}"
                parts = [(self.spool.size, self.spool.append(data))]
                self._add_log(log_name, Log(whose, parts), owner, named=True)
        kept = Separator(None, self.spool)
        for record in found.records:
            kept.put(record.owner, record.text)
        for log in kept.close():
            self._add_log(name, log, owner)

    def _separate(self, entry: Entry, owner: Owner, frame: Frame, at: datetime) -> None:
        """Add the logs that lie interleaved, or one behind the other, in a file."""
        for log in Separator(frame, self.spool).logs(self._watched(entry)):
            if frame is DUMP and log.owner == NOBODY:
                text = log.reader(self.spool).read()
                if len(text) <= self.limits.json_bytes:
                    self._add(_recognised(text, at), entry.name, NOBODY, at)
                else:
                    self.body.note(f"{entry.name} holds more objects than are read")
            else:
                self._add_log(entry.name, log, owner)

    def _add_log(self, name: str, log: Log, within: Owner, *, named: bool = False) -> None:
        """Add a log; what its own frame does not name, the path of the file may."""
        known = within.completing(log.owner)
        place = name if named or log.owner == NOBODY else f"{name}/{_label(log.owner)}"
        self.body.add_log(place, log.size, lambda: log.reader(self.spool), known)  # type: ignore[arg-type,return-value]

    def _watched(self, entry: Entry) -> Iterator[bytes]:
        done = 0
        for chunk in entry.chunks():
            done += len(chunk)
            self.report(f"{entry.name}, {done // 1_000_000:,} of {entry.size // 1_000_000:,} MB")
            yield chunk


def _holds_more(sample: bytes, data: bytes, entry: Entry) -> bool:
    """Return whether a text holds more than the lines of one log."""
    if _frame(sample, data) is not None:
        return True
    text = _text(data)
    return may_be_structured(text) and (entry.size > PASTED or _recognised(data, entry.modified).structured)


def _frame(sample: bytes, data: bytes) -> Frame | None:
    """Return the frame around a text's lines, recognised by its first ones; a dump shows its marks anywhere."""
    lines = sample.split(b"\n")
    found = frame_of(lines[:-1] if len(lines) > 1 and len(sample) >= _HEAD else lines)
    return found or (DUMP if _DUMPED in data else None)


def _recognised(data: bytes, at: datetime) -> HandedOver:
    """Recognise a text; one document of JSON, which may be large, is not cut into lines first."""
    text = _text(data)
    return recognise_document(text) or recognise(text, at)


def _label(owner: Owner) -> str:
    named = "/".join(part for part in (owner.pod, owner.container) if part)
    return named or PurePosixPath(owner.service or "").stem or "others"


def _text(data: bytes) -> str:
    return uncoloured(data.decode("utf-8-sig", "replace"))
