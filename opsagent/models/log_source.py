"""Where the logs of services are read besides the cluster: files, or what a command prints."""

import re
from dataclasses import dataclass

# What may be put in place of {service} and the like: never an option, and one plain word to every shell on the way.
PLAIN_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
PLACEHOLDERS = ("service", "since", "since_time", "tail")


@dataclass(frozen=True, slots=True)
class LogSource:
    """One entry of `logs.sources`; exactly one of `files` and `command` is given."""

    service: str | None = None  # None: of every service that no other entry names
    files: str | None = None  # a path or a glob
    command: tuple[str, ...] = ()  # program and arguments, run without a shell

    def __post_init__(self) -> None:
        object.__setattr__(self, "command", tuple(self.command))
