"""A diagnosis' surroundings as a command's setup gives them, its steps on the screen while they last."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from opsagent.agent import wiring
from opsagent.agent.context import Context
from opsagent.cli.setup import Setup
from opsagent.ui.key_press import key_pressed
from opsagent.ui.steps import Steps

if TYPE_CHECKING:
    from opsagent.clients.bundle.platform import BundlePlatform


@contextmanager
def live(setup: Setup, *, model: bool) -> Iterator[Context]:
    """Surround a diagnosis of the running system."""
    with Steps(where=setup.platform.where) as steps:
        ctx = wiring.live(
            setup.settings,
            setup.platform,
            setup.redact,
            store=setup.store,
            progress=steps,
            environ=setup.environ,
            model=model,
        )
        yield replace(ctx, skip=key_pressed)


@contextmanager
def bundled(setup: Setup, bundle: "BundlePlatform", *, model: bool) -> Iterator[Context]:
    """Surround a diagnosis of a bundle."""
    with Steps(where=bundle.where) as steps:
        bundle.report = lambda text: steps.doing("reading", text)
        ctx = wiring.bundled(
            setup.settings,
            bundle,
            setup.redact,
            progress=steps,
            environ=setup.environ,
            model=model,
            spending=setup.store.model_tokens if model and setup.settings.model.name else None,
        )
        yield replace(ctx, skip=key_pressed)
