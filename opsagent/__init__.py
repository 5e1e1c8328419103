"""Diagnose an incident of a Kubernetes platform, ask a human, act once, verify, report."""

__version__ = "0.2.0"
