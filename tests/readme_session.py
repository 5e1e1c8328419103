"""The session of the README: `demo db-locked` in a terminal of 80 x 24. `python -m tests.readme_session` writes it."""

import getpass
import os
import re
import socket
import sys
import tempfile
from pathlib import Path

import pexpect
import pyte

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"(<!-- session -->\n```text\n).*?(```\n<!-- end -->)", re.DOTALL)
NAME = "local-blog-service-deployment"
_PATIENCE_S = 120
_TALL = 400  # lines that the session may have: what scrolls off a terminal is kept
_END = "recovered in "


def played() -> str:
    """Return what the screen shows, from the command to the verdict; the report below it is left out."""
    with tempfile.TemporaryDirectory() as folder:
        child = pexpect.spawn(
            sys.executable,
            ["-m", "opsagent", "demo", "db-locked"],
            env={**_environment(), "HOME": folder, "XDG_STATE_HOME": folder, "XDG_CONFIG_HOME": folder},
            cwd=str(README.parent),
            dimensions=(24, 80),
            encoding="utf-8",
            timeout=_PATIENCE_S,
        )
        said: list[str] = []
        try:
            for expected, answer in ((r"min left[^>]*> ", "a\r"), (r"To approve, type [^>]*> ", f"{NAME}\r")):
                child.expect(expected)
                said.append(f"{child.before}{child.after}")
                child.send(answer)
            child.expect(pexpect.EOF)
            said.append(str(child.before))
        finally:
            child.close(force=True)
    # Before the name is typed the panel is drawn again on a clear screen: it is shown once.
    first, again = _lines(said[0] + "a\r\n"), _lines("".join(said[1:]))
    begun = max(place for place, line in enumerate(again) if line.startswith("╰")) + 1
    ended = next(place for place, line in enumerate(again) if line.startswith(_END))
    text = "\n".join(["$ opsagent demo db-locked", *first, *again[begun : ended + 1]]) + "\n"
    return text.replace(f"{getpass.getuser()}@{socket.gethostname()}", "operator@host")


def written() -> str:
    """Return the session that the README holds."""
    found = BLOCK.search(README.read_text("utf-8"))
    if found is None:
        raise SystemExit("the README has no block `session`")
    return found[0].removeprefix(found[1]).removesuffix(found[2])


def facts(session: str) -> list[str]:
    """Return what two runs have in common, in order: steps, rows of the panel, keys and prompts, sentences, no figures.

    Figures, ages and names of pods differ from run to run, and with them where a line ends.
    """
    kept: list[str] = []
    for line in session.splitlines():
        step = re.match(r" ([✓✗] \w+)", line)
        row = re.match(r"│ ([A-Z]{3,}(?: [A-Z]+)?)  ?", line)
        if step or row:
            kept.append((step or row or [""])[1])
        elif line.startswith((" [r]", " This loses", "> ", "RECOVERED", "$ ", "SIMULATED")):
            kept.append(re.sub(r"\d+|incident \w+", "#", line.strip()))
    sentences = re.sub(r"[│\s]+", " ", session)
    wanted = re.findall(r"database is locked by another process or transaction|DATA LOSS: .*? container\)", sentences)
    return [*kept, *wanted]


def _environment() -> dict[str, str]:
    """Return the environment without what changes the output: size, language, colours, settings."""
    dropped = ("COLUMNS", "LINES", "LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "TZ")
    kept = {k: v for k, v in os.environ.items() if k not in dropped and not k.startswith("OPSAGENT_")}
    return {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC"}


def _lines(said: str) -> list[str]:
    """Return the lines that a tall screen shows, without the empty ones at its end."""
    screen = pyte.Screen(80, _TALL)
    pyte.Stream(screen).feed(said)
    return "\n".join(line.rstrip() for line in screen.display).rstrip().split("\n")


def main() -> None:
    """Put a session that was just played between the README's markers."""
    session = played()
    README.write_text(BLOCK.sub(lambda found: f"{found[1]}{session}{found[2]}", README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
