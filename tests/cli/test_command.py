"""What every command shares: flags, errors with how to fix it, quiet pipes, plain terminals."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Boxed
from tests.cli.shell import OPSAGENT, Shell


def test_a_wrong_option_is_usage_in_opsagents_name(well: Shell) -> None:
    """Exit code 2, nothing on stdout, and the usage line begins with the command as it is typed."""
    done = well.run("stats", "--wrong")
    assert (done.code, done.out) == (2, "")
    assert "--wrong" in done.err
    assert "Usage: opsagent stats" in done.err


@pytest.mark.parametrize(
    ("text", "line", "nearest"),
    [
        ("stats:\n  urll: http://localhost:1\n", ":2", "stats.url"),
        ("kubernetes:\n  timeout_s: soon\n", ":2", "kubernetes.timeout_s"),
        ("reach: sideways\n", ":1", "direct"),
        ("stats: [\n", ":", "YAML"),
    ],
)
def test_a_wrong_configuration_is_recognised_by_file_line_and_key(
    well: Shell, tmp_path: Path, text: str, line: str, nearest: str
) -> None:
    """Exit code 2 before anything is asked, with the place and the nearest right key."""
    file = tmp_path / "opsagent.yaml"
    file.write_text(text)
    for done in (well.here("stats", "--config", str(file)), well.here("stats", OPSAGENT_CONFIG=str(file))):
        assert (done.code, done.out) == (2, "")
        assert f"{file.name}{line}" in "".join(done.err.split())
        assert nearest in done.said


def test_a_wrong_variable_is_reported_with_the_nearest(well: Shell) -> None:
    """A misspelled OPSAGENT_ variable is refused rather than ignored."""
    done = well.here("stats", OPSAGENT_STATS_ULR="http://localhost:1")
    assert (done.code, done.out) == (2, "")
    assert "OPSAGENT_STATS_ULR" in done.err
    assert "OPSAGENT_STATS_URL" in done.err


def test_a_flag_outweighs_variable_and_file(well: Shell, tmp_path: Path) -> None:
    """-n points to the namespace of the flag; what is in the file does not count then."""
    file = tmp_path / "opsagent.yaml"
    file.write_text("kubernetes:\n  namespace: from-the-file\n")
    shown = well.here("pods", "--config", str(file)).said
    assert "from-the-file" in shown or "no pod" in shown.lower()
    assert "local-blog-service" in well.here("pods", "--config", str(file), "-n", "titanium-local").out


def test_no_file_of_the_working_directory_is_read(well: Shell) -> None:
    """A config.yaml that lies about where opsagent is started configures nothing."""
    stray = well.folder / "config.yaml"
    stray.write_text("reach: sideways\n")
    try:
        assert well.run("stats").code == 0
    finally:
        stray.unlink()


@pytest.mark.parametrize("command", ["logs blog --tail -1", "search blog GET", "pods", "stats --json", "incidents"])
def test_a_closed_pipe_ends_quietly(well: Shell, command: str) -> None:
    """`| head -1`: one line, and not a word on stderr."""
    done = subprocess.run(
        f"set -o pipefail; {' '.join(OPSAGENT)} {command} | head -1",
        shell=True,
        executable="/bin/bash",
        env=well.env,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1
    assert done.returncode == 0


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_plain_surroundings_get_plain_text(well: Shell, env: dict[str, str]) -> None:
    """Without colour, on a dumb terminal and in the C locale every word is still there, and no escape."""
    done = well.run("stats", **env)
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    assert "blog-service" in done.out
    if "LANG" in env:
        assert done.out.isascii()


def test_eighty_columns_are_kept(boxed: Boxed) -> None:
    """With COLUMNS=80 no line of a diagnosis or a table is wider, and nothing is cut in the middle of the verdict."""
    shell = boxed("db-locked")
    for command in (("diagnose", "blog"), ("stats",), ("pods",), ("health",), ("traffic",), ("incidents",)):
        done = shell.here(*command, COLUMNS="80")
        assert all(len(line) <= 80 for line in (done.out + done.err).splitlines()), command


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_full_disk_behind_a_stream_is_not_a_traceback(well: Shell, stream: str) -> None:
    """/dev/full takes nothing: the command fails or goes on, but never with a traceback."""
    done = subprocess.run(
        f"{' '.join(OPSAGENT)} stats {stream}>/dev/full",
        shell=True,
        env=well.env,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stdout + done.stderr
    if stream == "1":
        assert done.returncode == 1
        assert b"No space left" in done.stderr


def test_a_state_directory_that_cannot_be_written_hides_no_check(well: Shell) -> None:
    """stats shows what it saw, and states on stderr what could not be kept."""
    (well.folder / "a-file").touch()
    done = well.here("stats", OPSAGENT_STATE_DIR=str(well.folder / "a-file" / "state"))
    assert done.code == 0
    assert "blog-service" in done.out
    assert "hint:" in done.err
