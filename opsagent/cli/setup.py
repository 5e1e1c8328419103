"""From flags, environment and file to what a command works with; nothing is asked of anybody before it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from opsagent.config.load import load, services_of
from opsagent.config.settings import Settings
from opsagent.models.service import Service, resolve
from opsagent.redact import Redactor

if TYPE_CHECKING:
    from opsagent.clients.live import LivePlatform
    from opsagent.models.platform import Platform


@dataclass(frozen=True)
class Setup:
    """One command's settings and the platform they point at."""

    settings: Settings
    environ: Mapping[str, str]

    @classmethod
    def from_flags(
        cls,
        environ: Mapping[str, str],
        *,
        namespace: str | None = None,
        context: str | None = None,
        kubeconfig: Path | None = None,
        config: Path | None = None,
    ) -> "Setup":
        """Load the settings: flag over environment over file over default."""
        flags = {
            "kubernetes.namespace": namespace,
            "kubernetes.context": context,
            "kubernetes.kubeconfig": str(kubeconfig) if kubeconfig else None,
        }
        given = {key: value for key, value in flags.items() if value is not None}
        return cls(load(config, environ, given), environ)

    @cached_property
    def redact(self) -> Redactor:
        """One redactor a command: the same secret gets the same number on one screen."""
        return Redactor()

    @cached_property
    def platform(self) -> "LivePlatform":
        """The live system."""
        from opsagent.clients.live import LivePlatform

        return LivePlatform(self.settings, self.services or ())

    @cached_property
    def configured(self) -> tuple[Service, ...] | None:
        """The services that the configuration names; None: they are the workloads found."""
        return services_of(self.settings)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The services of the platform, found in the namespace where none are configured."""
        if self.configured is not None:
            return self.configured
        from opsagent.agent.wiring import found_services

        return found_services(self.settings)

    def service(self, name: str) -> Service:
        """Return the one service that the operator spelled; UnknownServiceError with the nearest names."""
        return resolve(name, self.services)

    def looked_at(self, platform: "Platform") -> "Platform":
        """Return the platform as it is."""
        return platform
