"""The table of targets and figures, on standard output and in the README."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


@dataclass(frozen=True)
class Row:
    """One target and what was measured."""

    what: str
    target: str
    measured: str
    met: bool

    def __str__(self) -> str:
        return f"| {self.what} | {self.target} | {self.measured} | {'yes' if self.met else '**no**'} |"


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    return "\n".join(["| what | target | measured | met |", "|---|---|---|---|", *map(str, rows)])


def write_readme(text: str) -> None:
    """Put a text between the README's `performance` markers."""
    readme = README.read_text("utf-8")
    block = re.compile(r"(<!-- performance -->\n).*?(<!-- end -->)", re.DOTALL)
    if not block.search(readme):
        raise SystemExit("the README has no block `performance`")
    README.write_text(block.sub(lambda found: f"{found[1]}{text}\n{found[2]}", readme), "utf-8")
