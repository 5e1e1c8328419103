"""The catalog holds every code with everything that an operator is shown."""

import subprocess
import sys
from string import Formatter

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.catalog.compiled import COMPILED, built_in_sources, dumped
from opsagent.analysis.catalog.records import Code

FAMILIES = {
    "pod": "oom-killed crash-app-error bad-command evicted hung import-error port-in-use",
    "config": "missing-env missing-object invalid wrong-address",
    "probe": "liveness-port liveness-protocol liveness-timing readiness-port readiness-protocol readiness-timing "
    "failing",
    "image": "not-found auth registry-unreachable",
    "rollout": "zero-replicas stuck bad-revision",
    "scheduling": "cpu memory node-selector node-affinity pod-anti-affinity taint cordoned too-many-pods "
    "extended-resource",
    "quota": "cpu memory pods services storage limit-range",
    "access": "service-account-missing rbac permission-denied credentials",
    "volume": "storage-class access-mode capacity selector occupied mount-failed permission-denied disk-full",
    "service": "selector-mismatch port-mismatch protocol-mismatch no-endpoints misrouted",
    "network": "dns refused timeout delay loss policy tls-certificate",
    "node": "not-ready kubelet-down runtime-down pressure kube-proxy-down scheduler-down",
    "db": "locked deadlock too-many-connections pool-exhausted credentials wrong-port unreachable read-only slow",
    "dependency": "down cache-down rate-limited",
    "load": "cpu-saturated memory-pressure traffic-surge thread-pool open-files",
}
EVERY = {f"{family}.{cause}" for family, causes in FAMILIES.items() for cause in causes.split()} | {"unknown"}
ACTIONS = ("restart_deployment", "scale_deployment", "rollback_deployment")


def test_every_stable_code_is_there() -> None:
    """No code was lost or renamed: reports and suppressions key on them."""
    assert set(builtin().codes) >= EVERY


def test_the_compiled_file_equals_its_sources() -> None:
    """compiled.json holds exactly what the YAML files hold."""
    sources = built_in_sources()
    assert [str(problem) for problem in sources.problems] == []
    assert dumped(sources) == COMPILED.read_text("utf-8"), "run `python -m tests.compile`"


@pytest.mark.parametrize("info", builtin().rows, ids=lambda info: info.code)
def test_an_entry_is_complete(info: Code) -> None:
    """Each entry states what it is, how it is found, how to fix it, and why each action helps or not."""
    for sentence in (info.meaning, info.found, info.remedy):
        assert sentence[0] == sentence[0].strip() != ""
        assert sentence.endswith(".")
    for action in ACTIONS:
        effect = builtin().effect(info.code, "", action)
        assert effect.verdict in {"yes", "no", "sometimes"}
        assert len(effect.why) > 20
        assert not effect.why.endswith(".")
    assert info.steps


@pytest.mark.parametrize("info", builtin().rows, ids=lambda info: info.code)
def test_steps_ask_only_for_names_that_are_filled_in(info: Code) -> None:
    """A step, of the code or of a variant, has no placeholder that nothing fills in."""
    steps = [*info.steps, *(step for variant in info.variants for step in variant.steps)]
    fields = {field for step in steps for _, field, _, _ in Formatter().parse(step) if field is not None}
    assert fields <= {"ref", "name", "workload", "service", "ns"}


@pytest.mark.parametrize("info", builtin().rows, ids=lambda info: info.code)
def test_rows_refer_to_rows_that_exist(info: Code) -> None:
    """A tag, an explained code and a proposed action are all known; what is proposed is not stated to be useless."""
    assert info.tags <= set(builtin().tags)
    assert builtin().explains(info.code) <= set(builtin().codes)
    assert all(builtin().tagged(entry[1:]) for entry in info.explains if entry.startswith("="))
    if info.proposes:
        assert info.effect(info.proposes).verdict != "no"


def test_a_code_is_known_or_none() -> None:
    """A known code has its family, an unknown one is None, and doing nothing never helps."""
    info = builtin().get("db.locked")
    assert info is not None
    assert (info.family, builtin().effect("db.locked", "", "none").verdict) == ("db", "no")
    assert any("WAL" in step for step in info.steps)
    assert builtin().get("db.lockd") is None


def test_an_action_that_no_row_names_does_not_help() -> None:
    """The default of every effect is no: a new action fixes nothing until a row states it."""
    assert builtin().effect("db.locked", "", "reboot_node").verdict == "no"
    assert builtin().effect("db.lockd", "", "restart_deployment").verdict == "no"


def test_import_is_cheap() -> None:
    """Reading the catalog loads neither PyYAML nor msgspec."""
    program = (
        "import sys; from opsagent.analysis.catalog.catalog import builtin; builtin(); "
        "sys.exit('yaml' in sys.modules or 'msgspec' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_first_links_come_before_what_follows() -> None:
    """A lock before the hang, a bad image before the rollout that waits for it, everything before unknown."""
    order = builtin().order
    assert order("db.locked") < order("pod.hung")
    assert order("image.not-found") < order("rollout.stuck")
    assert order("node.not-ready") < order("pod.evicted") < order("service.no-endpoints") < order("unknown")
