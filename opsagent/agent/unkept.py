"""A diagnosis where nothing can be kept: a full disk or a damaged state directory ends no diagnosis, and no change."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from opsagent.agent import run, wiring
from opsagent.agent.context import Context
from opsagent.agent.driving import Desk
from opsagent.errors import ApprovedStoreError, StoreError
from opsagent.models.incident import Report
from opsagent.models.panel import Prompter
from opsagent.store.store import Store


def diagnose(ctx: Context, request: run.DiagnosisRequest, store: Store, prompter: Prompter | None) -> Iterator[Report]:
    """Yield the reports of `run.diagnose`, without any state where the directory fails before a change is approved.

    Raises ApprovedStoreError where it fails after an approval.
    """
    with _desk(store) as desk:
        first, others = _one(ctx, request, desk, prompter)
        yield first
        for service in others:
            yield _one(ctx, replace(request, service=service), desk, prompter)[0]


def diagnose_one(ctx: Context, request: run.DiagnosisRequest, store: Store) -> Report:
    """Return the report of one incident that nobody is asked about, without any state where the directory fails."""
    with _desk(store) as desk:
        return _one(ctx, request, desk, None)[0]


@contextmanager
def _desk(store: Store) -> Iterator[Desk | StoreError]:
    """Give where incidents are kept, or why they cannot be."""
    with ExitStack() as stack:
        desk: Desk | StoreError
        try:
            desk = stack.enter_context(wiring.desk(store))
        except StoreError as error:
            desk = error
        yield desk


def _one(
    ctx: Context, request: run.DiagnosisRequest, desk: Desk | StoreError, prompter: Prompter | None
) -> tuple[Report, tuple[str, ...]]:
    if isinstance(desk, StoreError):
        return _keeping_nothing(ctx, request, desk)
    try:
        return run.diagnose_one(ctx, request, desk, prompter)
    except ApprovedStoreError:
        raise
    except StoreError as error:
        return _keeping_nothing(ctx, request, error)


def _keeping_nothing(ctx: Context, request: run.DiagnosisRequest, error: StoreError) -> tuple[Report, tuple[str, ...]]:
    why = f"{error.message} (fix: {error.hint})" if error.hint else error.message
    unkept = replace(ctx, archive=wiring.NoArchive(), unkept=why)
    report, others = run.diagnose_one(unkept, request, None, None)
    return replace(report, closing=f"{report.closing}; nothing was kept: {why}"), others
