"""The catalogue holds every code with everything that an operator is shown."""

import subprocess
import sys
from string import Formatter

import pytest

from opsagent.analysis.catalog.catalog import CauseInfo, catalogue, codes, explain

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


def test_every_stable_code_is_there() -> None:
    """No code was lost or renamed: reports and suppressions key on them."""
    assert set(codes()) >= EVERY


@pytest.mark.parametrize("info", catalogue().values(), ids=lambda info: info.code)
def test_an_entry_is_whole(info: CauseInfo) -> None:
    """Each entry says what, how found, what mends it, and why each action helps or not; nothing is empty."""
    for sentence in (info.meaning, info.found, info.remedy):
        assert sentence[0] == sentence[0].strip() != ""
        assert sentence.endswith(".")
    assert info.severity in {"critical", "high", "medium", "low"}
    for action in ("restart_deployment", "scale_deployment", "rollback_deployment"):
        helps = info.helps(action)
        assert helps.verdict in {"yes", "no", "sometimes"}
        assert len(helps.why) > 20
        assert not helps.why.endswith(".")
    assert info.steps


@pytest.mark.parametrize("info", catalogue().values(), ids=lambda info: info.code)
def test_steps_ask_only_for_names_that_are_filled_in(info: CauseInfo) -> None:
    """A step has no placeholder that nobody knows."""
    fields = {field for step in info.steps for _, field, _, _ in Formatter().parse(step) if field is not None}
    assert fields <= {"ref", "name", "workload", "service", "ns"}


def test_explain_knows_its_codes_only() -> None:
    """A known code is explained with its family, an unknown one is None, doing nothing never helps."""
    info = explain("db.locked")
    assert info is not None
    assert (info.family, info.helps("none").verdict) == ("db", "no")
    assert any("WAL" in step for step in info.steps)
    assert explain("db.lockd") is None


def test_import_is_cheap() -> None:
    """Importing the catalogue does not load PyYAML."""
    program = "import sys, opsagent.analysis.catalog.catalog; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
