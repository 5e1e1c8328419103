"""The help pages: plain text in sections."""

import os
import re
import shlex

import pexpect
import pytest

from opsagent.cli.app import COMMANDS, FIRST_SCREEN
from opsagent.cli.help import first_paragraph
from opsagent.config.keys import keys
from tests.cli.shell import OPSAGENT, Shell


def test_the_help_of_all_names_every_command_under_its_heading(well: Shell) -> None:
    """Each heading is followed by its commands and what they do, whole, not cut short."""
    out = well.here("help", "all").out
    for heading, commands in COMMANDS.items():
        section = out.split(f"{heading}:\n")[1].split("\n\n")[0]
        assert [line.split()[0] for line in section.splitlines() if line[2:3].strip()] == list(commands)
    assert "..." not in out.split("\n", 1)[1]


def test_the_first_screen_has_at_most_20_commands_and_names_the_others(well: Shell) -> None:
    """`--help` and `help` list the commands of the first hour; one line below names every other command."""
    out = well.here("--help").out
    assert len(FIRST_SCREEN) <= 20
    listed = {line.split()[0] for line in out.splitlines() if re.match(r"  [a-z]", line)}
    assert listed >= FIRST_SCREEN
    below = " ".join(out.split("`opsagent help all` lists ")[1].split())
    others = {name for commands in COMMANDS.values() for name in commands} - FIRST_SCREEN - {"help"}
    assert below == f"{len(others)} more: {', '.join(n for c in COMMANDS.values() for n in c if n in others)}."
    assert well.here("help").out == out


def test_help_shows_the_page_of_a_command_and_of_one_in_a_group(well: Shell) -> None:
    """`help logs` is `logs --help`, `help report show` is `report show --help`; anything else is refused."""
    assert well.here("help", "logs").out == well.here("logs", "--help").out
    assert well.here("help", "report", "show").out == well.here("report", "show", "--help").out
    refused = well.here("help", "nothing")
    assert refused.code == 2
    assert "there is no command 'nothing'" in refused.err


def test_commands_and_settings_are_counted() -> None:
    """A new command or setting has to be worth raising these bounds: each is one more thing to learn and keep."""
    assert sum(map(len, COMMANDS.values())) <= 40
    assert len(keys()) <= 90


@pytest.mark.parametrize("words", ["--help", "help all", "diagnose --help", "report --help", "search --help"])
def test_a_help_page_has_no_boxes_and_fits_80_columns(well: Shell, words: str) -> None:
    """A page is ASCII-clean of drawing characters and no line is wider than 80 columns."""
    out = well.here(*words.split()).out
    assert not set(out) & set("╭╮╰╯│─\x1b")
    assert max(map(len, out.splitlines())) <= 80


def test_the_flags_of_the_platform_have_a_section_of_their_own(well: Shell) -> None:
    """Arguments, the command's own options, then those that every command has."""
    out = well.here("diagnose", "--help").out
    assert out.index("Arguments:") < out.index("Options:") < out.index("--help") < out.index("Platform:")


def test_a_required_argument_is_a_bare_word(well: Shell) -> None:
    """The usage line shows SERVICE where it is required and [SERVICE] where it is not."""
    assert "opsagent restart [OPTIONS] SERVICE\n" in well.here("restart", "--help").out
    assert "opsagent health [OPTIONS] [SERVICE]\n" in well.here("health", "--help").out


@pytest.mark.parametrize(("env", "bold"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_headings_are_bold_on_a_terminal_that_wants_colour(env: dict[str, str], bold: bool) -> None:
    """On a terminal headings stand out; NO_COLOR is honoured."""
    plain = {"PATH": os.defpath, "TERM": "xterm", "LANG": "C.UTF-8"}
    out = pexpect.run(shlex.join((*OPSAGENT, "explain", "--help")), env={**plain, **env})
    assert (b"\x1b[1mOptions" in out) is bold
    assert b"Options" in out


def test_the_first_paragraph_of_a_docstring_is_one_line() -> None:
    """Line ends are blanks, what follows an empty line is left out, nothing stays nothing."""
    assert first_paragraph("State\n    this.\n\n    Not this.") == "State this."
    assert first_paragraph(None) == ""
