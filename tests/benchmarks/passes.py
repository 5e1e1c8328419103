"""What passes of `watch` leave behind: memory and descriptors after the first ten and after all, run as one process."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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
        (memory, descriptors), (later, later_descriptors) = (map(float, line.split()) for line in _last(done.stderr))
        more = later - memory
        yield Row(
            f"`watch`, {passes:,} passes, {scenario}",
            "memory and descriptors flat after the first ten (≤ 5 MB more)",
            f"{memory:.0f} → {later:.0f} MB, {descriptors:.0f} → {later_descriptors:.0f} descriptors",
            more <= 5 and later_descriptors <= descriptors,
        )


def _last(text: str) -> list[str]:
    return text.splitlines()[-2:]
