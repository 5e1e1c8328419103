"""`report` from the outside: formats, files, and what is removed."""

import json
import stat

from opsagent.store.reports import Reports
from tests.cli.conftest import Boxed


def test_a_report_is_written_to_a_new_file_of_ones_own(boxed: Boxed) -> None:
    """Each format to a file: mode 0600, never over an old one, stdout empty."""
    shell = boxed("oom-killed")
    shell.here("watch", "--auto-report")
    for form, begins in (("html", "<!doctype html>"), ("md", "# REPORTED"), ("json", "{"), ("term", "REPORTED")):
        path = shell.folder / f"report.{form}"
        done = shell.here("report", "show", "--format", form, "-o", str(path))
        assert (done.code, done.out) == (0, "")
        assert path.read_text("utf-8").startswith(begins)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        again = shell.here("report", "show", "--format", form, "-o", str(path))
        assert again.code == 2
        assert "is there already" in again.said
    page = shell.here("report", "show", "--format", "html").out
    assert "pod.oom-killed" in page
    assert page.count("<svg") in {0, 2}


def test_where_no_file_can_be_there_is_an_error_with_a_way_out(boxed: Boxed) -> None:
    """A directory that is not there, and formats that exclude each other."""
    shell = boxed("oom-killed")
    shell.here("watch", "--auto-report")
    done = shell.here("report", "show", "-o", str(shell.folder / "nowhere" / "x"))
    assert done.code == 2
    assert "hint:" in done.err
    assert shell.here("report", "show", "--json", "--format", "html").code == 2


def test_old_reports_are_removed_and_what_waits_stays(boxed: Boxed) -> None:
    """prune takes reports of ended incidents that are older, not a waiting one's, and not the audit trail."""
    shell = boxed("db-locked")
    shell.here("watch", "--auto-report")
    [waiting] = json.loads(shell.here("incidents", "--json").out)
    assert "0 reports" in shell.here("report", "prune").err
    assert "0 reports" in shell.here("report", "prune", "--older-than", "0d").err
    records = len(json.loads(shell.here("audit", "--json").out))
    shell.here("reject", waiting["id"])
    assert "0 reports" in shell.here("report", "prune", "--older-than", "90d").err
    assert "1 report " in shell.here("report", "prune", "--older-than", "0d").err
    assert Reports(shell.folder / "state").list().reports == ()
    assert len(json.loads(shell.here("audit", "--json").out)) > records
    assert shell.here("report", "prune", "--older-than", "soon").code == 2
