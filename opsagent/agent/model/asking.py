"""While a model is asked: seconds, tokens and what it does are shown, and the operator may skip it for this step."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from opsagent.agent.context import Context, Progress, Skip

if TYPE_CHECKING:
    from opsagent.clients.model.client import ModelClient

_KEY = " · s skips it"


@contextmanager
def watched(ctx: Context, model: "ModelClient", box: str) -> Iterator[None]:
    """Show how the questions of a box go, for as long as the block lasts."""
    with watching(ctx.progress, ctx.skip, model, box):
        yield


@contextmanager
def watching(progress: Progress, skip: Skip | None, model: "ModelClient", box: str) -> Iterator[None]:
    """Do the same where there is no diagnosis."""
    shown = -1

    with skip() if skip is not None else nullcontext(lambda: False) as skipped:

        def watch(seconds: float, tokens: int) -> bool:
            nonlocal shown
            if int(seconds) != shown:
                shown = int(seconds)
                how = f"{shown} s, {tokens} tokens" if tokens else f"{shown} s, no token yet"
                progress.doing(box, f"asking {model.name}: {how}{_KEY if skip is not None else ''}")
            return not skipped()

        model.watch(watch)
        try:
            yield
        finally:
            model.watch(None)
