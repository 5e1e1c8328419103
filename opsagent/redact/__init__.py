"""Secrets out, before text or an object enters state, checkpoint, report, prompt or screen."""

from opsagent.redact.objects import redact_json, redact_object
from opsagent.redact.records import redact_records
from opsagent.redact.redactor import Redactor

__all__ = ["Redactor", "redact_json", "redact_object", "redact_records"]
