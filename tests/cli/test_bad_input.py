"""Every bad input of the platform, met by the commands: a clear message, a way out, nothing lost, nothing live."""

import json
import re
from collections.abc import Callable

import pytest

from opsagent.sandbox import Fault, Sandbox
from tests.cli.conftest import Boxed
from tests.cli.shell import Done, Shell

BLOG = "local-blog-service-deployment"
POISON = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def _inert(done: Done) -> None:
    assert "Traceback" not in done.err
    assert POISON.findall(done.out + done.err) == []


# -- the load balancer -------------------------------------------------------------------------------------------------

STATS = {
    "refused": (Fault.refused(), "refused"),
    "500": (Fault.stats_500(), "500"),
    "HTML": (Fault.html(), "HTML"),
    "half a JSON": (Fault.half_json(), "JSON"),
    "a list": (Fault.stats("[1, 2]"), "JSON"),
    "nothing": (Fault.stats(""), "empty"),
    "slow": (Fault.slow(1.0), "time"),
}


@pytest.mark.parametrize("kind", STATS)
def test_a_load_balancer_that_cannot_be_read_is_an_error(boxed: Boxed, kind: str) -> None:
    """stats states what was tried, what came back, how to fix it, and exits 1; no diagnosis is "healthy" then."""
    fault, told = STATS[kind]
    # Only what is slow on purpose is not waited for: on a busy machine a refusal takes its time, too.
    shell = boxed(OPSAGENT_REACH="direct", OPSAGENT_STATS_TIMEOUT_S="0.4" if kind == "slow" else "20")
    shell.box.faults.add(fault)
    done = shell.here("stats")
    assert (done.code, done.out) == (1, "")
    assert told.lower() in done.said.lower()
    assert "hint:" in done.err
    _inert(done)
    diagnosis = shell.here("diagnose", "--json")
    report = json.loads(diagnosis.out)
    assert report["status"] != "healthy" or any(skipped["source"] == "stats" for skipped in report["not_checked"])
    _inert(diagnosis)


def test_wrong_types_in_stats_are_no_answer(boxed: Boxed) -> None:
    """Fields of any type neither break a screen nor read as health."""
    shell = boxed(OPSAGENT_REACH="direct")
    shell.box.faults.add(Fault.wrong_types())
    done = shell.here("stats")
    assert (done.code, done.out) == (1, "")
    assert "hint:" in done.err
    _inert(done)
    _inert(shell.here("traffic"))
    diagnosis = shell.here("diagnose", "--json")
    assert json.loads(diagnosis.out)["status"] != "healthy" or json.loads(diagnosis.out)["not_checked"]
    _inert(diagnosis)


# -- Kubernetes --------------------------------------------------------------------------------------------------------


def test_no_kubeconfig_is_reported_with_the_flags_that_name_one(boxed: Boxed) -> None:
    """What needs the cluster exits 1 with how to fix it; stats does without it."""
    shell = boxed()
    gone = {"KUBECONFIG": str(shell.folder / "nowhere")}
    done = shell.here("pods", **gone)
    assert (done.code, done.out) == (1, "")
    assert "nowhere" in done.unbroken
    assert "hint:" in done.err
    _inert(done)
    assert shell.here("stats", **gone).code == 0
    diagnosis = shell.here("diagnose", "blog", "--json", **gone)
    _inert(diagnosis)
    assert diagnosis.code in {0, 1}
    if diagnosis.code == 0:
        assert json.loads(diagnosis.out)["not_checked"]


CLUSTER = {
    "an expired token": (Fault.unauthorized(), "401"),
    "403 to everything": (Fault.forbidden("*", "*"), "403"),
    "HTML": (Fault.body("<html>login</html>", content_type="text/html"), "HTML"),
    "half a JSON": (Fault.body('{"kind":"PodList","items":[{'), "JSON"),
    "wrong types": (Fault.body('{"kind":"PodList","items":{"a":1}}'), "not a list of Pods"),
}


@pytest.mark.parametrize("kind", CLUSTER)
def test_a_cluster_that_does_not_answer_properly_is_reported(boxed: Boxed, kind: str) -> None:
    """pods exits 1 with what came back and a way out; a diagnosis lists what it could not check."""
    fault, told = CLUSTER[kind]
    shell = boxed()
    shell.box.faults.add(fault)
    done = shell.here("pods")
    assert (done.code, done.out) == (1, "")
    assert told.lower() in done.said.lower()
    assert "hint:" in done.err
    _inert(done)
    diagnosis = shell.here("diagnose", "blog", "--json")
    _inert(diagnosis)
    assert json.loads(diagnosis.out)["not_checked"] if diagnosis.out else diagnosis.code == 1


@pytest.mark.parametrize(
    "target", ["pods", "pods/log", "events", "deployments", "replicasets", "services", "endpointslices"]
)
def test_a_forbidden_check_is_named_and_the_rest_goes_on(boxed: Boxed, target: str) -> None:
    """403 on one resource: the cause is found all the same, and what was not checked is listed with the reason."""
    shell = boxed("db-locked")
    shell.box.faults.add(Fault.forbidden("*", target))
    done = shell.here("diagnose", "blog", "--json")
    report = json.loads(done.out)
    assert done.code in {3, 8}
    assert report["causes"]
    assert any("403" in skipped["why"] or "forbidden" in skipped["why"] for skipped in report["not_checked"])
    _inert(done)


