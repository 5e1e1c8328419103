"""What a quote means to the catalog and the rules, and whether that can support a cause."""

import pytest

from opsagent.analysis.catalog.catalog import builtin
from opsagent.analysis.reasoning.meanings import bearing, read_as
from opsagent.models.evidence import Evidence, Finding, Observation

CATALOG = builtin()
DNS = "ERROR getaddrinfo ENOTFOUND db.shop.svc.cluster.local"


@pytest.mark.parametrize(
    ("source", "text", "quote", "codes"),
    [
        ("logs", f"2026-11-22T12:10:00Z {DNS}", "ENOTFOUND", {"network.dns"}),
        # Of several lines only those that hold the quote are read.
        ("logs", f"1 x {DNS}\nERROR no space left on device", "no space left", {"volume.disk-full"}),
        ("logs", "ERROR 25 of 25 seats are taken", "25 of 25 seats", set()),
        ("objects", "OOMKilled: exit code 137", "OOMKilled", {"pod.oom-killed"}),
        ("events", "Warning Pod/web-1 OOMKilling ×2: killed process 7", "OOMKilling", {"pod.oom-killed"}),
        ("objects", "Running: since 12:00", "Running", set()),
    ],
)
def test_a_quote_is_read_by_phrases_and_reasons(source: str, text: str, quote: str, codes: set[str]) -> None:
    """A log line by its wording, an event or a state by its reason; what nobody knows has no meaning."""
    piece = Evidence("E1", source, "there", text)  # type: ignore[arg-type]
    assert read_as(quote, piece, (), CATALOG) & {"network.dns", "volume.disk-full", "pod.oom-killed"} == codes


def test_a_finding_reads_what_it_rests_on() -> None:
    """A field that a check compared means what the check found, whatever its words; another place means nothing."""
    seen = Observation("objects", "Service/web:spec.selector", "app=web")
    found = Finding("service.selector-mismatch", "Service/web", "web", 0.9, "it selects no pod", (seen,))
    here, there = (Evidence("E1", "objects", where, "app=web") for where in (seen.where, "Service/api:spec.selector"))
    assert read_as("app=web", here, (found,), CATALOG) == {"service.selector-mismatch"}
    assert read_as("app=web", there, (found,), CATALOG) == frozenset()


@pytest.mark.parametrize(
    ("code", "read", "kind"),
    [
        ("db.locked", {"db.locked"}, "own"),
        ("db.locked", {"db.deadlock"}, "own"),  # the family
        ("db.slow", {"volume.disk-full", "db.slow"}, "own"),  # one of several meanings is enough
        ("db.locked", set(), "own"),  # no known wording: nothing speaks against it
        ("other", {"network.dns"}, "own"),  # its own words are tested instead
        ("probe.failing", {"db.locked"}, "own"),  # what brings it about
        ("db.locked", {"probe.failing"}, "consequence"),
        ("db.locked", {"network.dns"}, "foreign"),
        ("pod.oom-killed", {"network.dns"}, "foreign"),
    ],
)
def test_what_evidence_is_to_a_cause(code: str, read: set[str], kind: str) -> None:
    """The family and what explains the cause support it; a consequence alone does not; anything else is foreign."""
    assert bearing(code, frozenset(read), CATALOG) == kind
