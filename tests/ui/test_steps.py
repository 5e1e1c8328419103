"""Progress: a line a step everywhere, a spinner only where it does no harm."""

import io
from dataclasses import replace

import pytest

from opsagent.models.incident import Step
from opsagent.ui.console import console_on
from opsagent.ui.steps import Steps, still
from tests.ui.records import REPORT, STEPS, WHERE


class Screen(io.StringIO):
    """A terminal that remembers what it was sent."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _walk(stream: io.StringIO) -> str:
    with Steps(console_on(stream, width=80), where=WHERE) as steps:
        steps.found("b7k2", "blog-service", REPORT.symptoms)
        for step in STEPS:
            steps.doing(step.node, "at work")
            steps.done(step)
        steps.doing("verify", "waiting")
    return stream.getvalue()


def test_without_a_terminal_there_are_only_plain_lines() -> None:
    """In a file stand the incident and one line a finished step, without any escape."""
    shown = _walk(io.StringIO())
    assert "\x1b" not in shown
    lines = shown.splitlines()
    assert lines[0].startswith("incident b7k2 · blog-service · context kind-titanium")
    assert " ✓ analyze        sqlite3.OperationalError: database is locked" in [line.rstrip() for line in lines]
    assert "at work" not in shown


def test_in_a_terminal_what_is_done_now_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spinner shows the present step, and the cursor is given back at the end."""
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = _walk(Screen())
    assert "at work" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("OPSAGENT_PLAIN", "1")])
def test_a_screen_reader_gets_no_spinner(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """With TERM=dumb or OPSAGENT_PLAIN nothing moves, not even in a terminal."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(name, value)
    shown = _walk(Screen())
    assert "at work" not in shown
    assert "\x1b[?25l" not in shown
    assert "root_cause" in shown


def test_a_failed_step_states_it_in_a_word() -> None:
    """A step that failed is recognised by a word, not by colour or mark alone."""
    stream = io.StringIO()
    Steps(console_on(stream)).done(replace(STEPS[0], ok=False, text="no answer"))
    assert stream.getvalue().split() == ["✗", "detect", "FAILED:", "no", "answer"]


def test_a_question_stills_every_spinner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks gets the line for itself; the next step spins again."""
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = Screen()
    with Steps(console_on(screen)) as steps:
        steps.doing("approval", "checking again")
        still()
        stilled = screen.getvalue()
        assert stilled.rindex("\x1b[?25h") > stilled.rindex("\x1b[?25l")
        steps.doing("verify", "waiting")
        assert "\x1b[?25l" in screen.getvalue()[len(stilled) :]


def test_an_interrupt_gives_the_cursor_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of a step leaves the terminal as it was."""
    monkeypatch.setenv("TERM", "xterm-256color")
    screen = Screen()

    def interrupted() -> None:
        with Steps(console_on(screen)) as steps:
            steps.doing("verify", "waiting")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    shown = screen.getvalue()
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")


LOOK = Step(
    "look_up", STEPS[0].at, 0.2,
    "E9 describe_pod(local-user-service-deployment-84d6c7b5f9-t6jlp) → 5 conditions, 1 container, 5 events",
)  # fmt: skip
REFUSED = Step("look_up", STEPS[0].at, 0.0, "no further look-ups: there is no tool 'delete_pod'", ok=False)


def test_a_look_up_is_one_line_in_a_pipe() -> None:
    """However long a pod's name is, a file gets one line a check, without an escape and without blanks at its end."""
    stream = io.StringIO()
    with Steps(console_on(stream)) as steps:
        steps.doing("analyze", "the model asks for describe_pod")
        steps.done(LOOK)
        steps.done(REFUSED)
    assert stream.getvalue().splitlines() == [
        f" ✓ look_up        {LOOK.text}",
        f" ✗ look_up        FAILED: {REFUSED.text}",
    ]


@pytest.mark.parametrize("colour", [True, False])
def test_a_look_up_stays_on_the_screen(monkeypatch: pytest.MonkeyPatch, *, colour: bool) -> None:
    """On a terminal the line of each check is there after the spinner is gone, with colour and without."""
    monkeypatch.setenv("TERM", "xterm-256color")
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    with Steps(console_on(screen, width=120)) as steps:
        steps.doing("analyze", "the model asks for describe_pod")
        steps.done(LOOK)
        steps.doing("analyze", "asking small")
    shown = screen.getvalue()
    assert "look_up" in shown
    assert "5 conditions, 1 container" in shown
    assert ("\x1b[1;32m" in shown or "\x1b[32m" in shown) == colour
    assert shown.rindex("look_up") > shown.index("the model asks for")
