"""`audit` from the outside: the trail of an incident, and what a check of it shows."""

import json
import sqlite3
from contextlib import closing

from tests.cli.conftest import Boxed


def test_the_trail_of_an_incident_is_shown_and_whole(boxed: Boxed) -> None:
    """After a pass that found something: checks, plan, panel; --verify exits 0, and the report holds the last hash."""
    shell = boxed("oom-killed")
    assert shell.here("watch", "--auto-report").code == 3
    shown = shell.here("audit")
    assert shown.code == 0
    assert "pod.oom-killed" in shown.out or "root_cause" in shown.out or "plan" in shown.out
    records = json.loads(shell.here("audit", "-o", "json").out)
    assert [record["number"] for record in records] == list(range(1, len(records) + 1))
    report = json.loads(shell.here("report", "show", "--json").out)
    assert report["audit"] == {"number": records[-1]["number"], "hash": records[-1]["hash"]}
    assert records[-1]["hash"] in shell.here("report", "show", "--format", "md").out
    done = shell.here("audit", "--verify")
    assert (done.code, done.out.startswith("WHOLE")) == (0, True)


def test_a_trail_that_was_cut_off_is_reported(boxed: Boxed) -> None:
    """Who takes away the last records, and the counter with them, is given away by the report; exit code 1."""
    shell = boxed("oom-killed")
    shell.here("watch", "--auto-report")
    with closing(sqlite3.connect(shell.folder / "state" / "opsagent.db", isolation_level=None)) as past:
        past.execute("DROP TRIGGER audit_is_kept")
        past.execute("DELETE FROM audit WHERE number > 2")
        past.execute("UPDATE sqlite_sequence SET seq = 2 WHERE name = 'audit'")
    done = shell.here("audit", "--verify")
    assert done.code == 1
    assert "NOT WHOLE" in done.out
    assert "which the report of" in done.out
    assert json.loads(shell.here("audit", "--verify", "--json").out)["whole"] is False


def test_an_empty_trail_and_a_wrong_question(boxed: Boxed) -> None:
    """Nothing yet is not an error; --verify of one incident and an unknown incident are exit code 2."""
    shell = boxed()
    assert shell.here("audit").out == "the audit trail is empty\n"
    assert shell.here("audit", "--verify").code == 0
    assert shell.here("audit", "--verify", "b7k2").code == 2
    assert shell.here("audit", "zzzz").code == 2
