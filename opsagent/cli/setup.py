"""From flags, environment and file to what a command works with; nobody is asked anything before it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opsagent.analysis.catalog.catalog import Catalog
    from opsagent.clients.live import LivePlatform
    from opsagent.config.settings import Settings
    from opsagent.models.service import Service
    from opsagent.redact import Redactor
    from opsagent.store.store import Store


@dataclass(frozen=True)
class Setup:
    """One command's settings, and the platform and store they point at (made when first used)."""

    settings: "Settings"
    environ: Mapping[str, str]
    file: Path | None = None  # the configuration file that was read

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
        # Late: --version and --help need no settings, which cost as much as a third of Typer.
        from opsagent.config.load import file_used, load

        flags = {
            "kubernetes.namespace": namespace,
            "kubernetes.context": context,
            "kubernetes.kubeconfig": str(kubeconfig) if kubeconfig else None,
        }
        given = {key: value for key, value in flags.items() if value is not None}
        return cls(load(config, environ, given), environ, file_used(config, environ))

    @cached_property
    def redact(self) -> "Redactor":
        """One redactor a command: the same secret gets the same number on one screen."""
        from opsagent.redact import Redactor

        return Redactor()

    @cached_property
    def platform(self) -> "LivePlatform":
        """The live system."""
        from opsagent.clients.live import LivePlatform

        return LivePlatform(self.settings, self.named_services)

    @cached_property
    def catalog(self) -> "Catalog":
        """What is known: the built-in rows and those of the configured packs."""
        from opsagent.agent.known import catalog_of

        return catalog_of(self.settings)

    @cached_property
    def store(self) -> "Store":
        """What outlives the process."""
        from opsagent.store.store import Store

        return Store.at(self.settings, self.environ)

    @cached_property
    def services(self) -> "tuple[Service, ...]":
        """The services of the platform, found in the namespace where none are configured."""
        if self._configured is not None:
            return self._configured
        from opsagent.analysis.evidence.workloads import services_found
        from opsagent.tools.cluster import all_kinds

        return services_found(all_kinds(self.platform))

    @property
    def named_services(self) -> "tuple[Service, ...]":
        """The services that the configuration names; none where they would have to be found."""
        return self._configured or ()

    @cached_property
    def _configured(self) -> "tuple[Service, ...] | None":
        from opsagent.config.load import services_of

        return services_of(self.settings)

    def service(self, name: str) -> "Service":
        """Return the one service that the operator spelled; UnknownServiceError with the nearest names."""
        from opsagent.models.service import resolve

        return resolve(name, self.services)
