"""A platform in a box: the real dialects of the load balancer and of Kubernetes, on loopback, with a fault inside."""

from .faults import Fault, Faults, Refusal, Reply, Request
from .sandbox import Sandbox
from .scenarios import FIGURES_ALONE, SCENARIOS
from .state import DeploymentView, State

__all__ = [
    "FIGURES_ALONE",
    "SCENARIOS",
    "DeploymentView",
    "Fault",
    "Faults",
    "Refusal",
    "Reply",
    "Request",
    "Sandbox",
    "State",
]
