"""Two processes never work on the same incident, and none is locked for ever."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from opsagent.errors import IncidentError
from opsagent.store.lock import incident_lock, is_held, pass_lock
from tests.store.test_paths import mode

HOLD = (
    "import pathlib, sys\n"
    "from opsagent.store.lock import incident_lock\n"
    "with incident_lock(pathlib.Path(sys.argv[1]), 'b7k2'):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def holder(root: Path) -> "subprocess.Popen[str]":
    """Start a process that holds the incident, and wait until it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_process_is_reported_who_works_on_it(tmp_path: Path) -> None:
    """The error names the process; when that ends, the incident is free."""
    with holder(tmp_path) as process:
        assert is_held(tmp_path, "b7k2")
        with pytest.raises(IncidentError, match=f"another opsagent is working on incident b7k2 .pid {process.pid}"):
            incident_lock(tmp_path, "b7k2").__enter__()
        with incident_lock(tmp_path, "c8m3"):
            assert is_held(tmp_path, "c8m3")
        process.communicate("")
    assert not is_held(tmp_path, "b7k2")
    with incident_lock(tmp_path, "b7k2"):
        assert is_held(tmp_path, "b7k2")


def test_a_killed_process_leaves_nothing_locked(tmp_path: Path) -> None:
    """SIGKILL: the kernel lets go, the file that stays means nothing."""
    with holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert (tmp_path / "locks" / "b7k2.lock").exists()
    assert not is_held(tmp_path, "b7k2")
    with incident_lock(tmp_path, "b7k2"):
        assert (tmp_path / "locks" / "b7k2.lock").read_text() == f"{os.getpid()}\n"


def test_not_twice_in_one_process(tmp_path: Path) -> None:
    """Another caller in the same process is another one."""
    with incident_lock(tmp_path, "b7k2"), pytest.raises(IncidentError, match=f"pid {os.getpid()}"):
        incident_lock(tmp_path, "b7k2").__enter__()


def test_it_is_private_and_tidy(tmp_path: Path) -> None:
    """0600 in 0700, gone after use; checking makes nothing."""
    assert not is_held(tmp_path / "s", "b7k2")
    assert not (tmp_path / "s").exists()
    with incident_lock(tmp_path / "s", "b7k2"):
        assert mode(tmp_path / "s" / "locks") == 0o700
        assert mode(tmp_path / "s" / "locks" / "b7k2.lock") == 0o600
    assert list((tmp_path / "s" / "locks").iterdir()) == []


def test_an_id_is_not_a_path(tmp_path: Path) -> None:
    """No file is made outside the directory of locks."""
    with pytest.raises(IncidentError, match="is not an incident id"):
        incident_lock(tmp_path, "../x").__enter__()
    assert not (tmp_path.parent / "x.lock").exists()


def test_one_pass_at_a_time_and_a_crash_lets_go(tmp_path: Path) -> None:
    """A second pass over one platform gets no lock; one over another platform does; a killed holder holds none."""
    script = (
        "import sys, time; from pathlib import Path; from opsagent.store.lock import pass_lock\n"
        "with pass_lock(Path(sys.argv[1]), 'shop') as mine:\n print(mine, flush=True); time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with pass_lock(tmp_path, "shop") as mine, pass_lock(tmp_path, "other") as others:
            assert (mine, others) == (False, True)
    finally:
        holder.kill()
        holder.communicate()
    with pass_lock(tmp_path, "shop") as mine:
        assert mine
