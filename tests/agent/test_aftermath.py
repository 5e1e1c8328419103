"""After a change that did not help the report holds what is there now, not what was known before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from opsagent.agent import run
from opsagent.agent.aftermath import after_failure, prevented
from opsagent.agent.state import State
from opsagent.errors import CheckError
from opsagent.models.moment import local
from opsagent.models.observed import KubeObject, LogRef
from opsagent.models.plan import ActionRecord
from tests.agent.asked import E1, LOCKED, asked
from tests.agent.small_platform import AT, Bench, SmallPlatform, bench, blog
from tests.analysis.workloads import deployment, pod
from tests.session import ScriptedAnswers, at_work, sandboxes


def test_an_escalation_holds_the_state_after_the_change(tmp_path: Path) -> None:
    """What was tried, the new pod with its own log, evidence that is new or gone, and other advice than before."""
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("stays-broken")
        replies = ScriptedAnswers(["approve"])
        with at_work(settings) as (ctx, desk):
            report = next(run.diagnose(ctx, run.DiagnosisRequest("blog-service"), desk, replies))
    assert report.status == "escalated"
    found = report.aftermath
    assert found is not None
    assert found.unread is None
    assert "restart Deployment/local-blog-service-deployment: done" in found.tried[0]
    before = {piece.where.split("/")[1] for piece in replies.panels[0].evidence if piece.where.startswith("logs/")}
    newest = found.pods[0].split(":")[0]
    assert newest.startswith("local-blog-service-deployment-")
    assert newest not in before
    assert found.log_of == newest
    assert found.log
    assert found.new
    assert found.gone
    offered = replies.panels[0].plan.recommendations
    assert report.plan.recommendations[0] == f"check first: kubectl logs {newest} -n titanium-local"
    assert not set(offered) & set(report.plan.recommendations)
    failed = [step.node for step in report.steps if not step.ok]
    assert failed == ["verify"]


def test_a_recovery_names_first_what_prevents_it(tmp_path: Path) -> None:
    """The catalog's remedy is before the other advice."""
    with sandboxes(tmp_path) as boxed:
        _, settings = boxed("db-locked")
        with at_work(settings) as (ctx, desk):
            report = next(run.diagnose(ctx, run.DiagnosisRequest("blog-service"), desk, ScriptedAnswers(["approve"])))
            remedy = ctx.catalog["db.locked"].remedy
    assert report.status == "recovered"
    assert report.plan.recommendations[0] == remedy


CRASHED = {"status": {"observedGeneration": 3, "replicas": 1, "updatedReplicas": 1}}


def named(name: str, at: str, owner: str = "blog") -> dict[str, Any]:
    """Return a pod of a Deployment, crashed, made at that time."""
    made = pod(owner, waiting="CrashLoopBackOff")
    made["metadata"] |= {"name": name, "creationTimestamp": at}
    return made


def after(small: Bench, **more: Any) -> State:
    """Return what is reported after a restart of blog that did not help."""
    done = ActionRecord("b7k2", "restart_deployment", "Deployment/blog", None, AT, "x", "panel", "done")
    given = cast("State", {**small.ordered(), "order": None, "patient": "blog", "actions": (done,), **more})
    return after_failure(given, small.ctx)


def test_the_pods_are_those_of_the_changed_object(small: Bench) -> None:
    """Newest first, three at most; a neighbour whose name begins alike is not among them."""
    admin = deployment("blog-admin") | CRASHED
    times = ("09", "11", "10", "08")
    pods = [named(f"blog-{hour}", f"2026-11-22T{hour}:00:00Z") for hour in times]
    other = named("blog-admin-x", "2026-11-22T12:00:00Z", owner="blog-admin")
    small.platform.held = [blog() | CRASHED, admin, *pods, other]
    found = after(small)["aftermath"]
    assert found is not None
    assert [line.split(":")[0] for line in found.pods] == ["blog-11", "blog-10", "blog-09"]
    assert "CrashLoopBackOff" in found.pods[0]
    assert found.tried == (f"{local(AT):%H:%M:%S} restart Deployment/blog: done",)
    assert (found.at, found.unread, found.log_of, found.log) == (AT, None, None, ())


def test_an_object_that_is_gone_has_no_pods(small: Bench) -> None:
    """Deleted after the change: none are shown, whoever else's are there."""
    update = small.ordered()
    small.platform.held = [named("blog-x", "2026-11-22T12:00:00Z")]
    found = after_failure({**update, "patient": "blog", "order": None}, small.ctx)["aftermath"]
    assert found is not None
    assert found.pods == ()


def test_what_cannot_be_read_afterwards_is_stated(small: Bench) -> None:
    """The API server is away: the reason is reported, and an escalation does not fail for it."""
    update = small.ordered()
    small.platform.unread = CheckError("the API server is away", source="deployments")
    found = after_failure({**update, "patient": "blog", "order": None}, small.ctx)
    assert found.keys() == {"aftermath"}
    assert found["aftermath"] is not None
    assert "the API server is away" in (found["aftermath"].unread or "")


