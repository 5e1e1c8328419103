"""The logs of one round: each is read and digested once, of a bounded number of pods, until a new round begins."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from opsagent.agent.log_lines import LogLines
from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.config.settings import LogSettings
from opsagent.errors import CheckError
from opsagent.models.coverage import outcome_of
from opsagent.models.digest import LogDigest
from opsagent.models.observed import LogRef, Objects, Skipped
from opsagent.models.platform import KnowsLogGaps, KnowsLogs, Platform
from opsagent.redact import Redactor
from opsagent.tools.log_choice import chosen_logs
from opsagent.tools.side_by_side import side_by_side


@dataclass
class LogReading:
    """What was read of the logs, and the lines of it that evidence is shown with."""

    platform: Platform
    settings: LogSettings
    redact: Redactor
    catalog: Catalog
    objects: Callable[[], Objects]  # of this round: they name the pods
    skip: Callable[[Skipped], None]  # takes what could not be read
    lines: LogLines = field(default_factory=LogLines)
    _digests: dict[str, LogDigest] = field(default_factory=dict)
    _chosen: dict[LogRef, None] = field(default_factory=dict)

    def new_round(self) -> None:
        """Forget everything that was read."""
        self._digests.clear()
        self._chosen.clear()
        self.lines.clear()

    @property
    def read(self) -> tuple[LogDigest, ...]:
        """What was digested so far."""
        return tuple(self._digests.values())

    def of(self, services: Iterable[str] | None) -> tuple[LogDigest, ...]:
        """Digest the logs of the named services, and those of which no service is known; of all with None."""
        wanted = None if services is None else set(services)
        refs = [ref for ref in self._logs() if wanted is None or ref.service is None or ref.service in wanted]
        refs = self._within_bound(refs)
        missing = [ref for ref in refs if ref.where not in self._digests]
        for done in side_by_side(self._digest, missing):
            if done is not None:
                self._digests[done.where] = done
        return tuple(self._digests[ref.where] for ref in refs if ref.where in self._digests)

    def _within_bound(self, refs: list[LogRef]) -> list[LogRef]:
        """Leave out the logs of pods beyond those that a pass reads; what was read already costs nothing."""
        if not self.platform.live:
            return refs
        read = {ref.pod for ref in self._chosen}
        pods = [item for item in self.objects().items if item.get("kind") == "Pod"]
        free = [ref for ref in refs if ref.pod in read]
        others = [ref for ref in refs if ref.pod not in read]
        kept, left_out = chosen_logs(others, pods, max(self.settings.max_pods - len(read), 0))
        if left_out is not None:
            self.skip(left_out)
        self._chosen.update(dict.fromkeys(kept))
        chosen = {*free, *kept}
        return [ref for ref in refs if ref in chosen]

    def _logs(self) -> tuple[LogRef, ...]:
        found = self._listed_logs()
        for gap in self.platform.log_gaps if isinstance(self.platform, KnowsLogGaps) else ():
            self.skip(gap.skipped)
        return found

    def _listed_logs(self) -> tuple[LogRef, ...]:
        if isinstance(self.platform, KnowsLogs) and "Pod" in self.objects().looked:
            return self.platform.logs_of(item for item in self.objects().items if item.get("kind") == "Pod")
        try:
            return self.platform.logs()
        except CheckError as error:
            self._failed(error)
            return ()

    def _digest(self, ref: LogRef) -> LogDigest | None:
        try:
            if not self.platform.live:
                return self._read(ref, None)
            near = self._read(ref, self.settings.tail)
            # The last lines may all be probes and polling: read on until something speaks, or the bound is reached.
            speaks = log_findings((near,), catalog=self.catalog)
            return near if speaks else self._read(ref, self.settings.max_lines)
        except CheckError as error:
            self._failed(error)
            return None

    def _read(self, ref: LogRef, tail: int | None) -> LogDigest:
        since_s = int(self.settings.since_min * 60) if self.platform.live else None
        chunks = self.platform.read_log(ref, tail=tail, since_s=since_s)
        # Of a bundle nobody is asked: nothing of it has to stay in memory.
        kept = self.lines.keeping(ref.where, chunks) if self.platform.live else chunks
        return digest(ref, kept, redact=self.redact)

    def _failed(self, error: CheckError) -> None:
        self.skip(Skipped(error.source, self.redact(error.message), outcome_of(error)))
