"""CronJobs that can never start a Job, and a CronJob controller that starts none."""

from typing import Any

import pytest

from tests.analysis import kube_objects as k

OLD = k.event("worker-9", "Rebooted", "x", age=9000, kind="Node")
DOWN = ("node.controller-manager-down", "Pod/kube-controller-manager")


def cron(schedule: str = "*/5 * * * *", last: float | None = 1500, name: str = "nightly", **spec: Any) -> k.Obj:
    """Return a CronJob whose last run was scheduled so many seconds ago."""
    status = {} if last is None else {"lastScheduleTime": k.ago(last)}
    return k.thing("CronJob", name, spec={"schedule": schedule, "timeZone": "Etc/UTC", **spec}, status=status)


@pytest.mark.parametrize("spec", [{"schedule": "0 0 31 2 *"}, {"timeZone": "Europe/Nowhere"}])
def test_a_schedule_that_never_fires(spec: k.Obj) -> None:
    """31 February, and a time zone that does not exist; suspended, nobody waits for it."""
    assert k.first(cron(**spec)) == ("job.missed-schedule", "CronJob/nightly")
    assert k.first(cron(**spec, suspend=True)) == ("healthy", None)


@pytest.mark.parametrize("last", [1500, None])
def test_a_run_that_was_due_and_that_nobody_started_is_the_controllers(last: float | None) -> None:
    """It is due every five minutes; the last was 25 minutes ago, or there was none, and no event of it.

    The run that is due this very moment does not excuse the one before it.
    """
    found = k.find(cron(last=last), OLD)[0]
    assert (found.code, found.object, found.strength) == (*DOWN, 0.85)
    assert k.find(cron(last=last))[0].strength == 0.6


@pytest.mark.parametrize(
    "objects",
    [
        [cron(last=0)],
        [cron("55 11 * * *", last=300)],
        [cron("58 11 * * *", last=86_000)],
        [cron(), k.event("nightly", "JobAlreadyActive", "prior execution is running", age=20, kind="CronJob")],
        [cron() | {"status": {"active": [{"name": "nightly-1"}]}}],
        [cron() | {"metadata": k.meta("nightly", age=60)}],
        [k.thing("CronJob", "nightly", spec={}, status={})],
        [cron(schedule="@every 1h")],
    ],
)
def test_a_controller_that_acted_or_had_nothing_to_do_is_not_silent(objects: list[k.Obj]) -> None:
    """It ran, is due only just now, is held by a run, is younger than the last due time, or has no clock."""
    assert all(finding.code != DOWN[0] for finding in k.find(*objects, OLD))


def test_where_other_runs_were_started_the_controller_works() -> None:
    """Then only this CronJob's run is missing."""
    other = cron(name="hourly", last=60)
    assert k.first(cron(), other, OLD) == ("job.missed-schedule", "CronJob/nightly")
