"""Commands that print logs: real processes, their arguments, their ends, and the bounds of time and size."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.clients.commands import arguments, printed, run
from opsagent.errors import CheckError, InvalidNameError, TransientCheckError
from opsagent.models.log_source import PLAIN_WORD

PATIENCE_S = 60.0


def python(code: str) -> list[str]:
    """Return a command that runs Python code."""
    return [sys.executable, "-c", code]


def test_both_streams_are_the_log() -> None:
    """`docker logs` prints what a container wrote to standard error on its own standard error."""
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr)"
    assert b"".join(printed(python(code), timeout_s=PATIENCE_S)) == b"out\nerr\n"


def test_standard_input_is_closed() -> None:
    """A command that reads its input finds its end, so that it neither waits nor takes what is meant for others."""
    assert b"".join(printed(python("print(repr(input and __import__('sys').stdin.read()))"), timeout_s=60)) == b"''\n"


def test_no_shell_stands_between() -> None:
    """What a shell would carry out arrives as the text that it is."""
    code = "import sys; print(sys.argv[1:])"
    said = b"".join(printed([*python(code), "; echo $HOME `id` | cat > x &", "a b"], timeout_s=PATIENCE_S))
    assert said.decode().strip() == str(["; echo $HOME `id` | cat > x &", "a b"])


@given(st.text(max_size=20))
def test_a_value_is_a_plain_word_or_refused(value: str) -> None:
    """Whatever a service is called, it stays one argument that begins no option and that no shell would take apart."""
    try:
        made = arguments(["docker", "logs", "{service}", "unit-{service}"], {"service": value})
    except InvalidNameError:
        assert not PLAIN_WORD.fullmatch(value)
        return
    assert made == ("docker", "logs", value, f"unit-{value}")
    assert not made[2].startswith("-")
    assert not set(made[2]) & set(" ;|&$`<>'\"\\\n")


def test_a_failure_is_quoted() -> None:
    """An exit code is an error with the command's own last words, never a log."""
    with pytest.raises(CheckError, match=r"ended with exit code 3: No such container: x") as failed:
        list(printed(python("import sys; print('No such container: x'); sys.exit(3)"), timeout_s=PATIENCE_S))
    assert not isinstance(failed.value, TransientCheckError)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """A missing program is an error that names it."""
    with pytest.raises(CheckError, match="cannot be run: No such file"):
        list(printed([str(tmp_path / "none")], timeout_s=PATIENCE_S))


def test_a_command_that_never_ends_is_ended_with_its_children(tmp_path: Path) -> None:
    """Its time over, it and what it started are gone; what it printed is kept, and the log is called incomplete."""
    note = tmp_path / "pid"
    code = (
        "import os, signal, subprocess, sys;"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
        f"open({str(note)!r}, 'w').write(str(child.pid)); print('line', flush=True); signal.pause()"
    )
    done = run(python(code), timeout_s=3.0, most_bytes=1000)
    assert done.code is None
    assert b"".join(done.chunks) in (b"line\n", b"")  # on a machine under load it may not have come that far
    while note.exists() and note.read_text() and not _gone(int(note.read_text())):
        os.sched_yield()  # a signal that was sent need not have arrived


def _gone(pid: int) -> bool:
    """Return whether a process has ended; one that nobody has waited for yet has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or ") Z " in stat.read_text()


def test_what_came_before_is_kept_and_called_incomplete() -> None:
    """A command that follows its log gives what it printed, and then the error."""
    chunks = printed(python("import signal; print('line', flush=True); signal.pause()"), timeout_s=PATIENCE_S / 30)
    with pytest.raises(TransientCheckError, match="did not end within 2 s"):
        list(chunks)


def test_the_last_bytes_are_kept() -> None:
    """What prints without bound takes bounded memory, and it is the end that is kept."""
    code = "for n in range(40000): print(f'{n:06d}' + 'x' * 93)"
    done = run(python(code), timeout_s=PATIENCE_S, most_bytes=100_000)
    kept = b"".join(done.chunks)
    assert done.code == 0
    assert done.left_out + len(kept) == 4_000_000
    assert 100_000 <= len(kept) < 100_000 + 64 * 1024
    assert kept.endswith(b"039999" + b"x" * 93 + b"\n")
