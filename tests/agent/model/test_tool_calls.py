"""The looks that a model may ask for: nine reading tools, plain bounded arguments, each told and numbered."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from opsagent.agent.model.schema import Lookup
from opsagent.agent.model.tool_calls import Lookups, RefusedLookupError
from opsagent.models.incident import Step
from opsagent.models.tokens import estimate
from tests.agent.paused import Paused, paused
from tests.session import Heard

POD = "local-user-service-deployment-84d6c7b5f9-t6jlp"


@pytest.fixture(scope="module")
def starving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paused]:
    """An incident on the sandbox, up to its logs."""
    with paused("oom-killed", "user-service", tmp_path_factory.mktemp("oom")) as incident:
        yield incident


@pytest.fixture
def looks(starving: Paused) -> Lookups:
    """Looks of a fresh diagnosis, with somebody who hears of them."""
    return Lookups(replace(starving.ctx, progress=Heard()), [])


def steps(looks: Lookups) -> list[Step]:
    """Return what the operator was told."""
    heard = looks.ctx.progress
    assert isinstance(heard, Heard)
    return heard.steps


def asked(tool: str, **arguments: Any) -> Lookup:
    """Return what a model asks for."""
    return Lookup(tool=tool, arguments=arguments)


def test_the_nine_reading_tools_are_offered_and_nothing_else(looks: Lookups) -> None:
    """Their names and arguments, without the namespace: a model does not wander; none of them changes anything."""
    names = [offer.partition("(")[0] for offer in looks.offered()]
    assert sorted(names) == [
        "check_health", "describe_pod", "get_pod_logs", "get_service_logs", "get_service_status", "get_system_stats",
        "get_traffic_metrics", "list_pods", "search_logs",
    ]  # fmt: skip
    assert "get_pod_logs(pod_name, tail?, container?, previous?)" in looks.offered()
    assert not any("namespace" in offer for offer in looks.offered())


@pytest.mark.parametrize(
    ("tool", "arguments", "source", "told"),
    [
        ("list_pods", {}, "objects", "pods"),
        ("describe_pod", {"pod_name": POD}, "objects", "1 container"),
        ("get_pod_logs", {"pod_name": POD, "tail": 3}, "logs", "3 lines"),
        ("get_service_logs", {"service": "user-service", "tail": 2}, "logs", "excerpts"),
        ("search_logs", {"service": "user-service", "pattern": "no such word"}, "logs", "nothing found"),
        ("get_system_stats", {}, "stats", "services"),
        ("get_service_status", {"service_name": "user_service"}, "stats", "characters"),
        ("get_traffic_metrics", {}, "stats", "characters"),
        ("check_health", {"service_name": "user-service"}, "health", "characters"),
    ],
)
def test_each_look_is_numbered_evidence_and_a_line_of_its_own(
    looks: Lookups, tool: str, arguments: dict[str, Any], source: str, told: str
) -> None:
    """It says what was called and what came of it, at once; the evidence has the call for its place."""
    piece = looks.look(asked(tool, **arguments), 7)
    assert (piece.id, piece.source) == ("E7", source)
    assert piece.where.startswith(f"{tool}(")
    assert looks.made == [piece]
    assert json.loads(piece.text) if len(piece.text) < 500 else piece.text
    [step] = steps(looks)
    assert (step.node, step.ok) == ("look_up", True)
    assert step.text.startswith(f"E7 {tool}(")
    assert told in step.text


def test_a_look_at_nothing_says_so(looks: Lookups) -> None:
    """An empty answer names what is empty: a model must not take "nothing found" for "not looked"."""
    piece = looks.look(asked("search_logs", service="user-service", pattern="no such word"), 5)
    assert json.loads(piece.text) == {"matches": [], "more": False, "not_checked": []}


def test_a_look_that_fails_is_evidence_of_a_failure(looks: Lookups) -> None:
    """What could not be looked at is told as such to the model and to the operator."""
    piece = looks.look(asked("describe_pod", pod_name="no-such-pod"), 5)
    assert piece.text.startswith("could not be looked at: ")
    [step] = steps(looks)
    assert (step.ok, "404" in step.text) == (False, True)


REFUSED: dict[str, tuple[Lookup, str]] = {
    "an unknown tool": (asked("delete_pod", pod_name="x"), "there is no tool 'delete_pod'"),
    "a changing tool": (asked("restart_deployment", name="x"), "there is no tool 'restart_deployment'"),
    "a private name": (asked("__class__"), "there is no tool '__class__'"),
    "another namespace": (asked("list_pods", namespace="kube-system"), "list_pods takes no 'namespace'"),
    "an argument of its own": (asked("list_pods", sort="name"), "list_pods takes no 'sort'"),
    "an argument that is missing": (asked("describe_pod"), "describe_pod needs pod_name"),
    "a number for a name": (asked("describe_pod", pod_name=7), "pod_name is of another type"),
    "a word for a number": (asked("get_pod_logs", pod_name=POD, tail="all"), "tail is of another type"),
    "a truth for a number": (asked("get_pod_logs", pod_name=POD, tail=True), "tail is of another type"),
    "a list for a name": (asked("describe_pod", pod_name=[POD]), "pod_name is of another type"),
    "a name of 201 letters": (asked("describe_pod", pod_name="x" * 201), "pod_name is no plain short text"),
    "a line feed in a name": (asked("describe_pod", pod_name="x\ny"), "pod_name is no plain short text"),
    "a service never heard of": (asked("check_health", service_name="mail"), "mail"),
    "a pattern that is none": (asked("search_logs", service="user-service", pattern="("), "search_logs"),
}


@pytest.mark.parametrize(("lookup", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_to_be_had_is_refused_in_one_sentence(looks: Lookups, lookup: Lookup, why: str) -> None:
    """The reason names what was wrong; nothing is kept as evidence, and nothing is told as looked at."""
    with pytest.raises(RefusedLookupError, match=why.replace("(", r"\(")) as refused:
        looks.look(lookup, 5)
    assert "\n" not in str(refused.value)
    assert (looks.made, steps(looks)) == ([], [])


def test_a_repeat_is_refused(looks: Lookups) -> None:
    """The same look twice shows nothing new, however its arguments are spelled; another one is had."""
    looks.look(asked("get_pod_logs", pod_name=POD, tail=3), 5)
    for again in (
        asked("get_pod_logs", pod_name=POD, tail=3),
        asked("get_pod_logs", previous=False, tail=3, pod_name=POD),
    ):
        with pytest.raises(RefusedLookupError, match="was looked at already"):
            looks.look(again, 6)
    looks.look(asked("get_pod_logs", pod_name=POD, tail=4), 6)
    assert len(looks.made) == 2


def test_a_loop_ends_at_its_second_round(looks: Lookups) -> None:
    """One look after the other, and then the first again: refused, though looks are left."""
    for number, tool in enumerate(("list_pods", "get_system_stats"), 5):
        looks.look(asked(tool), number)
    with pytest.raises(RefusedLookupError, match="already"):
        looks.look(asked("list_pods"), 7)
    assert looks.left == 2


def test_the_fifth_look_is_refused(looks: Lookups) -> None:
    """Four by default; what is left is counted down, and none is offered beyond it."""
    left = [looks.left]
    for tail in range(1, 5):
        looks.look(asked("get_pod_logs", pod_name=POD, tail=tail), 4 + tail)
        left.append(looks.left)
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(RefusedLookupError, match="more than 4 looks"):
        looks.look(asked("list_pods"), 9)


def test_no_look_where_none_are_configured(looks: Lookups) -> None:
    """With max_lookups 0 the first one is refused already."""
    settings = looks.ctx.settings
    none = Lookups(replace(looks.ctx, settings=replace(settings, model=replace(settings.model, max_lookups=0))), [])
    with pytest.raises(RefusedLookupError, match="more than 0 looks"):
        none.look(asked("list_pods"), 5)


def test_the_end_of_the_asking_is_told(looks: Lookups) -> None:
    """Why no more is looked at stands in a line of its own."""
    looks.ended(RefusedLookupError("there is no tool 'delete_pod' password=hunter2"))
    [step] = steps(looks)
    assert (step.node, step.ok) == ("look_up", False)
    assert step.text.startswith("no further look-ups: there is no tool 'delete_pod' password=<redacted:password:")


def test_numbers_are_kept_within_bounds(looks: Lookups) -> None:
    """A billion lines are two hundred, less than one is one."""
    for number, (tail, kept) in enumerate(((10**9, 200), (-5, 1)), 5):
        piece = looks.look(asked("get_service_logs", service="user-service", tail=tail), number)
        assert piece.where == f"get_service_logs(service='user-service', tail={kept})"


def test_an_answer_is_bounded_and_redacted(starving: Paused, looks: Lookups) -> None:
    """Of a long log the newest lines are kept, with how many are not; a secret in them is hidden."""
    starving.box.state.log("user-service", *(f"INFO row {n} of the import" for n in range(150)), "password=hunter2")
    piece = looks.look(asked("get_service_logs", service="user-service", tail=150), 5)
    assert "hunter2" not in piece.text
    assert "<redacted:password:" in piece.text
    assert estimate(piece.text) <= 700
    now, before = json.loads(piece.text)["excerpts"]
    # The service writes on: lines of its own may come after.
    assert any("INFO row 149 of the import" in line for line in now["lines"])
    assert now["older_lines_left_out"] > 100
    assert before["previous"]
