"""A state directory that fails: the diagnosis is reported all the same, and nothing can be approved."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from opsagent.agent import run, unkept, wiring
from opsagent.agent.wiring import LiveArchive
from opsagent.clients.live import LivePlatform
from opsagent.config.titanium import TITANIUM
from opsagent.errors import ApprovedStoreError, ExitCode
from opsagent.models.incident import Report
from opsagent.redact import Redactor
from opsagent.sandbox import Sandbox
from opsagent.store.store import Store
from tests.agent.test_survival import FullFrom
from tests.session import SPEED, Heard, ScriptedAnswers, settings_for


def _no_directory(state: Path) -> None:
    state.write_text("a file")


def _damaged_database(state: Path) -> None:
    state.mkdir(mode=0o700)
    (state / "opsagent.db").write_bytes(b"x" * 5000)


def _damaged_checkpoints(state: Path) -> None:
    state.mkdir(mode=0o700)
    (state / "checkpoints.db").write_bytes(b"x" * 5000)


class FullAtPanel(FullFrom):
    """A disk that is full when the panel is about to be shown."""

    kind = "panel"


def _diagnosed(
    folder: Path,
    replies: ScriptedAnswers,
    *,
    damage: Callable[[Path], None] | None = None,
    full: type[FullFrom] | None = None,
) -> list[Report]:
    with Sandbox("db-locked", speed=SPEED) as box:
        settings = settings_for(box, folder)
        if damage:
            damage(folder / "state")
        store, platform = Store.at(settings, {}), LivePlatform(settings, TITANIUM)
        ctx = wiring.live(settings, platform, Redactor(), store=store, progress=Heard(), environ={}, model=False)
        if full:
            assert isinstance(ctx.archive, LiveArchive)
            ctx = replace(ctx, archive=full(store, ctx.archive.server_key))
        try:
            return list(unkept.diagnose(ctx, run.DiagnosisRequest("blog-service"), store, replies))
        finally:
            assert box.state.deployment("blog-service").rollouts == 0


@pytest.mark.parametrize("damage", [_no_directory, _damaged_database, _damaged_checkpoints])
def test_without_a_state_directory_there_is_still_a_diagnosis(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """The cause with its evidence, exit code 3, nobody is asked, and the end names the reason and how to fix it."""
    replies = ScriptedAnswers([])
    [report] = _diagnosed(tmp_path, replies, damage=damage)
    assert run.exit_code(report) == ExitCode.REPORTED
    assert report.causes[0].code == "db.locked"
    assert report.evidence
    assert "approval refused" in report.closing
    assert "nothing was kept" in report.closing
    assert str(tmp_path / "state") in report.closing
    assert replies.panels == []


def test_a_disk_that_fills_before_the_panel_ends_no_diagnosis(tmp_path: Path) -> None:
    """Nothing was approved yet: it is diagnosed again without state, and the panel is not shown."""
    replies = ScriptedAnswers(["approve"])
    [report] = _diagnosed(tmp_path, replies, full=FullAtPanel)
    assert run.exit_code(report) == ExitCode.REPORTED
    assert "disk is full" in report.closing
    assert replies.panels == []


def test_a_disk_that_is_full_after_the_yes_is_an_error(tmp_path: Path) -> None:
    """A change may be under way then: nothing begins again, and nothing is sent."""
    with pytest.raises(ApprovedStoreError, match="full"):
        _diagnosed(tmp_path, ScriptedAnswers(["approve"]), full=FullFrom)
