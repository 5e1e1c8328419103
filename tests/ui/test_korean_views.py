"""Every view in Korean: no English word of ours is left, columns are aligned, a report holds the same as in English."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape

import pytest
from rich.cells import cell_len
from rich.console import RenderableType

from opsagent.models.incident import Analysis
from opsagent.ui.board_view import BoardScreen, Cursor, board_view
from opsagent.ui.health_view import health_view
from opsagent.ui.language import use
from opsagent.ui.layout import stacked
from opsagent.ui.model_view import answered_view, cost, model_lines
from opsagent.ui.pods_view import pods_text, pods_view
from opsagent.ui.report_html import report_html
from opsagent.ui.report_markdown import report_markdown
from opsagent.ui.stats_view import stats_view
from opsagent.ui.traffic_view import figures_view, traffic_view
from tests.ui.drawing import console_of, drawn
from tests.ui.records import AT, HEALTH, MEASURED, PODS, REPORT, SKIPPED, STATS, TRAFFIC, TREND, WHERE
from tests.ui.test_board_view import BOARD
from tests.ui.test_model_view import ANALYSIS, CLAIMS, NONE, OPINION

VIEWS: dict[str, Callable[[], RenderableType]] = {
    "stats": lambda: stats_view(STATS, trend=TREND, where=WHERE),
    "stats with figures": lambda: stats_view(MEASURED),
    "traffic": lambda: traffic_view(TRAFFIC, trend=TREND),
    "figures": lambda: figures_view(MEASURED),
    "health": lambda: health_view(replace(HEALTH, not_checked=SKIPPED)),
    "pods": lambda: pods_view(PODS, AT),
    "watch": lambda: board_view(BOARD, Cursor()),
    "watch, nothing": lambda: board_view(replace(BOARD, waiting=(), changes=()), Cursor()),
    "watch, not read": lambda: board_view(replace(BOARD, stats=None, error="401", changes=None), Cursor()),
    "model": lambda: stacked(model_lines(_JUDGED, NONE)),
}
_JUDGED: Analysis = replace(
    ANALYSIS, opinion=replace(OPINION, claims=CLAIMS, text=""), input_tokens=9120, most_tokens=24_000, day_tokens=15_000
)
# Our own words, none of which is in the data of these records.
_OURS = re.compile(
    r"\b(SERVICE|STATUS|READY|NOTE|RESTARTS|AGE|HEALTH|TOOK|ANSWER|LATELY|SINCE|WAITING|CHANGED|ERRORS|MEMORY|OFFLINE"
    r"|FAILED|services|answered|requests|since|ago|restarts?|average|never|samples|newest|figures|checked|proves"
    r"|waits|nothing|awaiting|interrupted|left|latency|diagnose\]|supported|looked|calls?|tokens|would|suggests)\b"
)


@pytest.fixture(autouse=True)
def korean() -> Iterator[None]:
    """Draw in Korean; English again for the next test."""
    use("ko")
    yield
    use("en")


@pytest.mark.parametrize("name", VIEWS)
def test_no_word_of_ours_is_left_in_english(name: str) -> None:
    """Names, codes, commands and quotes are as they are; the rest is Korean, and fits 80 cells."""
    text = drawn(VIEWS[name]())
    assert re.search("[가-힣]", text)
    assert [word[0] for word in _OURS.finditer(text.replace("opsagent diagnose", ""))] == []
    assert max(map(cell_len, text.splitlines())) <= 80


def test_columns_begin_below_their_headings() -> None:
    """A heading takes two cells a sign: the cells below it begin where it begins."""
    for text in (drawn(pods_view(PODS, AT)), pods_text(PODS, AT, wide=True)):
        header, *rows = [line.rstrip() for line in text.splitlines() if line.strip()]
        starts = [cell_len(header[: found.start()]) for found in re.finditer(r"\S+", header)]
        for row in rows:
            assert all(row[start - 1] == " " and row[start] != " " for start in starts[1:4]), row


def test_the_live_view_fills_its_screen() -> None:
    """The keys are in Korean, and the last line is exactly as wide as the screen."""
    console = console_of(80, 24)
    lines = console.render_lines(BoardScreen(BOARD, Cursor()), console.options, pad=False)
    foot = "".join(segment.text for segment in lines[-1])
    assert len(lines) == 24
    assert foot.startswith(" [d]진단  [l]로그")
    assert cell_len(foot) == 80


def test_an_answer_and_its_cost_are_korean() -> None:
    """What a model cost, and the answer of `ask`; the answer's own words are as it wrote them."""
    assert cost(_JUDGED) == "small: 호출 3회, 입력 토큰 9120 (최대 24,000), 출력 240, 12초; 오늘 토큰 15,000개"
    from opsagent.models.answered import Answered

    told = Answered("b7k2", "why?", "model", ("It waits.",), CLAIMS, tokens=120, took_s=2.0, fallback="x")
    text = drawn(answered_view(told))
    assert "It waits." in text
    assert "모델의 답" in text
    assert "answered by" not in text


@pytest.mark.parametrize("page", [report_html, report_markdown], ids=["html", "markdown"])
def test_a_report_says_the_same_in_both_languages(page: Callable[..., str]) -> None:
    """Headings and verdict are Korean; codes, evidence, commands, times and figures are those of the English page."""
    korean = unescape(page(REPORT))
    use("en")
    english = unescape(page(REPORT))
    for heading, ours in (("복구됨", "RECOVERED"), ("원인", "Cause"), ("증거", "Evidence"), ("한 일", "Done")):
        assert heading in korean
        assert ours.casefold() not in re.sub(r"<[^>]*>", " ", korean).casefold() or ours in {"Cause", "Evidence"}
    kept = re.compile(r"\b(?:E\d+|L\d+|db\.locked|pod\.hung|\d+ ms|\d\d:\d\d:\d\d|sqlite3\.\w+|local-[\w-]+)\b")
    # A sentence may put its names in another order.
    assert sorted(set(kept.findall(korean))) == sorted(set(kept.findall(english)))
    assert korean.count("<section") == english.count("<section")
    assert korean.count("\n## ") == english.count("\n## ")
