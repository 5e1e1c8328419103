"""Every demo as a Korean operator sees it: the panel on the screen, the report, and what stays English."""

import json
import re
from collections.abc import Iterable, Iterator
from unicodedata import east_asian_width

import pytest

from opsagent.cli.work import demo
from opsagent.sandbox import SCENARIOS
from opsagent.ui.language import use
from tests.cli.shell import Shell
from tests.cli.work.test_demo import _left, _terminal
from tests.cli.work.window import Onlooker, complete, shown

ASKED = (
    "db-locked", "crash-loop", "dependency-down", "bad-image", "lb-down", "gateway-offline", "recovers-by-itself",
    "hung-but-ready", "stays-broken", "slow-dependency",
)  # fmt: skip
# Three English words in a row make a sentence; names, codes, figures and single words make none.
_ENGLISH = re.compile(r"(?<![\w./<{-])[a-z]{2,}(?:,? [a-z]{2,}){2,}(?![\w/-])")
# Quotes, placeholders of a step, commands and the text of errors, up to the end of their sentence.
_STAYS = (
    "kubectl ", "opsagent ", "PRAGMA ", r"HTTP \d{3}[^:]*:", "Error: ", "set image to ", "cannot ", "containers with ",
    "the load balancer did not",
)  # fmt: skip
_QUOTED = re.compile(rf"\"[^\"]*\"|“[^”]*”|<[^>]*>|(?:{'|'.join(_STAYS)})[^;가-힣]*")
_EVIDENCE = re.compile(r"^\S*\s*E\d+ ")  # a row of evidence: a quote
_PAINT = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_QUESTION = r"30분 남음[^>]*\r\n> "


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Whatever a command in this process chose is English for the next test."""
    yield
    use("en")


def english(lines: Iterable[str]) -> list[str]:
    """Return the English sentences that are no quotes, names, codes or commands."""
    own = (_QUOTED.sub(" ", line) for line in lines if not _EVIDENCE.match(line))
    return [found[0] for line in own for found in _ENGLISH.finditer(line)]


def cells(line: str) -> int:
    """Return how many columns of a terminal a line takes."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in line)


def test_what_counts_as_english() -> None:
    """The check finds a sentence, and lets through quotes, commands, names and codes."""
    assert english(["원인 the database is locked by another process"]) == ["the database is locked by another process"]
    assert (
        english(["E1 logs web L3  the database is locked", '응답: "no such host here"', "kubectl get pods now"]) == []
    )
    assert english(["이미지 web:latest → 2, Deployment web 재시작", "health paths"]) == []


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_panel_fits_the_screen_in_both_languages(
    korean: Shell, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each size the panel is complete; each Korean row is 80 cells at 80x24, and no sentence at 400x60 is English.

    Nor is one of the report that follows.
    """
    onlooker = Onlooker()
    monkeypatch.setattr(demo, "prompter", lambda: onlooker)
    monkeypatch.delenv("COLUMNS", raising=False)  # of whoever runs the tests: here a report is as wide as its lines
    done = korean.here("demo", scenario)
    assert "모의 실행" in done.err
    assert english(_without_evidence(done.out.splitlines())) == []
    assert english(_without_evidence(done.err.splitlines())) == []
    assert bool(onlooker.korean) == (scenario in ASKED), "a panel is shown where something was offered"
    if not onlooker.korean:
        assert done.code in (0, 3, 4)
        return
    assert done.code == 3
    for screen in onlooker.english.values():
        assert complete(screen)
    assert korean_frame(onlooker.korean[80, 24])
    assert english(_without_evidence(onlooker.korean[400, 60])) == []


def korean_frame(screen: list[str]) -> bool:
    """Hold that a Korean panel has its labels, and a frame of 80 cells in every row."""
    assert any("승인하시겠습니까?" in line for line in screen)
    framed = [line.rstrip() for line in screen if line.startswith(("│", "╭", "╰"))]
    assert len(framed) > 8
    assert {cells(line) for line in framed} == {80}
    for label in ("클러스터", "원인", "변경", "위험", "근거", "미확인"):
        assert any(line.startswith(f"│ {label} ") for line in framed), label
    return True


def test_a_korean_panel_in_a_real_terminal(korean: Shell) -> None:
    """At 80x24 each row of the frame is 80 cells, and what is left when it was rejected is Korean."""
    with _terminal(korean, "demo", "db-locked") as child:
        child.expect(_QUESTION)
        assert korean_frame(shown(child.before + child.after, 24, 80))
        child.setwinsize(60, 400)
        child.expect(_QUESTION)
        child.sendline("")
        report, code = _left(child)
    assert code == 3
    assert english(_without_evidence(_PAINT.sub("", report).splitlines())) == []


def test_the_report_of_a_change_is_korean(korean: Shell) -> None:
    """In a pipe, where no line is wrapped, no sentence of verdict, causes, plan, steps and gaps is English."""
    done = korean.here("demo", "db-locked", "--yes")
    assert done.code == 0
    assert english(_without_evidence(done.out.splitlines())) == []
    assert english(_without_evidence(done.err.splitlines())) == []


def test_codes_and_json_stay_as_they_are(korean: Shell) -> None:
    """A machine that reads the answer sees the same in every language; so does a person who reads an error."""
    told = json.loads(korean.here("demo", "healthy", "--json").out)
    report = told[0] if isinstance(told, list) else told
    assert "state read from" in report["closing"]
    wrong = korean.here("demo", "nosuch")
    assert wrong.code == 2
    assert "error: there is no scenario" in wrong.err


def test_the_check_up_and_the_fix_of_an_error_are_korean(korean: Shell) -> None:
    """What doctor found, what it advises, and the hint of an error; the error itself stays as others search for it."""
    well = korean.run("doctor")
    assert english(well.out.splitlines()) == []
    assert "승인 후 변경 권한" in well.out
    wrong = korean.run("pods", KUBECONFIG="/nowhere")
    assert "error: there is no kubeconfig at /nowhere" in wrong.err
    assert "해결:" in wrong.err
    assert "--kubeconfig와 --context를 지정합니다" in wrong.err


def test_a_terminal_without_utf_8_gets_english(korean: Shell) -> None:
    """Where Korean cannot be printed, English is."""
    done = korean.run("explain", "db.locked", LC_ALL="C")
    assert "MEANING" in done.out
    assert korean.run("explain", "db.locked").out.startswith("db.locked · 높음")


@pytest.fixture
def korean(well: Shell) -> Shell:
    """An operator's shell in the Korean locale."""
    env = {name: value for name, value in well.env.items() if name != "OPSAGENT_LANGUAGE"}
    return Shell(well.box, well.folder, {**env, "LANG": "ko_KR.UTF-8"})


def _without_evidence(lines: Iterable[str]) -> list[str]:
    """Return the lines without the rows of evidence, each with what it wraps to."""
    kept, quoting = [], False
    for line in (line.strip("│ ") for line in lines):
        if re.match(r"(?:근거 +)?E\d+ ", line):
            quoting = True
        elif re.match(
            r"(?:추세|변경|최근변경|외 \d|이력|모델|참고|대안|미확인|위험|원인|할 일|한 일|다음|검증|위치)", line
        ):
            quoting = False
        if not quoting:
            kept.append(line)
    return kept
