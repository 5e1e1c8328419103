"""The diagnosis: the diagram as code, and what its boxes do."""

from opsagent.clients.tracing import switch_off_tracing

# Before anything of LangGraph is imported: with tracing variables set, a graph would send its complete state elsewhere.
switch_off_tracing()
