"""What fingers that know kubectl type, beside the real kubectl where it is installed."""

import json
import os
import re
import shutil
import subprocess

import pytest

from tests.cli.conftest import Boxed
from tests.cli.shell import Shell

BLOG = "local-blog-service-deployment-6b5d9f8c77-zk4mh"
DEPLOYMENT = "local-blog-service-deployment"


def kubectl(shell: Shell, *words: str) -> str:
    """Return what the real kubectl prints on the same platform; in CI it has to be there."""
    found = shutil.which("kubectl")
    if found is None and os.environ.get("CI"):
        pytest.fail("CI is set and there is no kubectl: install Debian's kubernetes-client")
    if found is None:
        pytest.skip("kubectl is not installed (Debian: kubernetes-client)")
    done = subprocess.run((found, *words), env=shell.env, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def bodies(text: str) -> list[str]:
    """Return lines without what opsagent writes before them."""
    return [line.split(" | ", 1)[-1] for line in text.splitlines()]


@pytest.mark.parametrize(
    "target", [BLOG, f"pod/{BLOG}", f"deploy/{DEPLOYMENT}", f"deployment.apps/{DEPLOYMENT}", "svc/local-blog-service",
               "blog", "-l app=blog-service", "-l app in (blog-service,nobody)"],
)  # fmt: skip
def test_every_spelling_of_a_target_gives_the_same_log(well: Shell, target: str) -> None:
    """A pod, a workload, a Service, a service and a label selector lead to the same pod's log."""
    words = target.split(" ", 1) if target.startswith("-l") else [target]
    found = json.loads(well.here("logs", *words, "--tail", "5", "-o", "json").out)
    assert [(log["pod"], len(log["lines"])) for log in found["excerpts"]] == [(BLOG, 5)]


def test_raw_is_the_log_as_kubectl_prints_it(well: Shell) -> None:
    """`-o raw` prints what `kubectl logs` prints; with --timestamps both print the kubelet's stamps."""
    for flags in ((), ("--timestamps",)):
        ours = well.here("logs", BLOG, "-o", "raw", "--tail", "3", *flags).out
        assert len(ours.splitlines()) == 3
        theirs = kubectl(well, "logs", BLOG, *flags)  # it has more at its end by now
        assert ours in theirs


def test_since_time_bounds_the_log(well: Shell) -> None:
    """--since-time takes RFC 3339 and gives only what is newer; a wrong time is refused by its name."""
    lines = json.loads(well.here("logs", BLOG, "--tail", "50", "-o", "json").out)["excerpts"][0]["lines"]
    middle = lines[25].split(" ", 1)[0]
    newer = bodies(well.here("logs", BLOG, "--tail", "-1", "--since-time", middle).out)
    assert newer
    assert min(line.split(" ", 1)[0] for line in newer)[:19] >= middle[:19]
    refused = well.here("logs", BLOG, "--since-time", "yesterday")
    assert (refused.code, "invalid time" in refused.err) == (2, True)


def test_stamps_can_be_left_out(well: Shell) -> None:
    """Lines carry the kubelet's stamp, and --no-timestamps leaves it out."""
    stamp = re.compile(r"\d{4}-\d\d-\d\dT")
    assert all(stamp.match(line) for line in bodies(well.here("logs", "blog", "--tail", "3").out))
    plain = bodies(well.here("logs", "blog", "--tail", "3", "--no-timestamps").out)
    assert plain
    assert not any(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ", line) for line in plain)


def test_include_and_exclude_choose_lines(well: Shell) -> None:
    """--include keeps lines that match any pattern, --exclude drops those that match one."""
    kept = bodies(well.here("logs", "blog", "--tail", "200", "--include", "GET", "--exclude", "health").out)
    assert kept
    assert all("GET" in line and "health" not in line for line in kept)


def test_a_container_is_chosen_by_name(well: Shell) -> None:
    """-c names a container; one that is not there is an error with those that are."""
    assert well.here("logs", "blog", "-c", "blog-service-container", "--tail", "1").out
    refused = well.here("logs", "blog", "-c", "nobody")
    assert refused.code == 1
    assert "blog-service-container" in refused.err


def test_the_run_before_comes_first_and_alone_with_p(boxed: Boxed) -> None:
    """Of a container that crashed the earlier run is printed before the present one; -p prints it alone."""
    shell = boxed("crash-loop")
    both = json.loads(shell.here("logs", "auth", "-o", "json").out)["excerpts"]
    assert [log["previous"] for log in both if log["pod"] == both[0]["pod"]] in ([True, False], [True])
    before = json.loads(shell.here("logs", "auth", "-p", "-o", "json").out)["excerpts"]
    assert before
    assert all(log["previous"] for log in before)
    never = shell.here("logs", "blog", "-p")
    assert never.code == 1
    assert "has run before" in never.err


def test_pods_without_a_log_are_named_with_the_reason(boxed: Boxed) -> None:
    """A pod whose image cannot be pulled has no log: it is named, with what it waits for."""
    done = boxed("bad-image").here("logs", "blog")
    assert done.code == 0
    assert "has not started: " in done.said
    assert re.search(r"ErrImagePull|ImagePullBackOff", done.err)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "exactly one of the two"),
        (("blog", "-l", "app=x"), "exactly one of the two"),
        (("blog", "-f", "-p"), "-f and -p"),
        (("blog", "-c", "a", "--all-containers"), "--all-containers"),
        (("blog", "--since", "5m", "--since-time", "2026-01-01T00:00:00Z"), "--since-time"),
        (("-l", "app=(x"), "invalid label selector"),
        (("node/x",), "names nothing that has pods"),
        (("blog", "-f", "-o", "json"), "one document needs an end"),
    ],
)
def test_what_does_not_go_together_is_refused(well: Shell, words: tuple[str, ...], named: str) -> None:
    """Wrong combinations end with 2 and name the flags."""
    refused = well.here("logs", *words)
    assert refused.code == 2
    assert named in refused.said


