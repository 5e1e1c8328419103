"""A log of any size goes through search and digest in bounded memory, under a limit that the system enforces."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
megabytes, what = int(sys.argv[1]), sys.argv[2]
from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef
from opsagent.redact import Redactor
from opsagent.tools.logs import _found
from opsagent.tools.pattern import compile_pattern

wanted = compile_pattern("database is locked")
lines = [b"2026-11-22T12:00:00Z INFO request %d of user %d took 12 ms\\n" % (i, i * 7) for i in range(9000)]
lines[4000] = b"sqlite3.OperationalError: database is locked\\n"
block = b"".join(lines)

def stream():
    for _ in range(megabytes * 10**6 // len(block)):
        yield block

held = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + 40 * 2**20, resource.RLIM_INFINITY))
if what == "digest":
    log = digest(LogRef("big"), stream())
    print(log.size, sum(group.count for group in log.groups if "locked" in group.text))
else:
    print(megabytes * 10**6 // len(block) * len(block), sum(1 for _ in _found(stream(), "big", wanted, Redactor())))
"""


def _through(what: str, megabytes: int) -> tuple[int, int]:
    command = [sys.executable, "-c", PROGRAM, str(megabytes), what]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    size, found = map(int, done.stdout.split())
    return size, found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("what", ["digest", "search"])
def test_a_long_stream_needs_little_memory(what: str) -> None:
    """With 40 MB above what the program itself takes, a stream of 300 MB is read, and no match of it is missed."""
    size, found = _through(what, 300)
    blocks, left = divmod(size, size // found)
    assert (blocks, left) == (found, 0)
    assert size > 299_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_limit_is_one() -> None:
    """A program that keeps the stream does not get through: the limit of the test above holds."""
    keeping = PROGRAM.replace('log = digest(LogRef("big"), stream())', "kept = [bytes(bytearray(b)) for b in stream()]")
    command = [sys.executable, "-c", keeping, "100", "digest"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert "MemoryError" in done.stderr
