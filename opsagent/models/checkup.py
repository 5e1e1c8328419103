"""What `doctor` checks, one thing a line."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]  # warn: works, but not everything


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, how it is, and how to fix it."""

    name: str  # "config", "stats", "health of blog-service", "may patch deployments"
    verdict: Verdict
    said: str
    hint: str | None = None
