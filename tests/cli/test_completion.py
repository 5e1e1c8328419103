"""What Tab offers, and that it neither waits nor speaks."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.cli import completion
from opsagent.cli.setup import Setup
from opsagent.cli.work import completion as work
from opsagent.models.observed import Where
from opsagent.sandbox import SCENARIOS, Sandbox
from opsagent.store.incidents import Incidents
from tests.cli.shell import PATIENCE_S, environment, until
from tests.session import SPEED

HEAVY = ("kubernetes", "httpx", "rich.console", "langgraph", "pydantic", "opsagent.sandbox.sandbox")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the environment be that of a shell whose cluster is away; give a place to press Tab in."""
    for name in [name for name in os.environ if name.startswith("OPSAGENT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPSAGENT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    before = SimpleNamespace(params={})  # of the flags before the command
    return SimpleNamespace(params={}, find_root=lambda: before)


def test_known_services_need_no_cluster(shell: Any) -> None:
    """The platform's own services are offered by what was typed of them."""
    assert completion.services(shell, "a") == ["api-gateway", "auth-service"]
    assert completion.services(shell, "x") == []


def test_flags_before_the_command_count(shell: Any, tmp_path: Path) -> None:
    """`opsagent --config FILE logs <Tab>` offers the services of that file."""
    file = tmp_path / "shop.yaml"
    file.write_text("services:\n  - name: basket\n", "utf-8")
    shell.find_root().params = {"config": file}
    assert completion.services(shell, "ba") == ["basket"]
    assert completion.targets(shell, "ba") == ["basket"]


def test_codes_scenarios_and_incidents(shell: Any, tmp_path: Path) -> None:
    """Codes are the catalogue's, scenarios the sandbox's, ids those of the incidents that wait."""
    from datetime import UTC, datetime

    assert completion.codes(shell, "db.") == [code for code in builtin().codes if code.startswith("db.")]
    assert completion.scenarios(shell, "") == [*SCENARIOS, "list"]
    known = Incidents(tmp_path / "state").open("redis", Where("ns"), datetime.now(UTC))
    assert completion.incident_ids(shell, known[:2]) == [known]


def test_namespaces_are_those_of_the_kubeconfig(shell: Any, tmp_path: Path) -> None:
    """The configured one and those of the contexts; a broken kubeconfig leaves the configured one."""
    assert completion.namespaces(shell, "") == ["titanium-local"]
    context = {"contexts": [{"name": "c", "context": {"namespace": "shop"}}, {"name": "d", "context": None}]}
    (tmp_path / "kubeconfig").write_text(str(context))
    assert completion.namespaces(shell, "") == ["shop", "titanium-local"]
    (tmp_path / "kubeconfig").write_text("}{")
    assert completion.namespaces(shell, "sh") == []


def test_pods_are_those_last_seen(shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first Tab offers nothing and starts a check in the background; the next one offers what was seen."""
    started: list[Setup] = []
    monkeypatch.setattr(completion, "_check_again", started.append)
    assert completion.pods(shell, "") == []
    assert completion.pods(shell, "") == []
    assert len(started) == 1
    with Sandbox("healthy", speed=SPEED) as box:
        box.write_kubeconfig(tmp_path / "kubeconfig")
        work.see(Setup.from_flags(os.environ))
        assert completion.pods(shell, "local-redis") == box.state.pods("redis")


def test_the_check_in_the_background_is_a_process_of_its_own(shell: Any, tmp_path: Path) -> None:
    """It is started by Tab, outlives it, and keeps what it saw."""
    with Sandbox("healthy", speed=SPEED) as box:
        box.write_kubeconfig(tmp_path / "kubeconfig")
        assert completion.pods(shell, "") == []
        until(lambda: completion.pods(shell, "local-redis"), "the names")


@pytest.mark.parametrize("flags", [{"config": "/nowhere/at.all"}, {"namespace": 7}])
def test_what_goes_wrong_is_silent(shell: Any, flags: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    """A configuration that cannot be read offers nothing and prints nothing."""
    shell.params = flags
    assert completion.services(shell, "zz") == []
    assert capfd.readouterr() == ("", "")


def test_tab_loads_nothing_heavy(tmp_path: Path) -> None:
    """Completing a service imports none of the libraries that would make it slow."""
    watched = (
        "import sys, atexit; from opsagent.cli.app import main; "
        f"atexit.register(lambda: print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)); main()"
    )
    with Sandbox("healthy", speed=SPEED) as box:
        asked = {"COMP_WORDS": "opsagent diagnose b", "COMP_CWORD": "2", "_OPSAGENT_COMPLETE": "complete_bash"}
        done = subprocess.run(
            [sys.executable, "-c", watched],
            env=environment(box, tmp_path, **asked), capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert box.requests == []
    assert done.stdout.split() == ["blog-service"]
    assert done.stderr.strip() == "[]"
