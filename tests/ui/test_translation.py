"""Sentences in another language: what fits, what is kept, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsagent.ui.translation import Translator

KOREAN = Translator({
    "a disk is full": "디스크가 가득 찼습니다",
    "The namespace may hold no further Service.": "서비스를 더 만들 수 없습니다.",
    "up to {away} of {count} pods are away": "파드 {count}개 중 최대 {away}개가 없습니다",
    "up to {away} of {count} pods are away for {seconds} s": "최대 {seconds}초 동안 {count}개 중 {away}개가 없습니다",
    "a restart may help: {why!t}": "재시작이 도움이 될 수 있습니다: {why!t}",
    "{name!w} waits: {reason}": "{name!w} 대기: {reason}",
    "{name!w} {state!v} for {seconds!w} s": "{name!w} {seconds!w}초 동안 {state!v}",
    "online": "온라인",
    "{figure!w} rose ({query})": "{figure!w} 상승 ({query})",
    "{name} calls {name}": "{name} 자신을 호출",
    "set it: kubectl set env {workload} <NAME>=<value>{ns}": "설정: kubectl set env {workload} <NAME>=<value>{ns}",
    "measure: curl -w '%{{time_total}}'": "측정: curl -w '%{{time_total}}'",
})  # fmt: skip


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("a disk is full", "디스크가 가득 찼습니다"),
        ("The namespace may hold no further Service", "서비스를 더 만들 수 없습니다"),
        ("up to 1 of 4 pods are away", "파드 4개 중 최대 1개가 없습니다"),
        ("up to 1 of 4 pods are away for 30 s", "최대 30초 동안 4개 중 1개가 없습니다"),
        ("a restart may help: a disk is full", "재시작이 도움이 될 수 있습니다: 디스크가 가득 찼습니다"),
        ("a restart may help: who knows", "재시작이 도움이 될 수 있습니다: who knows"),
        ("blog waits: CrashLoopBackOff", "blog 대기: CrashLoopBackOff"),
        ("whoever reads this waits: long", "whoever reads this waits: long"),
        ("blog online for 10 s", "blog 10초 동안 온라인"),
        ("blog calls blog", "blog 자신을 호출"),
        ("blog calls cache", "blog calls cache"),
        ("blog: a disk is full", "blog: 디스크가 가득 찼습니다"),
        ("a disk is full; a disk is full", "디스크가 가득 찼습니다; 디스크가 가득 찼습니다"),
        ("set it: kubectl set env deployment/a URL=<value>", "설정: kubectl set env deployment/a URL=<value>"),
        ("set it: kubectl set env a <NAME>=<value> -n b", "설정: kubectl set env a <NAME>=<value> -n b"),
        ("measure: curl -w '%{time_total}'", "측정: curl -w '%{time_total}'"),
        ("up to  of 4 pods", "up to  of 4 pods"),
        ("cpu rose (a, b); memory rose (c)", "cpu 상승 (a, b); memory 상승 (c)"),
        ("cpu rose (a; b)", "cpu 상승 (a; b)"),
        ("nobody wrote this", "nobody wrote this"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_sentence_is_translated_with_its_names_kept(english: str, korean: str) -> None:
    """Exactly, by template, behind a name, or not at all; the most specific template counts."""
    assert KOREAN.sentence(english) == korean


@given(st.text(min_size=1, max_size=80))
def test_whatever_a_name_holds_is_kept(what: str) -> None:
    """Braces, templates and line feeds in a value are put in as they are: nothing of them is filled in again."""
    assert Translator({"it is {what}!": "{what}입니다!"}).sentence(f"it is {what}!") == f"{what}입니다!"


def test_a_text_that_is_not_unicode_is_left_alone() -> None:
    """A lone surrogate, as a broken log line may hold one, ends nothing."""
    assert KOREAN.sentence("up to \ud800 of 4 pods are away") == "up to \ud800 of 4 pods are away"


def test_a_long_hostile_value_takes_linear_time() -> None:
    """A text of nothing but separators does not multiply the ways in which a template could fit."""
    hostile = "up to " + " of " * 400 + " pods are away for"
    assert KOREAN.sentence(hostile) == hostile
