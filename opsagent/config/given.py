"""A value as somebody gave it, and where: every complaint names the place."""

from dataclasses import dataclass
from typing import Any, NoReturn

from opsagent.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Given:
    """One value and its place."""

    value: Any
    where: str  # "/etc/opsagent.yaml:12", "$OPSAGENT_STATS_URL", "command line"
    text: bool = False  # from the environment or a flag: a number is still text

    def refuse(self, key: str, complaint: str, hint: str | None = None) -> NoReturn:
        """Raise ConfigError that names place and key."""
        raise ConfigError(f"{self.where}: {key} {complaint}", hint=hint)
