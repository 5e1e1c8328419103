"""Fixtures of the tests of the agent."""

from dataclasses import replace
from pathlib import Path

import pytest

from opsagent.agent import verification
from tests.agent.small_platform import Bench, bench
from tests.agent.story import Story


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Return a platform after an approved restart: verified for 30 s at most, held for 4 s, read every 2 s."""
    made = Story(bench(tmp_path))
    made.small.ctx = replace(made.small.ctx, pause=made.pause)
    made.limit(timeout_s=30.0, hold_s=4.0, interval_s=2.0)
    # Time is what the story states it is: a hold window that waits for the machine's clock would depend on its load.
    monkeypatch.setattr(verification, "time", made)
    return made


@pytest.fixture
def small(tmp_path: Path) -> Bench:
    """Return a platform of one Deployment, and the clock of its operator."""
    return bench(tmp_path)
