"""A report states what was read; what was never looked up is not "nothing"."""

from opsagent.agent.reporting import NOT_PLANNED, report_of
from opsagent.models.coverage import Coverage, Outcome, Reading
from opsagent.models.observed import Where
from opsagent.ui.report_markdown import report_markdown
from opsagent.ui.report_view import report_view
from tests.agent.incidents import AT, state
from tests.ui.drawing import drawn, flat


def test_an_incident_that_was_rejected_before_any_check() -> None:
    """Nothing was read: neither "nothing is wrong" nor "every source answered", and no change is denied."""
    begun = {"incident_id": "b7k2", "where": Where("shop"), "started_at": AT}
    report = report_of(begun, status="rejected", closing="closed", now=AT)  # type: ignore[arg-type]
    assert (report.changes, report.coverage, report.plan.reason) == (None, None, NOT_PLANNED)
    assert [skipped.source for skipped in report.not_checked] == ["everything"]
    text = flat(report_view(report)) + report_markdown(report)
    assert "nothing is wrong" not in text
    assert "every source" not in text
    assert "CHANGED not checked" in text


def test_what_was_read_is_taken_from_the_coverage() -> None:
    """A service counts as read where a source of states was read, not where it was judged."""
    coverage = Coverage((Reading("stats", "redis", Outcome.READ), Reading("logs", "blog", Outcome.READ, "x")))
    report = report_of(state(coverage=coverage), status="diagnosed", closing="done", now=AT)
    assert report.looked[0] == "redis"
    assert "blog" not in report.looked
    assert report.services == ("blog", "redis", "mail")
    assert "NOT CHECKED events: forbidden" in " ".join(drawn(report_view(report)).split())