@pytest.mark.parametrize("kind", ["429 with Retry-After", "410", "500 of the kubelet", "a log that breaks off", "409"])
def test_what_passes_or_breaks_off_costs_nothing_else(boxed: Boxed, kind: str) -> None:
    """Transient answers are tried again; a broken log states it and is used as far as it came."""
    shell = boxed("db-locked")
    faults = {
        "429 with Retry-After": Fault.too_many(1, retry_after_s=1),
        "410": Fault.gone(1),
        "500 of the kubelet": Fault.kubelet_away(),
        "a log that breaks off": Fault.broken_log(2000),
        "409": Fault.conflict(1),
    }
    shell.box.faults.add(faults[kind])
    done = shell.here("diagnose", "blog", "--json")
    report = json.loads(done.out)
    assert (done.code, report["status"]) == (8, "awaiting_approval")
    assert report["causes"][0]["object"] == f"Deployment/{BLOG}"
    told = " ".join(skipped["why"] for skipped in report["not_checked"])
    if kind == "500 of the kubelet":
        assert "500" in told
    _inert(done)
    logs = shell.here("logs", "blog")
    _inert(logs)
    if kind == "a log that breaks off":
        assert logs.out
        assert "broke off" in logs.said
    if kind == "500 of the kubelet":
        assert "500" in logs.err


def test_a_pod_that_vanishes_between_two_calls_is_reported(boxed: Boxed) -> None:
    """The list names it, its log is a 404: not read, with the reason, and no error of its own."""
    shell = boxed("db-locked")
    [pod] = shell.box.state.pods("blog-service")
    shell.box.faults.add(Fault.vanished(pod))
    done = shell.here("diagnose", "blog", "--json")
    assert done.code in {3, 8}
    assert any("404" in skipped["why"] or "gone" in skipped["why"] for skipped in json.loads(done.out)["not_checked"])
    _inert(done)
    assert shell.here("describe", pod).code == 1


def test_terminating_init_and_sidecar_pods_are_read(boxed: Boxed) -> None:
    """A pod on its way out is not a fault of a healthy service, and each container's log is distinguished."""
    shell = boxed()
    leaving = shell.box.state.add_terminating_pod("auth-service")
    several = shell.box.state.add_sidecar_pod("blog-service")
    listed = shell.here("pods", COLUMNS="140").out
    assert leaving in listed
    assert "Terminating" in listed
    assert several in listed
    logs = json.loads(shell.here("logs", "blog", "--json").out)
    assert len({excerpt["container"] for excerpt in logs["excerpts"]}) >= 2
    done = shell.here("diagnose", "auth")
    assert done.code == 0
    _inert(done)


# -- logs --------------------------------------------------------------------------------------------------------------

HOSTILE = (
    b"\x1b]0;owned\x07\x1b[2J\x1b[31mERROR red\x1b[0m sqlite3.OperationalError: database is locked",
    b"C1 \xc2\x9b31m and \x9b2J raw, \x00NUL\x00",
    "bidi \u202egnp.exe\u202c zero\u200bwidth \ufeffBOM".encode(),
    b"[/red][bold]markup[/] [link=http://x]y[/link] :smile:",
    b"invalid \xff\xfe\xc3\x28 utf-8",
    b"password=hunter2-in-the-log Authorization: Bearer abcdef0123456789abcdef0123456789",
    b"\r\nover\rwritten",
)
LOUD: dict[str, Callable[[Sandbox], None]] = {
    "hostile bytes": lambda box: box.state.log("blog-service", *HOSTILE),
    "a line of 10 MB": lambda box: box.state.log("blog-service", b"x" * 10_000_000),
    "no lines at all": lambda box: box.state.clear_log("blog-service"),
}


@pytest.mark.parametrize("kind", LOUD)
def test_logs_of_any_kind_are_inert_and_bounded(boxed: Boxed, kind: str) -> None:
    """A terminal gets inert text alone, secrets are redacted, and the diagnosis ends as before."""
    shell = boxed("db-locked")
    LOUD[kind](shell.box)
    done = shell.here("diagnose", "blog")
    assert done.code == 8
    assert f"Deployment/{BLOG}" in done.out
    for each in (done, shell.here("logs", "blog", "--tail", "20"), shell.here("report", "show")):
        _inert(each)
        assert "hunter2" not in each.out
        assert "abcdef0123456789abcdef" not in each.out


def test_hostile_lines_are_shown_and_not_obeyed(boxed: Boxed) -> None:
    """Every hostile line is there, as text: markup as it was written, escapes made visible, nothing dropped."""
    shell = boxed()
    shell.box.state.log("blog-service", *HOSTILE)
    done = shell.here("search", "blog", "owned|markup|utf-8|NUL")
    _inert(done)
    assert len(done.out.splitlines()) == 4
    assert "[/red][bold]markup[/] [link=http://x]y[/link] :smile:" in done.out


def test_no_lines_are_reported_as_such(boxed: Boxed) -> None:
    """An empty log is not an error and no silence."""
    shell = boxed()
    shell.box.state.clear_log("blog-service")
    done = shell.here("logs", "blog")
    assert (done.code, done.out) == (0, "")
    assert "empty" in done.err


def test_secrets_reach_no_file(boxed: Boxed) -> None:
    """State, checkpoint and report hold no secret of the logs."""
    shell = boxed("db-locked")
    _secrets(shell)
    assert shell.here("diagnose", "blog").code == 8
    for path in (shell.folder / "state").rglob("*"):
        if path.is_file():
            assert b"hunter2" not in path.read_bytes(), path


def _secrets(shell: Shell) -> None:
    shell.box.state.log("blog-service", "ERROR login failed password=hunter2-in-the-log", *HOSTILE)
