"""What `doctor` looks at, one thing a line."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]  # warn: works, but not everything


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, how it stands, and the way out."""

    name: str  # "config", "stats", "health of blog-service", "may patch deployments"
    verdict: Verdict
    said: str
    hint: str | None = None
