"""Run every check, cheapest first, and stop at the first that fails: `python -m tests`."""

import subprocess
import sys
from pathlib import Path

CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports",),
    ("pytest", "-n", "4"),  # most of the time is spent waiting for simulated rollouts
)


def main() -> int:
    """Return the exit status of the first check that fails, else 0."""
    here = Path(sys.executable).parent
    for name, *arguments in CHECKS:
        print(f"+ {name} {' '.join(arguments)}", flush=True)
        code = subprocess.run(
            [here / name, *arguments, *(sys.argv[1:] if name == "pytest" else ())], check=False
        ).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
