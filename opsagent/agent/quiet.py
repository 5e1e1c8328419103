"""Progress for nobody: an unattended pass says nothing until it has something to say."""

from opsagent.models.evidence import Symptom
from opsagent.models.incident import Step


class Quiet:
    """Say nothing."""

    def doing(self, node: str, text: str) -> None:
        """Say nothing."""

    def done(self, step: Step) -> None:
        """Say nothing."""

    def rest(self) -> None:
        """Say nothing."""

    def found(self, incident_id: str, service: str | None, symptoms: tuple[Symptom, ...]) -> None:
        """Say nothing."""
