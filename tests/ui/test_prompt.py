"""The prompter states yes only to a clear yes."""

import io
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime

import pytest
from rich.console import Console

from opsagent.models.incident import Analysis
from opsagent.models.opinion import Opinion
from opsagent.models.panel import Panel
from opsagent.models.plan import Answer
from opsagent.ui import prompt
from opsagent.ui.prompt import RichPrompter
from tests.ui.records import AT, DEPLOYMENT, PANEL, PLAN, later

HARMLESS = replace(PANEL, plan=replace(PLAN, risks=PLAN.risks[:1]))


class Script:
    """Answers from a list; None is a terminal that nobody types on any more."""

    name = "pts/3"

    def __init__(self, *lines: str | None) -> None:
        self._lines = list(lines)
        self.forgot = 0

    def screen(self) -> None:
        """Have no screen of its own."""

    def forget(self) -> None:
        """Count how often typed-ahead keys were discarded."""
        self.forgot += 1

    def size(self) -> None:
        """Have no window."""

    def line(self, drawn: tuple[int, int] | None) -> str | None:
        """Return the next answer."""
        return self._lines.pop(0)

    def keyboard(self) -> AbstractContextManager[None]:
        """Give no single keys: pages are printed."""
        return nullcontext()


def _ask(script: Script, panel: Panel = HARMLESS, now: datetime = AT) -> tuple[Answer, str]:
    shown = io.StringIO()
    console = Console(file=shown, width=100, color_system=None, highlight=False, markup=False)
    prompter = RichPrompter(console=console, hearing=script, now=lambda: now, by="operator@host")
    return prompter.ask(panel), shown.getvalue()


@pytest.mark.parametrize(
    ("typed", "decision"),
    [
        ("", "reject"),
        ("r", "reject"),
        ("REJECT", "reject"),
        (" a ", "approve"),
        ("Approve", "approve"),
        ("l", "leave"),
        (None, "leave"),
    ],
)
def test_each_key_means_one_thing(typed: str | None, decision: str) -> None:
    """Enter alone rejects, a approves, l and a closed terminal leave it pending."""
    answer, _ = _ask(Script(typed))
    assert answer.decision == decision
    assert (answer.shown, answer.by, answer.terminal, answer.at) == ("f00d", "operator@host", "pts/3", AT)


def test_m_shows_what_the_model_stated_and_decides_nothing() -> None:
    """The key is offered only where a model was asked; the page comes, and the question is still open."""
    said = Opinion("network.dns", None, "A name is not found.", (), text="the model states network.dns")
    panel = replace(HARMLESS, analysis=Analysis("model+rules", "small", calls=1, opinion=said))
    answer, shown = _ask(Script("m", ""), panel)
    assert answer.decision == "reject"
    assert shown.count("A name is not found.") == 2
    assert "[m]odel" in shown
    without = _ask(Script("m", ""))[1]
    assert "[m]odel" not in without
    assert "Please answer" in without


def test_a_reason_may_follow_the_no() -> None:
    """What is behind r is kept as the reason."""
    assert _ask(Script("r not at this hour"))[0].reason == "not at this hour"


@pytest.mark.parametrize("typed", ["yes", "y", "approve please", "ok", "a r", "1", "\x1b[A"])
def test_nothing_but_a_clear_yes_approves(typed: str) -> None:
    """Anything else is asked again."""
    script = Script(typed, "")
    answer, shown = _ask(script)
    assert answer.decision == "reject"
    assert "Please answer r, a, e or l" in shown
    assert script.forgot == 2


def test_evidence_is_shown_and_the_question_asked_again() -> None:
    """e shows everything and decides nothing."""
    answer, shown = _ask(Script("e", "l"))
    assert "resourceVersion 81234" in shown
    assert answer.decision == "leave"


@pytest.mark.parametrize(
    ("typed", "decision"),
    [
        (("a", DEPLOYMENT), "approve"),
        (("a", "blog-service", DEPLOYMENT), "approve"),
        (("a", "no", "no", DEPLOYMENT), "approve"),
        (("a", "no", "no", "no"), "reject"),
        (("a", ""), "reject"),
        (("a", None), "leave"),
        (("a", "a", "yes", "approve"), "reject"),
        (("a", DEPLOYMENT.upper(), ""), "reject"),
        ((DEPLOYMENT, ""), "reject"),
    ],
)
def test_losing_data_wants_the_name_typed(typed: tuple[str | None, ...], decision: str) -> None:
    """Only the Deployment's exact name, within three tries, approves a plan that loses data."""
    assert _ask(Script(*typed), PANEL)[0].decision == decision


def test_the_loss_is_announced_with_the_keys() -> None:
    """Before any key is pressed the operator reads that data would be lost."""
    assert "This loses data" in _ask(Script(""), PANEL)[1]
    assert "This loses data" not in _ask(Script(""))[1]


def test_a_nameless_target_cannot_be_approved() -> None:
    """A plan that loses data and names no Deployment is never approved, not even by an empty name."""
    nameless = replace(PANEL, plan=replace(PLAN, target=None))
    assert _ask(Script("a", ""), nameless)[0].decision == "reject"
    assert _ask(Script("a", "None", "x", " "), nameless)[0].decision == "reject"


def test_an_expired_panel_is_stated_to_be_expired() -> None:
    """After the expiry the operator reads so, and the answer carries its time for whoever judges it."""
    answer, shown = _ask(Script("a"), now=later(1801))
    assert "EXPIRED" in shown
    assert "nothing is done on it" in shown
    assert answer.at > HARMLESS.expires_at


def test_the_expiry_is_counted_down() -> None:
    """How long an answer counts is beside the keys."""
    assert "30 min left" in _ask(Script(""))[1]


def test_without_a_terminal_it_is_left_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be asked, so nobody has stated yes."""
    monkeypatch.setattr(prompt, "controlling_terminal", lambda: None)
    answer = RichPrompter(now=lambda: AT).ask(HARMLESS)
    assert answer.decision == "leave"
    assert answer.terminal is None
    assert "@" in answer.by


def test_ctrl_c_goes_up() -> None:
    """An interrupt is not an answer: it ends the command."""

    class Interrupted(Script):
        def line(self, drawn: tuple[int, int] | None) -> str | None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _ask(Interrupted())
