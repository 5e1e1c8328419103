"""The question in a real terminal: what is typed, when, and what becomes of it."""

import os
import pty
import re
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pexpect
import pyte
import pytest

from opsagent.ui.terminal import ResizedError, Terminal, operator
from tests.ui.records import DEPLOYMENT


@contextmanager
def _terminal(kind: str = "harmless", *, ahead: bool = False, **environment: str) -> Iterator[Any]:
    arguments = ["-m", "tests.ui.asking", kind, "ahead" if ahead else "calm"]
    child = pexpect.spawn(
        sys.executable,
        arguments,
        env={**os.environ, "TERM": "xterm-256color", **environment},
        dimensions=(40, 80),
        encoding="utf-8",
        timeout=20,
    )
    try:
        yield child
    finally:
        child.close(force=True)


def _decision(child: Any) -> str:
    child.expect(r"ANSWER (\w+) (\S+) ([^\r\n]*)")
    assert re.match(r"pts/\d+$", child.match[2])
    return str(child.match[1])


@pytest.mark.parametrize(("typed", "decision"), [("a", "approve"), ("", "reject"), ("r", "reject"), ("l", "leave")])
def test_a_line_answers(typed: str, decision: str) -> None:
    """a approves, Enter rejects, l leaves; the terminal is named as `who` does."""
    with _terminal() as child:
        child.expect("> ")
        child.sendline(typed)
        assert _decision(child) == decision


def test_keys_typed_ahead_are_discarded() -> None:
    """An `a` and Enter typed before the question was there approve nothing."""
    with _terminal(ahead=True) as child:
        child.expect("BUSY")
        child.sendline("a")
        child.expect("TYPED")
        child.expect("eave pending")
        child.expect("> ")
        assert child.expect(["ANSWER", pexpect.TIMEOUT], timeout=0.5) == 1
        child.sendline("l")
        assert _decision(child) == "leave"


def test_the_name_typed_wrong_and_then_right() -> None:
    """A plan that loses data is approved only by the Deployment's name; a wrong one is asked again."""
    with _terminal("loses") as child:
        child.expect("> ")
        child.sendline("a")
        child.expect("To approve, type")
        child.expect("> ")
        child.sendline("blog-service")
        child.expect("not approved")
        child.expect("> ")
        child.sendline(DEPLOYMENT)
        assert _decision(child) == "approve"


def test_ctrl_d_leaves_it_pending() -> None:
    """The end of input is not an answer."""
    with _terminal() as child:
        child.expect("> ")
        child.sendeof()
        assert _decision(child) == "leave"


def test_ctrl_d_after_a_letter_is_not_a_yes() -> None:
    """An `a` that Ctrl-D pushes through without Enter approves nothing."""
    with _terminal() as child:
        child.expect("> ")
        child.send("a")
        child.sendeof()
        assert _decision(child) == "leave"


def test_ctrl_c_ends_the_command() -> None:
    """Ctrl-C goes up as an interrupt."""
    with _terminal() as child:
        child.expect("> ")
        child.sendintr()
        child.expect("INTERRUPTED")


def test_a_colourless_terminal_reads_the_same() -> None:
    """With NO_COLOR no colour is sent, and the screen still states what matters."""
    with _terminal("loses", NO_COLOR="1") as child:
        child.expect("> ")
        sent = child.before
        assert not re.search(r"\x1b\[[0-9;]*3[0-7]", sent)
        screen = pyte.Screen(80, 40)
        pyte.Stream(screen).feed(sent)
        shown = "\n".join(screen.display)
        assert "DATA LOSS" in shown
        assert "[r]eject (default)" in shown
        assert "db.locked" in shown


def test_a_terminal_that_cannot_draw_boxes_gets_ascii() -> None:
    """In the C locale panel and question are plain ASCII."""
    with _terminal("loses", LC_ALL="C") as child:
        child.expect("\r\n> ")
        assert child.before.isascii()
        assert "+- Approve? - incident b7k2" in child.before
        assert "local-blog-service-~-zk4mh" in child.before  # shortened, and no other name


def test_the_question_is_in_the_terminal_when_stderr_is_a_file() -> None:
    """With stderr sent elsewhere the panel is still shown where it is answered."""
    command = f"exec {sys.executable} -m tests.ui.asking harmless calm 2>/dev/null"
    child = pexpect.spawn("/bin/sh", ["-c", command], dimensions=(40, 80), encoding="utf-8", timeout=20)
    try:
        child.expect("eave pending")
        child.sendline("l")
        assert _decision(child) == "leave"
    finally:
        child.close(force=True)


def test_a_terminal_that_is_gone_answers_nothing() -> None:
    """When the other side has hung up, there is no line and no exception."""
    ours, theirs = pty.openpty()
    terminal = Terminal(theirs)
    os.close(ours)
    terminal.forget()
    assert terminal.line(terminal.size()) is None
    os.close(theirs)
    assert terminal.line(None) is None
    assert terminal.screen() is None


def test_a_resize_between_the_drawing_and_the_answer_is_noticed() -> None:
    """No signal handler was there to hear of it: the window's size is compared with that of the drawing."""
    ours, theirs = pty.openpty()
    terminal = Terminal(theirs)
    termios.tcsetwinsize(theirs, (24, 80))
    drawn = terminal.size()
    assert drawn == (80, 24)
    os.write(ours, b"a\n")
    assert terminal.line(drawn) == "a"
    termios.tcsetwinsize(theirs, (30, 100))
    os.write(ours, b"a\n")
    with pytest.raises(ResizedError):
        terminal.line(drawn)
    os.close(ours)
    os.close(theirs)


def test_the_operator_is_named_from_the_account_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """USER and LOGNAME can state what they like."""
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    assert re.match(r"[^@]+@.+", operator())
    assert "somebody-else" not in operator()
