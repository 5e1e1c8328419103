"""What passes of `watch` leave behind: memory after the first ten and after all, and descriptors, in one process."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from opsagent.clients.kubeconfig import POOL_SIZE
from opsagent.sandbox import Sandbox
from tests.benchmarks.table import Row
from tests.cli.shell import environment

PASSES = """\
import gc, os, sys
from opsagent.cli.setup import Setup
from opsagent.cli.work.watch import one_pass
def now():
    gc.collect()
    with open('/proc/self/statm') as file:
        pages = int(file.read().split()[1])
    return pages * os.sysconf('SC_PAGESIZE') / 1e6, len(os.listdir('/proc/self/fd'))
setup = Setup.from_flags(os.environ)
print(*now(), file=sys.stderr)
for number in range(int(sys.argv[1])):
    one_pass(setup, as_json=False)
    if number in (9, int(sys.argv[1]) - 1):
        print(*now(), file=sys.stderr)
"""


def rows(passes: int, folder: Path) -> Iterator[Row]:
    """Yield the growth of so many passes, over a healthy platform and over one with an incident that waits."""
    for scenario in ("healthy", "db-locked"):
        with Sandbox(scenario) as box:
            (folder / scenario).mkdir()
            done = subprocess.run(
                [sys.executable, "-c", PASSES, str(passes)],
                env=environment(box, folder / scenario),
                capture_output=True,
                text=True,
                check=True,
            )
        first, tenth, last = (tuple(map(float, line.split())) for line in done.stderr.splitlines()[-3:])
        kept = last[1] - first[1]
        yield Row(
            f"`watch`, {passes:,} passes, {scenario}",
            f"memory flat after the first ten (≤ 5 MB more), no descriptors but the pool's {POOL_SIZE} connections",
            f"{tenth[0]:.0f} → {last[0]:.0f} MB, {kept:.0f} connections",
            last[0] - tenth[0] <= 5 and kept <= POOL_SIZE,
        )
