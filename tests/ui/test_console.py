"""Text is readable on every terminal, in every pipe, in every encoding."""

import io
import os
import subprocess
import sys
from typing import TextIO

import pytest
from rich.text import Text

from opsagent.errors import OpsagentError
from opsagent.ui.console import console_on, error_text, out, print_error, show, write
from opsagent.ui.stats_view import stats_view
from tests.ui.drawing import drawn
from tests.ui.records import STATS, TREND


class Screen(io.StringIO):
    """A terminal that remembers what it was sent."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _printed(stream: TextIO) -> str:
    console_on(stream).print(Text("OFFLINE", "bold red"))
    return stream.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """In an ordinary terminal the word is in colour."""
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[1;31mOFFLINE" in _printed(Screen())


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colour_is_left_out_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """NO_COLOR and a dumb terminal get the word without colour."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(name, value)
    printed = _printed(Screen())
    assert "OFFLINE" in printed
    assert "[31m" not in printed
    assert "1;31" not in printed


def test_a_pipe_gets_no_escape_at_all() -> None:
    """Without a terminal there is not one escape sequence, and the width is 80."""
    stream = io.StringIO()
    assert "\x1b" not in _printed(stream)
    assert console_on(stream).width == 80


def test_markup_and_emoji_in_text_are_only_text() -> None:
    """Rich's own markup in a string is printed as it stands."""
    stream = io.StringIO()
    console_on(stream).print("[/red] [link=http://x]a[/link] :boom: 12")
    assert stream.getvalue() == "[/red] [link=http://x]a[/link] :boom: 12\n"


@pytest.mark.parametrize(("variable", "value"), [("LC_ALL", "C"), ("LANG", "POSIX")])
def test_the_c_locale_gets_ascii_of_the_same_width(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """Marks and boxes become ASCII in the C locale, and every column stays where it was."""
    stream = io.StringIO()
    console_on(stream, width=80).print(stats_view(STATS, trend=TREND))
    monkeypatch.setenv(variable, value)
    plain = io.StringIO()
    console_on(plain, width=80).print(stats_view(STATS, trend=TREND))
    assert plain.getvalue().isascii()
    assert [len(line) for line in plain.getvalue().splitlines()] == [len(li) for li in stream.getvalue().splitlines()]


def test_an_encoding_that_cannot_state_it_gets_escapes() -> None:
    """A Latin-1 stream takes any text: nothing raises, and what it cannot state is written out."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1", errors="strict")
    console_on(stream).print("é ✓ 로그")
    assert raw.getvalue().decode("latin-1") == "é + \\ub85c\\uadf8\n"


def test_a_closed_pipe_is_quiet_and_leaves_the_exit_code() -> None:
    """When the reader leaves, nothing is printed about it and the command ends with its own exit code."""
    code = (
        "from opsagent.ui.console import out, write\nimport sys\n"
        "console = out()\n"
        "for _ in range(4000):\n    console.print('a line that fills the pipe')\n"
        "write('more')\n"
        "sys.exit(3 if console.closed else 1)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaint = process.stderr.read()
    assert complaint == b""
    assert process.returncode == 3


def test_in_a_pipe_nothing_is_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    """A piped view keeps each row on one line, so that grep finds it."""
    show(stats_view(STATS, trend=TREND))
    shown = capsys.readouterr().out
    assert "since 12:25:37 (8 s) → opsagent diagnose blog-service\n" in shown
    assert " \n" not in shown
    assert not shown.endswith("\n\n")


def test_a_set_width_is_kept(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """COLUMNS rules in a pipe too."""
    monkeypatch.setenv("COLUMNS", "60")
    show(stats_view(STATS, trend=TREND))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 60
    assert not [line for line in lines if line.endswith(" ")]
    assert os.environ["COLUMNS"] == "60"


def test_machine_readable_text_is_exact_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets every character as it was, with one line feed at the end."""
    assert write('{"text": "\x9b2J 로그"}')
    assert capsys.readouterr().out == '{"text": "\x9b2J 로그"}\n'


def test_machine_readable_text_is_inert_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets the same text with nothing in it to obey."""
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    write("a: \x9b2J\nb: \u202e로그\n")
    assert screen.getvalue() == "a: \\x9b2J\nb: \\u202e로그\n"


def test_nothing_is_written_for_an_empty_text(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty text is not an empty line."""
    assert write("")
    assert capsys.readouterr().out == ""


def test_an_error_states_how_to_fix_it_below() -> None:
    """Error and hint are under each other, further lines indented, hostile text inert."""
    error = OpsagentError(
        "no answer at \x1b[2Jhttp://x\ntried: direct", hint="kubectl port-forward svc/x\nor set stats.url"
    )
    assert [line.rstrip() for line in drawn(error_text(error)).splitlines()] == [
        "error: no answer at \\x1b[2Jhttp://x",
        "       tried: direct",
        "hint:  kubectl port-forward svc/x",
        "       or set stats.url",
    ]


def test_a_long_hint_wraps_beside_its_label(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What wraps stays beside the label, and nothing is padded."""
    monkeypatch.setenv("COLUMNS", "40")
    print_error(OpsagentError("it broke", hint="set one thing or another thing, or pass --this"))
    assert [line.rstrip() for line in capsys.readouterr().err.splitlines()] == [
        "error: it broke",
        "hint:  set one thing or another thing,",
        "       or pass --this",
    ]


def test_an_error_without_a_hint_is_one_line() -> None:
    """There is no empty hint."""
    assert drawn(error_text(OpsagentError("it broke"))).split() == ["error:", "it", "broke"]


def test_out_writes_where_stdout_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    """The console follows a replaced stdout."""
    out().print("here")
    assert capsys.readouterr().out == "here\n"
