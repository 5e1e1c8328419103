"""Branch coverage of the packages that may not fail, each by its own tests: `python -m tests.floors [PACKAGE...]`.

Exits 1 where one is below its floor. Not part of the test command: it takes some minutes.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

FLOOR = 95  # percent of statements and branches
OWN_TESTS = {
    "opsagent/agent": "tests/agent",
    "opsagent/store": "tests/store",
    "opsagent/redact": "tests/redact",
    "opsagent/clients/execution.py": "tests/clients/test_execution*.py",
    "opsagent/analysis/evidence": "tests/analysis/evidence",
}
_ROOT = Path(__file__).parents[1]


def measured(package: str, tests: str) -> bool:
    """Print what the tests of a package cover of it, and return whether that is enough and none of them failed."""
    inside = package if package.endswith(".py") else f"{package}/*"
    with tempfile.TemporaryDirectory() as folder:
        tool = [sys.executable, "-m", "coverage"]
        data = f"--data-file={folder}/data"
        files = [str(path) for path in sorted(_ROOT.glob(tests))]
        run = [*tool, "run", data, "--branch", f"--include={inside}", "-m", "pytest", *files, "-q", "-n0"]
        done = subprocess.run(run, cwd=_ROOT, check=False)
        report = [*tool, "report", data, "-m", "--skip-covered", f"--fail-under={FLOOR}"]
        return done.returncode == 0 and subprocess.run(report, cwd=_ROOT, check=False).returncode == 0


def main(wanted: list[str]) -> int:
    """Measure the packages that are named, or all."""
    below = [name for name, tests in OWN_TESTS.items() if name in (wanted or OWN_TESTS) and not measured(name, tests)]
    if below:
        sys.stderr.write(f"below {FLOOR} %, or with failed tests: {', '.join(below)}\n")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
