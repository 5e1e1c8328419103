"""Progress for nobody: an unattended pass reports nothing until it has something to state."""

from opsagent.models.evidence import Symptom
from opsagent.models.incident import Step


class Quiet:
    """Report nothing."""

    def doing(self, node: str, text: str) -> None:
        """Report nothing."""

    def done(self, step: Step) -> None:
        """Report nothing."""

    def rest(self) -> None:
        """Report nothing."""

    def found(self, incident_id: str, service: str | None, symptoms: tuple[Symptom, ...]) -> None:
        """Report nothing."""
