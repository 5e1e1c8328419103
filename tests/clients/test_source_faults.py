"""Every source of evidence with every fault: what could not be read is stated, and accuses nobody.

A complete check of a healthy platform, through a server that spoils one source.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsagent.agent import wiring
from opsagent.agent.context import Context
from opsagent.agent.detection import Detection, detect_now, observe
from opsagent.analysis.evidence.verdict import HealthQuestion, verdict
from opsagent.clients.live import LivePlatform
from opsagent.config.settings import HealthSettings, Settings
from opsagent.config.titanium import TITANIUM
from opsagent.errors import CheckError
from opsagent.redact import Redactor
from opsagent.sandbox import Sandbox
from opsagent.store.store import Store
from opsagent.tools import reading_tools
from tests.clients.faulty import ADDRESS_FAULTS, DIRECT, FAULTS, LISTS, SLOW_FAULTS, SOURCES, faulty
from tests.session import Heard

Cell = tuple[str, str]
CELLS: tuple[Cell, ...] = tuple((source, fault) for source in SOURCES for fault in FAULTS)
SAMPLE = sorted(random.Random(11).sample(CELLS, 48))
SLOW_S = 2.0  # the time-out of what hangs: the answers beside it come in time on a busy machine as well
MOST_MB = 3.0  # what a pass may read here: an answer over the limit has 4
UNASKED = ("logs", "version", "access")  # not needed to call a platform healthy
TEXTS = ("empty", "{}", "wrong kind", "wrong items", "over the limit")
PROXIED = ("proxied stats", "proxied health")
HEALTHS = ("front health", "proxied health")
FRONT = "load-balancer"


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """Start one healthy sandbox for all cells."""
    with Sandbox("healthy", speed=20) as started:
        yield started
        assert started.errors == []


def kubeconfig_of(box: Sandbox, api: str, folder: Path) -> str:
    """Write the sandbox's kubeconfig with another address of the API server, and return its path."""
    path = folder / "kubeconfig"
    path.write_text(box.kubeconfig().replace(box.api_url, api))
    return str(path)


def settings_of(box: Sandbox, url: str, cell: Cell, folder: Path, closed_port: int) -> Settings:
    """Return settings that lead to the faulty server, or for a fault of the address to that address."""
    source, fault = cell
    wrong = {
        "refused": f"http://127.0.0.1:{closed_port}",
        "no DNS": "http://nobody.invalid:7100",
        "TLS": url.replace("http:", "https:"),
    }
    broken = wrong.get(fault, url)
    stats, api = (broken, url) if source in DIRECT else (url, broken)
    # Only what is slow on purpose is not waited for: on a busy machine everything else may be slow as well.
    api_s, stats_s, health_s = (
        SLOW_S if fault in SLOW_FAULTS and slow else 20.0
        for slow in (source not in (*DIRECT, *PROXIED), "stats" in source, source in ("api", *HEALTHS))
    )
    plain = Settings()
    return replace(
        plain,
        kubernetes=replace(
            plain.kubernetes, kubeconfig=kubeconfig_of(box, api, folder), timeout_s=api_s, max_read_mb=MOST_MB
        ),
        reach="proxy" if source == "proxied stats" else "auto",
        stats=replace(plain.stats, url=stats, timeout_s=stats_s),
        health=HealthSettings(health_s),
        logs=replace(plain.logs, timeout_s=api_s),
        thresholds=replace(plain.thresholds, confirmations=1),
        state_dir=folder / "state",
    )


def context_of(settings: Settings, platform: LivePlatform) -> Context:
    """Return the surroundings of one check."""
    store = Store.at(settings, {})
    return wiring.live(settings, platform, Redactor(), store=store, progress=Heard(), environ={}, model=False)


def source_names(source: str, fault: str) -> set[str]:
    """Return how `not_checked` may name a source: an API server that cannot be reached is one fault of the first."""
    if source in LISTS and fault in ADDRESS_FAULTS:
        return {"pods", "cluster"}
    if source in LISTS:
        return {LISTS[source].source, "cluster"}
    return {"proxied stats": {"stats", "cluster"}, "stats": {"stats"}}.get(source, {"health", "cluster", "pods"})


def read_without_a_word(source: str, fault: str) -> bool:
    """Return whether a fault leaves a platform as readable as before.

    An API that a cluster may do without is absent; another way points to the same place; or nothing asked for it.
    """
    if source in LISTS and fault == "404":
        return LISTS[source].optional
    # The load balancer is asked through the API server where its own URL does not answer.
    return source in UNASKED or source in DIRECT


