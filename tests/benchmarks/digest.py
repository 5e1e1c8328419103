"""Measure the log digest on a generated mixed log, beside `grep -cE` of five words on the same file.

Run by hand: python -m tests.benchmarks.digest [MEGABYTES]
"""
# ruff: noqa: E501 — log lines are as long as they are; the figures are what it is run for

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef

GREP = r"error|refused|timeout|locked|panic"
SYLLABLES = ("ka", "lo", "mi", "tu", "ser", "ban", "dor", "vi", "ple", "no", "ri", "sta", "gu", "hem", "wo")
FRAME = '  File "/srv/app/{word}.py", line {n}, in handle\n    return self.{other}(request)\n'


def word(dice: random.Random) -> str:
    """Make one of 3,375 words."""
    return "".join(dice.choice(SYLLABLES) for _ in range(3))


def mixed(size: int, seed: int = 7) -> Iterator[bytes]:
    """Make log lines: 5 % errors, 10 % lines of tracebacks, over 50,000 distinct once digits are gone."""
    dice = random.Random(seed)
    made = line = 0
    sentences = [f"{word(dice)} {word(dice)} {{a}} {word(dice)}" for _ in range(18)]
    while made < size:
        line += 1
        stamp = f"2026-11-22T12:{line // 60_000 % 60:02d}:{line // 1000 % 60:02d}.{dice.randrange(10**9):09d}Z "
        roll = dice.random()
        if roll < 0.05:
            text = f"ERROR orders payment {dice.randrange(10**6)} failed: connection to 10.0.0.{dice.randrange(256)}:5432 refused"
        elif roll < 0.0592:
            frames = "".join(FRAME.format(word=word(dice), n=dice.randrange(900), other="call") for _ in range(5))
            text = f"Traceback (most recent call last):\n{frames}ValueError: bad amount {dice.randrange(10**4)}"
            text = text.replace("\n", f"\n{stamp}")
        elif roll < 0.50:
            status = 200 if dice.random() < 0.97 else 404
            text = f'INFO:     10.244.1.{dice.randrange(256)}:{dice.randrange(65_536)} - "GET /api/posts/{line} HTTP/1.1" {status} OK'
        elif roll < 0.62:
            text = '10.244.0.1 - - "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.33"'
        elif roll < 0.80:
            text = f'{{"level":"info","ts":{1795350909 + line}.{line % 1000},"msg":"request completed","status":200,"id":{line}}}'
        elif roll < 0.87:
            text = f"INFO worker {word(dice)} took item {dice.randrange(10**6)} of {word(dice)}"
        else:
            text = f"DEBUG {dice.choice(sentences).format(a=dice.randrange(10**6))} took {dice.randrange(900)} ms"
        made += len(stamp) + len(text) + 1
        yield f"{stamp}{text}\n".encode()


def distinct(size: int) -> Iterator[bytes]:
    """Make lines of which no two are alike."""
    dice = random.Random(3)
    made = 0
    while made < size:
        text = " ".join(word(dice) for _ in range(dice.randint(5, 18))).encode() + b"\n"
        made += len(text)
        yield text


def binary(size: int) -> Iterator[bytes]:
    """Make bytes that are no text at all."""
    for _ in range(0, size, 1 << 20):
        yield os.urandom(1 << 20)


def endless(size: int) -> Iterator[bytes]:
    """Make one line of any length."""
    for _ in range(0, size, 1 << 20):
        yield b"all work and no line ends " * (1 << 20 >> 5)


def chunks(path: Path) -> Iterator[bytes]:
    """Read a file in pieces."""
    with path.open("rb") as file:
        while piece := file.read(256 * 1024):
            yield piece


def measure(name: str, path: Path) -> None:
    """Digest one file, search it with grep, and print the figures of this run."""
    size = path.stat().st_size / 1e6
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ["grep", "-cE", GREP, str(path)], capture_output=True, check=False
    )  # with /dev/null grep stops early
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    grep = max(1e-3, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    start = time.process_time()
    result = digest(LogRef(name), chunks(path))
    took = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = f"{size / took:6.0f} MB/s, peak {peak:.0f} MB, {result.lines} lines in {len(result.groups)} groups"
    print(f"{name:9}{figures}; grep -cE {size / grep:.0f} MB/s")


def main() -> None:
    """Generate, measure, print."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    makers = {"mixed": mixed, "distinct": distinct, "binary": binary, "endless": endless}
    with tempfile.TemporaryDirectory() as folder:
        for name, make in makers.items():
            path = Path(folder, f"{name}.log")
            with path.open("wb") as file:
                file.writelines(make(megabytes * 10**6))
            measure(name, path)
            path.unlink()


if __name__ == "__main__":
    main()
