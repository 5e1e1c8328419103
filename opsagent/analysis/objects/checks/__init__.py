"""What Kubernetes objects state is wrong: rules by family, each a pure function over an index of what was seen."""

from opsagent.analysis.objects.checks.findings import object_findings

__all__ = ["object_findings"]
