"""What several lines of a log state only together, where each alone states less, or something else."""

from collections.abc import Iterable
from typing import Protocol

from opsagent.analysis.catalog.catalog import Catalog
from opsagent.analysis.logs.context.arbiter import without_guesses
from opsagent.analysis.logs.context.exempt import passed_until
from opsagent.analysis.logs.context.failure_onset import failing_since
from opsagent.analysis.logs.context.final_reports import reports_failure
from opsagent.analysis.logs.context.growing_figures import growing
from opsagent.analysis.logs.context.kubectl_describe import described
from opsagent.analysis.logs.context.last_records import ends_strangely
from opsagent.analysis.logs.context.memory_growth import starved
from opsagent.analysis.logs.context.missing_settings import required
from opsagent.analysis.logs.context.printed_figures import figures
from opsagent.analysis.logs.context.probe_records import probed
from opsagent.analysis.logs.context.repeated_failures import repeated
from opsagent.analysis.logs.context.schema import schema
from opsagent.analysis.logs.context.stalled_work import stalled
from opsagent.analysis.logs.context.unexplained_exit import unsaid
from opsagent.analysis.logs.context.wrong_address import misdirected
from opsagent.analysis.logs.context.zero_replicas import scaled_away
from opsagent.analysis.logs.matching.matches import Match
from opsagent.models.digest import LogDigest

Grouped = dict[tuple[str, str | None], list[Match]]


class _Reader(Protocol):
    def __call__(self, log: LogDigest, found: Grouped, /) -> Iterable[Match]: ...


_READERS: tuple[_Reader, ...] = (
    described,
    figures,
    required,
    scaled_away,
    starved,
    growing,
    unsaid,
    stalled,
    ends_strangely,
    failing_since,
    reports_failure,
    repeated,
)


def relate(log: LogDigest, grouped: Grouped, catalog: Catalog) -> None:
    """Add to what single lines show what they show together, and take away what the others disprove."""
    without_guesses(grouped)
    more = [*misdirected(log, grouped, catalog), *probed(log, grouped, catalog), *schema(grouped, catalog)]
    passed = passed_until(log)  # a run that ended successfully: nothing before its end kept it from that
    more += [match for read in _READERS for match in read(log, grouped) if match.group.last_line > passed]
    for match in more:
        grouped.setdefault((match.verdict.code, match.blames), []).append(match)
