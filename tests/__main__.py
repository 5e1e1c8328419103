"""Run every check, cheapest first, and stop at the first that fails: `python -m tests`.

`python -m tests fast` runs those that need neither a sandbox nor a process of their own, for use while writing code.
"""

import subprocess
import sys
from pathlib import Path

Check = tuple[str, ...]
STYLE: tuple[Check, ...] = (("ruff", "format", "--check", "."), ("ruff", "check", "."))
CHECKS: tuple[Check, ...] = (
    *STYLE,
    ("mypy",),
    ("lint-imports",),
    ("pytest", "-n", "3"),  # some of the time is spent waiting for simulated rollouts; each process imports everything
)
PURE = ("tests/analysis", "tests/config", "tests/models")
# Hundreds of wordings in every style: a third of the time.
BROAD = "--ignore=tests/analysis/logs/test_unknown_wordings.py"
FAST: tuple[Check, ...] = (*STYLE, ("lint-imports",), ("pytest", "-n", "auto", BROAD, *PURE))  # a process a core


def main(arguments: list[str]) -> int:
    """Return the exit status of the first check that fails, else 0; `arguments` go to pytest, but for "fast"."""
    fast = arguments[:1] == ["fast"]
    here = Path(sys.executable).parent
    for name, *own in FAST if fast else CHECKS:
        print(f"+ {name} {' '.join(own)}", flush=True)
        given = arguments[fast:] if name == "pytest" else []
        code = subprocess.run([here / name, *own, *given], check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