def statuses_of(source: str, fault: str) -> set[str]:
    """Return the statuses that a pass may end in: healthy only where every service was read from another source."""
    if source == "api" or (source not in DIRECT and fault in ADDRESS_FAULTS):
        return {"not_checked"}  # the cluster was not read
    if (source, fault) == ("list Pod", "401"):
        return {"not_checked"}  # the first list that is refused so: the credentials count nowhere
    if fault == "over the limit":
        return {"healthy", "not_checked"}  # what else fits beside it depends on which answer comes first
    return {"healthy"}


def holds(cell: Cell, found: Detection) -> None:
    """Assert what has to hold for every cell."""
    source, fault = cell
    assert found.patients == ()  # only the way failed: nobody is accused
    assert found.named_by_rules == ()
    assert found.verdict is not None
    assert found.verdict.status in statuses_of(source, fault)
    names = tuple(health.service for health in found.healths)
    failed = {"api": {"objects"}, "proxied stats": {"stats"}}.get(source, set())
    for name in names:  # asked about one by one: healthy only what was read, and not from what failed
        answer = verdict(found.coverage, HealthQuestion(name, names))
        read = set(found.coverage.read_of(name)) - failed
        assert (answer.status == "healthy") <= bool(read)
        assert read or found.verdict.status != "healthy"
    assert [symptom for health in found.healths for symptom in health.symptoms] == []
    for health in found.healths:
        assert health.state != "healthy" or health.read  # never healthy where nothing was read
    if not read_without_a_word(source, fault):
        assert source_names(source, fault) & {skipped.source for skipped in found.not_checked}
    if source == "api" or (source in LISTS and fault in ADDRESS_FAULTS):
        assert not any("objects" in health.read for health in found.healths)
        assert not any("health" in health.read for health in found.healths if health.service != FRONT)
    if source == "proxied stats":
        assert not any("stats" in health.read for health in found.healths)


def check(cell: Cell, box: Sandbox, folder: Path, closed_port: int) -> None:
    """Check a healthy platform with one fault in the way, and use every reading tool; no other error may come."""
    source, fault = cell
    with faulty(box, source, fault) as served:
        settings = settings_of(box, served.url, cell, folder, closed_port)
        platform = LivePlatform(settings, TITANIUM)
        found = observe(context_of(settings, platform), None, confirm=False)
        holds(cell, found)
        # Eight answers at once may pass the bound by a chunk, and by what proxied answers hold.
        assert platform.bytes_read <= (MOST_MB + 9) * 1024 * 1024
        if source in UNASKED:
            use(source, fault, platform)
        assert served.hits or fault in ADDRESS_FAULTS or source in ("proxied stats", "version", "front health")


def use(source: str, fault: str, platform: LivePlatform) -> None:
    """Ask for what a check of a healthy platform does not need; a CheckError is the only way to fail."""
    tools: dict[str, Any] = {tool.__name__: tool for tool in reading_tools(platform, TITANIUM)}
    if source == "access":
        assert platform.may("get", "pods") is None
    elif source == "version" and fault == "403":
        platform.new_pass()
        platform.prove()  # the refusal is an API server's own
    elif source == "version":
        platform.new_pass()
        with pytest.raises(CheckError):
            platform.prove()
    else:
        try:
            answer = tools["get_service_logs"](service="blog-service", tail=5)
        except CheckError:
            return  # no log could be read
        # One began and broke off. What is text and complete cannot be distinguished from a log.
        assert answer["not_checked"] or fault in TEXTS


@pytest.mark.parametrize("cell", SAMPLE, ids=" - ".join)
def test_fault_is_stated_and_accuses_nobody(cell: Cell, box: Sandbox, tmp_path: Path, closed_port: int) -> None:
    """A sample of the table: the same cells every time."""
    check(cell, box, tmp_path, closed_port)


@pytest.mark.slow
@pytest.mark.parametrize("cell", sorted(set(CELLS) - set(SAMPLE)), ids=" - ".join)
def test_every_other_fault(cell: Cell, box: Sandbox, tmp_path: Path, closed_port: int) -> None:
    """The rest of the table."""
    check(cell, box, tmp_path, closed_port)


def test_nothing_is_reported_about_a_platform_without_a_fault(box: Sandbox, tmp_path: Path, closed_port: int) -> None:
    """Through the same server without a fault everything is read, so that the table reports the faults."""
    with faulty(box, "version", "none") as served:
        settings = settings_of(box, served.url, ("version", "none"), tmp_path, closed_port)
        found = detect_now(context_of(settings, LivePlatform(settings, TITANIUM)), None, confirm=False)
    assert found.patients == ()
    assert {health.state for health in found.healths} == {"healthy"}
    assert {skipped.source for skipped in found.not_checked} <= {"metrics", "health"}
