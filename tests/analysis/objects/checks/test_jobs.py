"""Jobs that gave up or ran too long, and CronJobs that start none."""

from typing import Any

import pytest

from tests.analysis.kube_objects import ago, condition, event, first, thing


def cron(**spec: Any) -> Any:
    return thing("CronJob", "nightly", spec={"schedule": "*/5 * * * *", "concurrencyPolicy": "Forbid", **spec})


def job(*conditions: Any, **status: Any) -> Any:
    owner = [{"kind": "CronJob", "name": "nightly", "controller": True}]
    return thing(
        "Job", "nightly-1", meta={"ownerReferences": owner}, spec={"activeDeadlineSeconds": 60},
        status={"conditions": list(conditions), **status},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "code"), [("DeadlineExceeded", "job.deadline"), ("BackoffLimitExceeded", "job.backoff-limit")]
)
def test_a_job_that_failed_states_its_reason(reason: str, code: str) -> None:
    """The reason of its Failed condition is the code."""
    assert first(job(condition("Failed", "True", reason), failed=3))[0] == code


@pytest.mark.parametrize("reason", ["TooManyMissedTimes", "MissSchedule"])
def test_a_schedule_that_is_missed(reason: str) -> None:
    """The controller states it; one that is suspended is none of its business."""
    told = event("nightly", reason, "too many missed start times", kind="CronJob")
    assert first(cron(), told) == ("job.missed-schedule", "CronJob/nightly")
    assert first(cron(suspend=True), told)[0] == "healthy"


def test_a_job_that_never_ends_keeps_the_next_from_starting() -> None:
    """With concurrencyPolicy Forbid; a Job that began a moment ago is not a reason."""
    told = event("nightly", "JobAlreadyActive", "Not starting job because prior execution is running", kind="CronJob")
    assert first(cron(), job(active=1, startTime=ago(7200)), told) == ("job.missed-schedule", "CronJob/nightly")
    assert first(cron(), job(active=1, startTime=ago(120)), told)[0] == "healthy"
