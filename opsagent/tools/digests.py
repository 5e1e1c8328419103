"""The digests of several logs, side by side."""

from collections.abc import Callable, Iterable

from opsagent.analysis.logs.digest import digest
from opsagent.errors import CheckError
from opsagent.models.digest import LogDigest
from opsagent.models.observed import LogRef, Skipped
from opsagent.models.platform import Platform
from opsagent.tools.log_query import LogQuery
from opsagent.tools.side_by_side import side_by_side


def digest_refs(
    platform: Platform, refs: Iterable[LogRef], query: LogQuery, *, redact: Callable[[str], str]
) -> tuple[tuple[LogDigest, ...], tuple[Skipped, ...]]:
    """Return the digest of each log in their order, and what could not be read.

    Raises the first error where not one log could be read.
    """
    wanted = tuple(refs)

    def read(ref: LogRef) -> LogDigest | CheckError:
        try:
            return digest(ref, platform.read_log(ref, **query.bounds), redact=redact)
        except CheckError as error:
            return error.as_answer()

    answers = side_by_side(read, wanted)
    errors = [(ref, answer) for ref, answer in zip(wanted, answers, strict=True) if isinstance(answer, CheckError)]
    if errors and len(errors) == len(wanted):
        raise errors[0][1]
    digests = tuple(answer for answer in answers if isinstance(answer, LogDigest))
    return digests, tuple(Skipped(ref.where, error.message) for ref, error in errors)
