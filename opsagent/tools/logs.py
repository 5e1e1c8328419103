"""The logs of a service: get_service_logs and search_logs, over all its pods and containers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from opsagent.errors import CheckError, NotFoundError
from opsagent.models.observed import LogRef, Skipped
from opsagent.models.platform import KnowsLogGaps, Platform
from opsagent.models.service import Service, resolve
from opsagent.models.status import LogExcerpt, LogMatch, ServiceLogs
from opsagent.redact import Redactor
from opsagent.tools.candidates import candidates, literals_in, stands_anywhere
from opsagent.tools.log_choice import MOST_PODS, chosen_logs
from opsagent.tools.log_lines import last_lines, pieces, split_stamp
from opsagent.tools.log_query import LogQuery, log_query
from opsagent.tools.pattern import compile_pattern
from opsagent.tools.read_ahead import read_ahead
from opsagent.tools.side_by_side import side_by_side

_PIECE = 256 * 1024  # of a longer line; a match across the seam of two pieces is not found
_SHOWN = 400  # characters of a matching line


def get_service_logs(
    platform: Platform,
    services: Iterable[Service],
    service: str,
    since: str | None = None,
    tail: int = 100,
    *,
    redact: Redactor | None = None,
) -> ServiceLogs:
    """Read the last lines of every container of every pod of a service, with time stamps, secrets redacted.

    service: any of the service's names. since: only what is newer, as "10m" or "1h30m". tail: lines a container,
    -1 for all. Returns one excerpt a container, and one more of the run before where a container was restarted. A log
    that could not be read, or not to its end, is in `not_checked`.
    """
    query = log_query(since=since, tail=tail)
    patient, refs = service_refs(platform, services, service)
    return read_logs(platform, patient.name, refs, query, gaps=log_gaps(platform, patient), redact=redact)


def read_logs(
    platform: Platform,
    name: str,
    every: tuple[LogRef, ...],
    query: LogQuery,
    *,
    gaps: tuple[Skipped, ...] = (),
    redact: Redactor | None = None,
) -> ServiceLogs:
    """Read the lines that a query keeps of each log, secrets redacted.

    name: what was asked for. gaps: what kept more logs from being listed. A log that could not be read,
    or not to its end, is in `not_checked`. Raises the first error where not one could be read.
    """
    refs, left_out = _chosen(platform, every)
    redactor = redact or Redactor()

    def read(ref: LogRef) -> LogExcerpt | CheckError:
        try:
            lines, broke_off = last_lines(platform.read_log(ref, **query.bounds), query.tail)
        except CheckError as error:
            return error.as_answer()
        kept = [line for line in lines if query.keeps(line)]
        clean = redactor("\n".join(kept)).split("\n") if kept else []
        return LogExcerpt(ref.where, ref.pod, ref.container, ref.previous, tuple(clean), broke_off)

    answers = side_by_side(read, refs)
    excerpts = tuple(answer for answer in answers if isinstance(answer, LogExcerpt))
    errors = [(ref, answer) for ref, answer in zip(refs, answers, strict=True) if isinstance(answer, CheckError)]
    if errors and not excerpts:
        raise errors[0][1]
    skipped = [*([left_out] if left_out else []), *gaps]
    skipped += [Skipped(ref.where, error.message) for ref, error in errors]
    skipped += [Skipped(excerpt.where, excerpt.broke_off) for excerpt in excerpts if excerpt.broke_off]
    return ServiceLogs(name, excerpts, tuple(skipped))


def search_logs(
    platform: Platform,
    services: Iterable[Service],
    service: str,
    pattern: str,
    *,
    since: str | None = None,
    tail: int | None = None,
    redact: Redactor | None = None,
    on_skip: Callable[[Skipped], None] | None = None,
) -> Iterator[LogMatch]:
    """Search every log of a service for a regular expression and yield each line that it finds, as it is found.

    service: any of the service's names. pattern: RE2 syntax (no look-around, no back-references), matched against the
    line without its time stamp. since: only what is newer, as "10m". tail: only the last lines of each container.
    Secrets in the lines are redacted. A log that could not be read is instructed to `on_skip`; without it an error is
    raised after the last match, so that a search is never silently short.
    """
    wanted = compile_pattern(pattern)
    query = log_query(since=since, tail=tail)
    patient, refs = service_refs(platform, services, service)
    gaps = log_gaps(platform, patient)
    return search_refs(platform, refs, wanted, query, gaps=gaps, redact=redact, on_skip=on_skip)


def search_refs(
    platform: Platform,
    every: tuple[LogRef, ...],
    wanted: Any,
    query: LogQuery,
    *,
    gaps: tuple[Skipped, ...] = (),
    redact: Redactor | None = None,
    on_skip: Callable[[Skipped], None] | None = None,
) -> Iterator[LogMatch]:
    """Search logs for a compiled pattern, as `search_logs` does; gaps: what kept more logs from being listed."""
    refs, left_out = _chosen(platform, every)
    gone = [*([left_out] if left_out else []), *gaps]

    def read(ref: LogRef) -> Iterator[bytes]:
        return platform.read_log(ref, **query.bounds)

    return _matches(read, refs, wanted, redact or Redactor(), on_skip, gaps=gone)


def service_refs(platform: Platform, services: Iterable[Service], name: str) -> tuple[Service, tuple[LogRef, ...]]:
    """Return the service that `name` spells and its logs; NotFoundError where it has none."""
    service = resolve(name, services)
    prefix = f"{service.deployment}-" if service.deployment else None
    refs = tuple(
        ref
        for ref in platform.logs()
        if ref.service == service.name or (ref.service is None and prefix and ref.pod and ref.pod.startswith(prefix))
    )
    if not refs:
        raise _no_log(platform, service)
    return service, ordered(refs)


def ordered(refs: Iterable[LogRef]) -> tuple[LogRef, ...]:
    """Return the logs with a container's earlier run before its present one: older lines come first."""
    groups: dict[tuple[str | None, str | None], list[LogRef]] = {}
    for ref in refs:
        groups.setdefault((ref.pod, ref.container), []).append(ref)
    return tuple(ref for group in groups.values() for ref in sorted(group, key=lambda ref: not ref.previous))


