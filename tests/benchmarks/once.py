"""Run one command and print what it cost, as JSON; a process of its own, for a child inherits its parent's peak."""

import json
import os
import subprocess
import sys
import tempfile
import time


def main() -> None:
    """Run the command given as arguments; its output goes to a file, because grep stops early at /dev/null."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    cost = {"cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": wall, "memory_mb": usage.ru_maxrss / 1024}
    json.dump({**cost, "code": process.returncode}, sys.stdout)


if __name__ == "__main__":
    main()
