"""The README is held to the code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from opsagent.agent.graph import build
from opsagent.analysis.catalog.catalog import builtin
from opsagent.cli.app import app
from opsagent.config.keys import LISTED, keys
from opsagent.errors import ExitCode
from opsagent.models.plan import ACTIONS
from opsagent.setup.access import NEEDED
from tests.readme_session import facts, played, written

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def block(name: str) -> str:
    """Return what stands between the README's markers of that name."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", README, re.DOTALL)
    assert found, f"the README has no block {name!r}"
    return found.group(1)


def test_the_session_is_what_the_demo_shows() -> None:
    """`python -m tests.readme_session` writes it; a run now has the same steps, rows, keys, prompts and sentences."""
    assert facts(written()) == facts(played())


def test_two_sessions_differ_where_a_step_or_a_sentence_does() -> None:
    """The comparison leaves out figures, and nothing else."""
    session = written()
    assert facts(re.sub(r"\d", "7", session)) == facts(session)
    for changed in (("✓ verify", "✗ verify"), ("│ RISK", "│ WHY"), ("DATA LOSS", "data loss"), ("[l]eave", "[k]eep")):
        assert facts(session.replace(*changed)) != facts(session)


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


def test_every_exit_code_is_in_the_readme() -> None:
    """The README's table and the enum name the same codes."""
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", block("exit codes"), re.MULTILINE)}
    assert told == {int(code) for code in ExitCode}


def command_table() -> str:
    """Return the table of commands as it has to be in the README: run it to write it again."""
    return "| command | what it does |\n|---|---|\n" + "".join(_rows(get_command(app), "opsagent"))


def _rows(command: Any, name: str) -> Iterator[str]:
    if not hasattr(command, "list_commands"):
        words = [f"[{p.human_readable_name.strip('[]')}]" if not p.required else p.human_readable_name
                 for p in command.params if p.param_type_name == "argument"]  # fmt: skip
        sentence = (command.help or "").split("\n\n")[0].split(". ")[0].strip().removesuffix(".")
        cells = f"`{' '.join([name, *words])}`", " ".join(sentence.split())
        yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |\n"
        return
    ctx = typer.Context(command)
    for each in command.list_commands(ctx):
        yield from _rows(command.get_command(ctx, each), f"{name} {each}")


def test_every_command_is_in_the_readme() -> None:
    """The README's table holds every command with its arguments and its help's first sentence, as the code has them."""
    assert block("commands") == command_table()


def test_the_blocks_to_copy_are_there() -> None:
    """One command installs and runs the demo, one installs and runs the tests."""
    assert block("demo command").startswith("```sh\npython3 -m venv .venv && ")
    assert block("demo command").rstrip().endswith("opsagent demo db-locked\n```")
    assert block("test command").rstrip().endswith("python -m tests\n```")


def test_every_key_in_the_readme_exists() -> None:
    """What the README writes as a setting, or as its variable, is one."""
    code = re.findall(r"`([^`\n]+)`", README)
    sections = {name.split(".")[0] for name in keys() if "." in name}
    dotted = {word for word in code if re.fullmatch(r"[a-z_]+\.[a-z_]+", word) and word.split(".")[0] in sections}
    variables = set(re.findall(r"OPSAGENT_[A-Z_]+", README)) - {"OPSAGENT_CONFIG", "OPSAGENT_"}
    assert dotted
    assert dotted <= {*keys(), *LISTED}
    assert variables <= {key.variable for key in keys().values()}


def test_the_linked_files_exist() -> None:
    """Every relative link of the README points to a file of this repository."""
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    assert linked
    assert [name for name in linked if not (Path(__file__).parent.parent / name).exists()] == []


def test_how_to_add_names_what_exists() -> None:
    """Each file and folder of the table exists, each command's module can be run, and each anchor is in its file."""
    root = Path(__file__).parent.parent
    table = README.partition("## How to add\n")[2].partition("\n## ")[0]
    named = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", table, flags=re.DOTALL))
    paths = [name for name in named if name.startswith(("opsagent/", "tests/")) or name.endswith(".example.yaml")]
    assert len(paths) >= 12
    for path in paths:
        assert list(root.glob(re.sub(r"<\w+>", "*", path.rstrip("/")))), path
    for module in (name.split()[2] for name in named if name.startswith("python -m")):
        assert (root / f"{module.replace('.', '/')}.py").is_file(), module
    for anchor, path in (
        ("ACTIONS", "opsagent/models/plan.py"),
        ("class Need", "opsagent/setup/access.py"),
        ("COMMANDS = {", "opsagent/cli/app.py"),
        ("FIRST_SCREEN = ", "opsagent/cli/app.py"),
        ("_STAGES: ", "opsagent/analysis/objects/checks/pods.py"),
        ("POSITIVE: ", "tests/analysis/log_lines.py"),
        ("ADVERSARIAL: ", "tests/analysis/near_misses.py"),
        ("NEAR: ", "tests/analysis/test_every_code.py"),
        ("OBJECTS: ", "tests/analysis/test_every_code.py"),
        ("WITHOUT_A_RULE = ", "tests/analysis/test_every_code.py"),
        ("MOST = ", "tests/analysis/test_code_uses.py"),
        ("restart-same-spec: ", "opsagent/analysis/catalog/effects.yaml"),
        ("_CHANGE", "opsagent/sandbox/kinds.py"),
        ("examples:", "opsagent/redact/secrets.yaml"),
    ):
        assert path in table or Path(path).name in table, path
        assert anchor in (root / path).read_text("utf-8"), path


def test_an_action_of_the_table_has_everything_that_it_needs() -> None:
    """What the row of "an action" names is there for each action: a right to patch, and no effect that no row gives."""
    rights = {need.target for need in NEEDED if need.verb == "patch"}
    for action, changed in ACTIONS.items():
        target = f"{changed.plural}/{changed.subresource}" if changed.subresource else changed.plural
        assert target in rights, action
    for code in builtin().codes:
        for action in ("restart_statefulset", "restart_daemonset"):
            assert builtin().effect(code, "", action).verdict == "no"
