"""What `notify` is sent of an alert's diagnosis."""

import pytest

from opsagent.errors import CheckError, OpsagentError
from opsagent.models.figures import Alert
from opsagent.serving.alert_notice import link, notice, unsilenced
from tests.ui.records import REPORT

FIRING = Alert(
    "HighErrorRate", {"app": "blog"}, {}, "firing", None, "f1", url="http://prometheus.example.org/graph?g0=1"
)


class Silences:
    """A platform that has alerts, or cannot be asked."""

    def __init__(self, *alerts: Alert, fails: bool = False) -> None:
        self._alerts, self._fails = alerts, fails

    def alerts(self) -> tuple[Alert, ...]:
        """Answer, or fail."""
        if self._fails:
            raise CheckError("away", source="alerts")
        return self._alerts


def test_name_link_and_result() -> None:
    """The message names alert and link, what was found, and the command that goes on."""
    message = notice([FIRING], REPORT)
    assert message["alerts"] == [{"name": "HighErrorRate", "url": FIRING.url, "since": None}]
    assert (message["notice"], message["status"]) == ("alert", REPORT.status)
    assert message["text"].splitlines()[-1] == f"alert:    HighErrorRate {FIRING.url}"
    assert REPORT.causes[0].code in message["text"]


def test_a_failure_is_sent_too() -> None:
    """Who was paged is reported that opsagent could not help, and why."""
    message = notice([FIRING], OpsagentError("the API server answers 401"))
    assert message["text"].startswith("opsagent: the alert HighErrorRate could not be diagnosed: the API server")
    assert message["status"] == "failed"


@pytest.mark.parametrize(
    "url", [None, "", "javascript:alert(1)", "http://a b/", "http://x/\x1b[0m", "http:///x", "http://["]
)
def test_a_link_is_one_of_the_web_or_none(url: str | None) -> None:
    """generatorURL comes from outside."""
    hostile = Alert("A\x1b]0;x\x07", {}, {}, "firing", url=url)
    assert link(hostile) is None
    assert "\x1b" not in str(notice([hostile], OpsagentError("x")))


def test_silenced_alerts_are_left_out() -> None:
    """A silence set since the delivery counts; where nobody can be asked the notice goes out."""
    quiet = Alert("HighErrorRate", {}, {}, "suppressed", None, "f1", silenced=True)
    assert unsilenced([FIRING], Silences(quiet)) == ()
    assert unsilenced([FIRING], Silences()) == (FIRING,)
    assert unsilenced([FIRING], Silences(quiet, fails=True)) == (FIRING,)
    assert unsilenced([FIRING], object()) == (FIRING,)
