"""An operator's shell: opsagent as a process of its own, pointed at a sandbox."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from opsagent.cli.app import app
from opsagent.config.load import load
from opsagent.models.observed import StatsSample
from opsagent.sandbox import Sandbox
from opsagent.store.records import from_json
from opsagent.store.store import Store, sample_key

OPSAGENT = (sys.executable, "-m", "opsagent")
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it stated where."""

    code: int
    out: str
    err: str

    @property
    def unbroken(self) -> str:
        """Both streams without any white space: a path is found in it however it was broken over lines."""
        return "".join((self.out + self.err).split())

    @property
    def said(self) -> str:
        """Both streams, with the white space of wrapped lines made single."""
        return " ".join((self.out + " " + self.err).split())


def environment(box: Sandbox, folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a shell that is pointed at the box and keeps its pace."""
    kubeconfig = folder / "kubeconfig"
    box.write_kubeconfig(kubeconfig)
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "KUBECONFIG": str(kubeconfig),
        "OPSAGENT_STATS_URL": box.stats_url,
        "OPSAGENT_STATE_DIR": str(folder / "state"),
        "OPSAGENT_THRESHOLDS_CONFIRM_INTERVAL_S": "0.05",
        "OPSAGENT_VERIFY_TIMEOUT_S": "6",
        "OPSAGENT_VERIFY_HOLD_S": "0.3",
        "OPSAGENT_VERIFY_INTERVAL_S": "0.05",
        **more,
    }


@dataclass(frozen=True)
class Shell:
    """Runs opsagent without a terminal."""

    box: Sandbox
    folder: Path
    env: dict[str, str]

    def remember(self) -> None:
        """Keep the samples of the minute before, as a watched platform has them."""
        settings = load(None, self.env, {})
        kept = (from_json(StatsSample, line) for line in self.box.past_stats())
        Store.at(settings, {}).samples.keep(kept, sample_key(settings))

    def here(self, *arguments: str, **env: str) -> Done:
        """Run a command inside this process: what counts is what it states, and an import is paid once."""
        with chdir(self.folder):
            ended = CliRunner().invoke(app, arguments, env={**self.env, **env}, prog_name="opsagent")
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception  # with its traceback: a message alone does not show where
        return Done(ended.exit_code, ended.stdout, ended.stderr)

    def run(self, *arguments: str, given: str = "", **env: str) -> Done:
        """Run a command to its end."""
        ended = subprocess.run(
            [*OPSAGENT, *arguments],
            input=given.encode(),
            capture_output=True,
            env={**self.env, **env},
            cwd=self.folder,
            timeout=PATIENCE_S,
            check=False,
        )
        return Done(ended.returncode, ended.stdout.decode("utf-8", "replace"), ended.stderr.decode("utf-8", "replace"))

    @contextmanager
    def start(self, *arguments: str, **env: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Start a command that stays; it is gone at the end, whatever happens."""
        with subprocess.Popen(
            [*OPSAGENT, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**self.env, **env},
            cwd=self.folder,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def ended(process: "subprocess.Popen[bytes]", number: signal.Signals | None = None) -> Done:
    """Send a signal where one is given, and wait for the end."""
    if number is not None:
        process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    return Done(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until a condition holds; fail where it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.01)