def test_what_is_well_by_now_recovered_late(small: Bench) -> None:
    """Every check is good after the time of the verification: the one advice states it."""
    found = after(small)
    assert found["plan"].recommendations == (
        "every check is good by now: it may have recovered after the time of the verification",
    )


def test_evidence_is_new_gone_or_known(small: Bench) -> None:
    """What was known keeps its number; of many new pieces five are named, and the causes of now replace the old."""
    small.platform.held = [blog() | CRASHED, named("blog-1", "2026-11-22T12:00:00Z")]
    first = after(small, evidence=(E1,), causes=(LOCKED,))
    assert first["aftermath"] is not None
    assert first["aftermath"].gone == ("E1 logs blog.log:L9: database is locked",)
    assert first["aftermath"].new
    assert first["evidence"][0] == E1
    assert first["causes"][0].code != LOCKED.code
    again = after(small, evidence=tuple(first["evidence"]))
    assert again["aftermath"] is not None
    assert again["aftermath"].new == ()


def test_the_advice_of_before_is_not_repeated(small: Bench) -> None:
    """What a person should do now: the remedy of the cause that is there, and nothing that was advised before."""
    small.platform.held = [blog() | CRASHED, named("blog-1", "2026-11-22T12:00:00Z")]
    first = after(small)["plan"].recommendations
    remedy, why_not, *fresh = first
    assert remedy == small.ctx.catalog["unknown"].remedy
    assert why_not == "without a known cause, a change would only erase its traces"
    assert fresh
    plan = replace(small.ordered()["plan"], recommendations=first)
    assert after(small, plan=plan)["plan"].recommendations == (remedy, why_not)


@dataclass
class Logged(SmallPlatform):
    """A small platform whose pods have logs."""

    lines: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by pod

    def logs_of(self, pods: Iterable[KubeObject]) -> tuple[LogRef, ...]:
        """Return one log a pod."""
        names = (pod["metadata"]["name"] for pod in pods)
        return tuple(LogRef(f"logs/{name}/blog.log", name, "blog", service="blog") for name in names)

    def read_log(self, ref: LogRef, **bounds: Any) -> Iterator[bytes]:
        """Return the lines."""
        yield "".join(f"{line}\n" for line in self.lines[ref.pod or ""]).encode()


def test_the_newest_pod_with_a_log_is_shown(tmp_path: Path) -> None:
    """Its last eight lines, and the command that shows the rest; the newest pod of all has not written one yet."""
    lines = tuple(f"step {number}: opening the database" for number in range(20))
    silent, newest, older = "blog-3", "blog-2", "blog-1"
    platform = Logged(lines={older: ("old",), newest: lines, silent: ()})
    made = bench(tmp_path, platform)
    update = made.ordered()
    pods = [named(name, f"2026-11-22T1{name[-1]}:00:00Z") for name in (older, newest, silent)]
    platform.held = [blog() | CRASHED, *pods]
    found = after_failure({**update, "patient": "blog", "order": None}, made.ctx)
    shown = found["aftermath"]
    assert shown is not None
    assert (shown.log_of, shown.log) == (newest, lines[-8:])
    assert found["plan"].recommendations[0] == f"check first: kubectl logs {newest} -n shop"


def test_what_prevents_the_fault_comes_first(small: Bench) -> None:
    """The remedy of the cause, once, before what was advised; without a cause nothing is added."""
    plan = replace(small.ordered()["plan"], recommendations=("wait",))
    remedy = small.ctx.catalog["db.locked"].remedy
    state = asked(small, plan=plan)
    assert prevented(state, small.ctx)["plan"].recommendations == (remedy, "wait")
    again = replace(plan, recommendations=("wait", remedy))
    assert prevented({**state, "plan": again}, small.ctx)["plan"].recommendations == (remedy, "wait")
    assert prevented({**state, "causes": ()}, small.ctx)["plan"] == plan
    step = f"{remedy.rstrip('.').lower()}: kubectl edit deployment/blog"
    spelled = replace(plan, recommendations=(step,))
    assert prevented({**state, "plan": spelled}, small.ctx)["plan"].recommendations == (step,)


def test_five_pieces_of_evidence_are_named_and_more_are_counted(small: Bench) -> None:
    """By number, source, place and last line."""
    small.platform.held = [blog() | CRASHED, named("blog-1", "2026-11-22T12:00:00Z")]
    known = [
        replace(E1, id=f"E{number}", where=f"blog.log:L{number}", text=f"a\n {'x' * 200} \n\n")
        for number in range(1, 8)
    ]
    found = after(small, evidence=(*known[:6], replace(known[6], text=" ")))["aftermath"]
    assert found is not None
    assert found.gone[0] == f"E1 logs blog.log:L1: {'x' * 160}"
    assert found.gone[5:] == ("and 2 more",)
    five = after(small, evidence=(replace(known[0], text=" "), *known[1:5]))["aftermath"]
    assert five is not None
    assert five.gone[0] == "E1 logs blog.log:L1: (empty)"
    assert len(five.gone) == 5