def log_gaps(platform: Platform, service: Service) -> tuple[Skipped, ...]:
    """Return what kept logs of a service from being listed; gaps of other services are left out."""
    gaps = platform.log_gaps if isinstance(platform, KnowsLogGaps) else ()
    return tuple(gap.skipped for gap in gaps if gap.service in (None, service.name))


def _no_log(platform: Platform, service: Service) -> NotFoundError:
    gaps = log_gaps(platform, service)
    if gaps:
        return NotFoundError("; ".join(gap.why for gap in gaps), source="logs", hint="see logs.sources")
    where = platform.where.namespace
    return NotFoundError(
        f"there is no pod of {service.name} in {where}, so no log", source="logs", hint="opsagent pods lists them"
    )


def _chosen(platform: Platform, refs: tuple[LogRef, ...]) -> tuple[tuple[LogRef, ...], Skipped | None]:
    """Return the logs to read: live, of the most suspicious pods where a service has very many."""
    if not platform.live or len({ref.pod for ref in refs}) <= MOST_PODS:
        return refs, None
    return chosen_logs(refs, platform.list("Pod"), MOST_PODS)


def _matches(
    read: Callable[[LogRef], Iterator[bytes]],
    refs: Iterable[LogRef],
    wanted: Any,
    redactor: Redactor,
    on_skip: Callable[[Skipped], None] | None,
    *,
    gaps: Iterable[Skipped],
) -> Iterator[LogMatch]:
    skipped = list(gaps)
    if on_skip is not None:
        for gap in skipped:
            on_skip(gap)
    for ref in refs:
        try:
            yield from _found(read(ref), ref.where, wanted, redactor)
        except CheckError as error:
            skipped.append(Skipped(ref.where, error.message))
            if on_skip is not None:
                on_skip(skipped[-1])
    if skipped and on_skip is None:
        more = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
        raise CheckError(f"not searched to the end: {skipped[0].source} ({skipped[0].why}){more}", source="logs")


def _found(chunks: Iterable[bytes], where: str, wanted: Any, redactor: Redactor) -> Iterator[LogMatch]:
    matched = 0
    ahead = read_ahead(chunks)
    if stands_anywhere(wanted.pattern):
        texts = literals_in(wanted.pattern) if wanted.options.case_sensitive else ()
        lines = candidates(ahead, _PIECE, wanted, texts)
    else:
        lines = pieces(ahead, _PIECE)
    for number, piece in lines:
        if number == matched:
            continue  # a long line counts once
        stamp, text = split_stamp(piece.decode("utf-8", "replace"))
        hit = wanted.search(text)
        if hit:
            matched = number
            yield LogMatch(where, number, stamp + _excerpt(text, hit.start(), wanted, redactor))


def _excerpt(text: str, start: int, wanted: Any, redactor: Redactor) -> str:
    """Return the redacted line, of a long one the part around the match."""
    if len(text) > 4 * _SHOWN:
        text = text[max(start - 2 * _SHOWN, 0) : start + 2 * _SHOWN]
    clean = redactor(text)
    if len(clean) <= _SHOWN:
        return clean
    again = wanted.search(clean)
    begin = max((again.start() if again else 0) - _SHOWN // 4, 0)
    shown = clean[begin : begin + _SHOWN]
    return f"{'…' if begin else ''}{shown}{'…' if begin + _SHOWN < len(clean) else ''}"
