"""The README is held to the code."""

import re
from pathlib import Path

from opsagent.agent.graph import build
from opsagent.errors import ExitCode

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def block(name: str) -> str:
    """Return what stands between the README's markers of that name."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", README, re.DOTALL)
    assert found, f"the README has no block {name!r}"
    return found.group(1)


def test_the_diagram_is_the_compiled_graph() -> None:
    """The README's mermaid block and the compiled graph have the same arrows with the same labels."""
    arrow = re.compile(r"^\s*(\w+)(?:\(\(\w+\)\))? -->(?:\|(\w+)\|)? (\w+)", re.MULTILINE)
    ends = {"START": "__start__", "END": "__end__"}
    drawn = {
        (ends.get(source, source), label or None, ends.get(target, target))
        for source, label, target in arrow.findall(block("diagram"))
    }
    compiled = {(edge.source, edge.data, edge.target) for edge in build().get_graph().edges}
    assert drawn == compiled
    assert len(compiled) == 16


def test_the_graph_has_the_twelve_boxes() -> None:
    """The compiled graph has exactly the boxes of the design."""
    boxes = set(build().get_graph().nodes) - {"__start__", "__end__"}
    assert boxes == {
        "detect", "end_ok", "collect_logs", "analyze", "check_metrics", "root_cause",
        "approval", "execute", "verify", "report_success", "report_only", "escalate",
    }  # fmt: skip


def test_every_exit_code_stands_in_the_readme() -> None:
    """The README's table and the enum name the same codes."""
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", block("exit codes"), re.MULTILINE)}
    assert told == {int(code) for code in ExitCode}
