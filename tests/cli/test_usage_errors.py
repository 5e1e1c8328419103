"""A wrong command line is an error like all others."""

import pytest

from tests.cli.shell import Shell


@pytest.mark.parametrize(
    ("arguments", "said", "usage"),
    [
        (("nosuch",), "error: no such command 'nosuch'", "Usage: opsagent [OPTIONS] COMMAND [ARGS]..."),
        (("stats", "--nosuch"), "error: no such option: --nosuch", "Usage: opsagent stats [OPTIONS]"),
        (("approve",), "error: missing argument 'ID'", "Usage: opsagent approve [OPTIONS] ID"),
        (("report", "nosuch"), "error: no such command 'nosuch'", "Usage: opsagent report [OPTIONS] COMMAND"),
    ],
)
def test_a_wrong_command_line_has_the_one_style(well: Shell, arguments: tuple[str, ...], said: str, usage: str) -> None:
    """What is wrong after `error:`, the help and the usage after `hint:`; exit code 2 and nothing on stdout."""
    done = well.here(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.said
    assert "hint: opsagent" in done.said
    assert usage in done.said


def test_a_group_alone_shows_its_help(well: Shell) -> None:
    """No command is not a mistake that needs an error: the help is what was wanted."""
    done = well.here("report")
    assert "Commands" in done.said
    assert "error:" not in done.said


def test_without_a_cluster_the_first_hint_needs_none(well: Shell) -> None:
    """No kubeconfig: the demo and the checks come first, then how to name one."""
    done = well.here("pods", KUBECONFIG="/nonexistent/config")
    assert done.code != 0
    assert "hint: opsagent demo needs no cluster · opsagent doctor checks everything" in done.said
