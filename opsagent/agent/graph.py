"""The diagram as code: twelve boxes, sixteen arrows, nothing else."""

from typing import TYPE_CHECKING, Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

from opsagent.agent import nodes
from opsagent.agent.context import Context
from opsagent.agent.state import State
from opsagent.errors import TransientCheckError

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

# Only boxes that read are tried again; `execute` never is.
READ_AGAIN = RetryPolicy(retry_on=TransientCheckError, max_attempts=3, initial_interval=0.5, max_interval=5.0)


def build(checkpointer: "BaseCheckpointSaver[Any] | None" = None) -> "CompiledStateGraph[State, Context, State, State]":
    """Compile the diagnosis; without a checkpointer it can neither pause nor resume (bundles need neither)."""
    graph = StateGraph(State, context_schema=Context)
    for node in (nodes.detect, nodes.collect_logs, nodes.check_metrics, nodes.verify):
        graph.add_node(node.__name__, node, retry_policy=READ_AGAIN)
    for node in (
        nodes.end_ok,
        nodes.analyze,
        nodes.root_cause,
        nodes.approval,
        nodes.execute,
        nodes.report_success,
        nodes.report_only,
        nodes.escalate,
    ):
        graph.add_node(node.__name__, node)

    graph.add_edge(START, "detect")
    graph.add_conditional_edges("detect", nodes.detected, {"healthy": "end_ok", "faulty": "collect_logs"})
    graph.add_edge("collect_logs", "analyze")
    graph.add_edge("analyze", "check_metrics")
    graph.add_edge("check_metrics", "root_cause")
    graph.add_edge("root_cause", "approval")
    graph.add_conditional_edges("approval", nodes.decided, {"approved": "execute", "rejected": "report_only"})
    graph.add_edge("execute", "verify")
    graph.add_conditional_edges("verify", nodes.verified, {"recovered": "report_success", "still_faulty": "escalate"})
    graph.add_edge("end_ok", END)
    graph.add_edge("report_success", END)
    graph.add_edge("report_only", END)
    graph.add_edge("escalate", END)
    return graph.compile(checkpointer=checkpointer)