def test_no_such_object_names_the_nearest(well: Shell) -> None:
    """A Deployment that is not there is an error with the nearest name."""
    missing = well.here("logs", "deploy/local-blog-service-deploymint")
    assert missing.code == 1
    assert DEPLOYMENT in missing.err


def test_describe_takes_workloads_and_services(well: Shell) -> None:
    """A Deployment, a Service and a service are described with their pods; a pod as before."""
    for target in (f"deploy/{DEPLOYMENT}", "blog"):
        shown = well.here("describe", target).out
        assert f"Deployment/{DEPLOYMENT}" in shown
        assert "1 desired · 1 updated · 1 ready · 1 available" in shown
        assert "zk4mh" in shown
    service = json.loads(well.here("describe", "svc/local-blog-service", "-o", "json").out)
    assert service["kind"] == "Service"
    assert [pod["name"] for pod in service["pods"]] == [BLOG]
    assert "8005" in service["facts"]["ports"]
    assert "none ready" not in service["facts"]["endpoints"]
    assert f"{BLOG} ·" in well.here("describe", f"pod/{BLOG}").out


def test_pods_wide_and_by_name(well: Shell) -> None:
    """-o name is kubectl's list, -o wide has its address and node columns too."""
    assert well.here("pods", "-o", "name").out == kubectl(well, "get", "pods", "-o", "name")
    header, first, *_ = well.here("pods", "-o", "wide", COLUMNS="200").out.splitlines()
    assert header.split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "SERVICE"]
    assert re.search(r"\d+\.\d+\.\d+\.\d+", first)


def test_flags_of_the_platform_may_be_before_the_command(well: Shell) -> None:
    """`-n x pods` is `pods -n x`, in groups too; where both are given, the one behind the command wins."""
    assert "namespace nowhere" in well.here("-n", "nowhere", "pods").said
    assert "namespace nowhere" in well.here("-n", "elsewhere", "pods", "-n", "nowhere").said
    missing = well.here("--config", "/no/such/file.yaml", "report", "list")
    assert missing.code == 2
    assert "/no/such/file.yaml" in missing.unbroken
    assert well.here("--kubeconfig", well.env["KUBECONFIG"], "pods", "-o", "name", KUBECONFIG="/nowhere").code == 0


def test_search_without_a_match_states_it(well: Shell) -> None:
    """No match is stated on standard error and is not a failure, except with --fail."""
    done = well.here("search", "blog", "no line has this")
    assert (done.code, done.out) == (0, "")
    assert "no line of blog-service matches 'no line has this'" in done.said
    assert well.here("search", "blog", "no line has this", "--fail").code == 3
    assert well.here("search", "blog", "GET", "--fail").code == 0


def test_search_can_ignore_case(well: Shell) -> None:
    """-i finds what is written in other letters."""
    assert well.here("search", f"pod/{BLOG}", "get /HEALTH").out == ""
    assert "GET /health" in well.here("search", f"pod/{BLOG}", "get /HEALTH", "-i").out


def test_health_fails_where_it_is_asked_to(boxed: Boxed) -> None:
    """`health --fail` ends with 3 where a service does not answer well, and with 0 without the flag."""
    shell = boxed("db-locked")
    assert shell.here("health", "blog").code == 0
    assert shell.here("health", "blog", "--fail").code == 3
    assert shell.here("health", "auth", "--fail").code == 0


@pytest.mark.parametrize(
    ("arguments", "ours"),
    [
        (("get", "pods"), "hint: opsagent pods, stats, health or changes"),
        (("top", "pod"), "hint: opsagent traffic, or kubectl top pod"),
        (("pods", "-A"), "hint: one namespace at a time: -n NAMESPACE"),
    ],
)
def test_what_a_hand_types_is_answered(well: Shell, arguments: tuple[str, ...], ours: str) -> None:
    """A verb of kubectl that is none here names the command that does it."""
    done = well.run(*arguments)
    assert done.code == 2
    assert ours in done.said


def test_describe_takes_kind_and_name_as_two_words(well: Shell) -> None:
    """As kubectl does; the times are those of the operator's zone, named once."""
    shown = well.run("describe", "deployment", DEPLOYMENT, TZ="Asia/Seoul")
    assert shown.code == 0
    assert shown.out.startswith(f"Deployment/{DEPLOYMENT}")
    assert "KST" in shown.out.splitlines()[0]


def test_wide_pods_are_not_folded(well: Shell) -> None:
    """A name that is folded into its column cannot be copied."""
    shown = well.run("pods", "-o", "wide", COLUMNS="80")
    assert "local-blog-service-deployment-6b5d9f8c77-zk4mh" in shown.out
