"""A platform in a box: the real dialects of the load balancer and of Kubernetes, on loopback, with a fault inside."""

from .faults import ApiRefusal, CannedReply, Fault, Faults, ServedRequest
from .sandbox import Sandbox
from .scenarios import FIGURES_ALONE, SCENARIOS
from .state import DeploymentView, SandboxState

__all__ = [
    "FIGURES_ALONE",
    "SCENARIOS",
    "ApiRefusal",
    "CannedReply",
    "DeploymentView",
    "Fault",
    "Faults",
    "Sandbox",
    "SandboxState",
    "ServedRequest",
]
