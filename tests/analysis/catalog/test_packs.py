"""Packs: rows that operators add are used, wrong ones are named with their line, and none makes an action help more."""

import pytest

from opsagent.analysis.catalog.catalog import Catalog, builtin
from opsagent.analysis.catalog.packs import PackFile, row_ids, with_packs
from opsagent.analysis.logs.causes import log_findings
from opsagent.analysis.logs.digest import digest
from opsagent.models.observed import LogRef

CODE = """codes:
  - code: shop.ledger-closed
    severity: high
    meaning: The ledger is closed, so no payment is booked.
    found: The log reports that the ledger is closed.
    remedy: Open the ledger again.
    rung: 1
"""
PHRASE = """phrases:
  - code: shop.ledger-closed
    pattern: 'LEDGER-[0-9]+: book is closed'
    strength: 0.85
    example: "ERROR LEDGER-1207: book is closed"
    not: "INFO LEDGER-1200: book opened"
"""
LINE = "ERROR LEDGER-1208: book is closed, payment 78 not booked\n"


def pack(text: str) -> tuple[Catalog, list[str]]:
    """Return the catalog with one pack, and what is wrong with it."""
    catalog, problems = with_packs([PackFile("shop.yaml", text)])
    return catalog, [str(problem) for problem in problems]


def test_a_code_with_its_phrase_is_found_in_a_log() -> None:
    """Two rows are enough: the log's line gives the pack's code, with its meaning as the summary."""
    catalog, problems = pack(CODE + PHRASE)
    assert problems == []
    found = log_findings([digest(LogRef("app.log"), [(LINE * 3).encode()])], catalog=catalog)
    assert [(f.code, f.summary) for f in found] == [
        ("shop.ledger-closed", "The ledger is closed, so no payment is booked")
    ]
    assert catalog.place_of(catalog["shop.ledger-closed"]) == "shop.yaml:2"


def test_the_built_in_catalog_stays_as_it_is() -> None:
    """A pack makes a catalog of its own: the same line means nothing without it."""
    pack(CODE + PHRASE)
    assert "shop.ledger-closed" not in builtin()
    assert not [f for f in log_findings([digest(LogRef("app.log"), [(LINE * 3).encode()])]) if f.code != "unknown"]


def test_a_peer_of_a_pack_decides_the_code_of_a_refused_connection() -> None:
    """A store that nobody knows is a database once a row states it, in logs as in the ranking."""
    line = b"ERROR dial tcp: connect to ledgerstore:7777: connection refused\n" * 3
    log = digest(LogRef("app.log"), [line])
    peers = "peers:\n  - kind: database\n    names: [ledgerstore]\n    example: ledgerstore-0\n"
    catalog, problems = pack(peers)
    assert problems == []
    assert [f.code for f in log_findings([log], catalog=catalog)] == ["db.unreachable"]
    assert [f.code for f in log_findings([log])] == ["network.refused"]


def test_a_built_in_row_is_switched_off_by_its_name() -> None:
    """The line that the row would take means something else, or nothing, afterwards."""
    catalog, problems = pack("off:\n  - row: db.locked#780\n    why: our engine prints this every day\n")
    assert problems == []
    log = digest(LogRef("app.log"), [b"ERROR database is locked\n" * 3])
    assert "db.locked" in {f.code for f in log_findings([log])}
    assert "db.locked" not in {f.code for f in log_findings([log], catalog=catalog)}
    assert catalog.off == {"db.locked#780": ("shop.yaml:2", "our engine prints this every day")}


def test_a_variant_is_added_to_a_built_in_code() -> None:
    """It has its own steps, and takes an effect away."""
    catalog, problems = pack(
        "variants:\n  - code: pod.hung\n    name: batch\n    meaning: A batch run blocks it.\n"
        "    steps: [wait until the batch run ends]\n    effects: {restart: [no, it begins again from zero]}\n"
    )
    assert problems == []
    assert catalog.effect("pod.hung", "batch", "restart_deployment").verdict == "no"
    assert catalog["pod.hung"].of("batch").proposes == ""
    assert catalog.effect("pod.hung", "", "restart_deployment").verdict == "yes"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CODE.replace("shop.ledger-closed", "db.slow"), "shop.yaml:2: db.slow exists already"),
        (CODE + "    proposes: restart\n", "cannot make opsagent propose"),
        (CODE + "    effects: {restart: [yes, it helps]}\n", "a pack cannot use yes"),
        (CODE.replace("high", "urgent"), "shop.yaml:2: severity: invalid enum value 'urgent'"),
        (CODE.replace("rung: 1", "rang: 1"), "unknown field 'rang'"),
        (CODE.replace("    remedy: Open the ledger again.\n", ""), "remedy is missing"),
        (
            "variants:\n  - {code: quota.cpu, name: x, meaning: y., effects: {restart: [yes, because]}}\n",
            "quota.cpu has no, and a pack cannot raise it to yes",
        ),
        (PHRASE, "there is no code 'shop.ledger-closed': add it under codes"),
        (CODE + PHRASE.replace("[0-9]+", "(?=x)"), "looks around"),
        (CODE + PHRASE.replace("[0-9]+", "("), "RE2 cannot read it"),
        (CODE + PHRASE.replace("[0-9]+", "x{130}" + "x" * 120), "at most 120 are allowed"),
        (CODE + PHRASE.replace("LEDGER-[0-9]+: book is closed", ".*"), "every line"),
        (CODE + PHRASE.replace("ERROR LEDGER-1207: book is closed", "ERROR"), "the example does not match"),
        (CODE + PHRASE.replace("book opened", "book is closed"), "the near miss matches the pattern too"),
        (CODE + PHRASE.replace("    not: ", "    prints: "), "near_miss is missing"),
        ("peers:\n  - {kind: databse, names: [x], example: x}\n", "kind 'databse' is unknown"),
        ("peers:\n  - {kind: database, names: ['*'], example: x}\n", "would be every program"),
        ("off:\n  - {row: db.locked#78, why: x}\n", "nearest db.locked#780"),
        ("off:\n  - {row: db.locked#780}\n", "expected row: <built-in row> and why"),
        ("actions: {reboot: restart}\n", "a pack cannot hold actions"),
        ("tags: {x: y}\n", "a pack cannot hold tags"),
        ("kodes: []\n", "unknown section 'kodes'"),
        ("codes: [\n", "invalid YAML"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_with_its_line_and_not_used(text: str, said: str) -> None:
    """Each mistake is one sentence with file and line, and the row that has it does not load."""
    catalog, problems = pack(text)
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith("shop.yaml:") for problem in problems)
    assert not catalog.off
    assert catalog["db.slow"] == builtin()["db.slow"]
    assert catalog.effect("quota.cpu", "x", "restart_deployment").verdict == "no"


def test_every_row_that_can_be_switched_off_has_one_name() -> None:
    """Two meanings with one name could not be distinguished."""
    ids = [name for name in row_ids() if not name.startswith("reason:")]
    assert len(set(ids)) == len(ids)
