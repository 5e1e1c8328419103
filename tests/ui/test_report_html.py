"""The report as one page: whole, escaped, with nothing in it that loads or runs."""

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from opsagent.models.audit import AuditMark
from opsagent.models.evidence import Evidence
from opsagent.models.incident import Report, Step, TrafficPoint
from opsagent.ui.report_chart import Levels, Mark, chart, with_gaps
from opsagent.ui.report_html import report_html
from tests.ui.records import AT, REPORT, later

POINTS = tuple(TrafficPoint(later(s), 40.0 + s, 1500.0 if 0 < s < 40 else 5.0) for s in range(-60, 72, 4))
FULL = replace(REPORT, traffic=POINTS, audit=AuditMark(41, "ab" * 32))


class Page(HTMLParser):
    """Collects tags and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """What a reader sees, and the style sheet."""
        return " ".join(" ".join(self.words).split())


def test_the_page_is_complete_and_the_verdict_comes_first() -> None:
    """Verdict, cause, plan, what was done, evidence with its source lines, what was not checked, the trail's end."""
    text = Page(report_html(FULL)).text.split("}", 1)[-1]
    places = [text.index(word) for word in (
        "RECOVERED", "What happened", "What prevents it", "confidence 0.86", "What to do",
        "ALL POSTS WILL BE LOST", "operator@host (pts/3, panel)", "Traffic",
        "blog-service-container.log:L88", "Time line", "image api-gateway:1.4 → 1.5", "forbidden", "410", "ab" * 32,
    )]  # fmt: skip
    assert places == sorted(places)


def test_nothing_loads_and_nothing_runs() -> None:
    """No script, link, image, frame or style attribute; the policy allows the one style sheet by its hash alone."""
    page = report_html(FULL)
    seen = Page(page)
    assert {tag for tag, _ in seen.tags} <= {
        "html", "head", "meta", "title", "style", "body", "header", "section", "footer", "h1", "h2", "p", "span",
        "strong", "code", "pre", "a", "h3", "rect",
        "ul", "li", "table", "tr", "th", "td", "br", "figure", "figcaption", "svg", "path",
        "polyline", "circle", "text", "details", "summary",
    }  # fmt: skip
    assert not any(name in {"src", "style"} or name.startswith("on") for _, attrs in seen.tags for name in attrs)
    links = [attrs["href"] for _, attrs in seen.tags if "href" in attrs]
    assert links
    assert all(re.fullmatch(r"#E\d+", link or "") for link in links)  # within the page alone
    [policy] = [attrs["content"] for tag, attrs in seen.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    style = page.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style
    assert "@import" not in style


def test_the_numbers_of_evidence_are_links_to_it() -> None:
    """Each number beside a cause points to the piece; one that the report does not hold is plain text."""
    seen = Page(report_html(replace(FULL, causes=(replace(FULL.causes[0], evidence=("E1", "E99", "x")),))))
    assert [attrs["href"] for _, attrs in seen.tags if "href" in attrs] == ["#E1"]
    assert {"E1", "E3"} <= {attrs["id"] for _, attrs in seen.tags if "id" in attrs}


def test_one_zone_is_named_with_its_offset() -> None:
    """The page states once in which zone its times are."""
    assert "times in UTC (+00:00)" in report_html(FULL)


def test_risks_weigh_by_their_colour() -> None:
    """Lost data is the strongest; an outage is less."""
    page = report_html(FULL)
    assert '<span class="risk loss">Risk: its database is in the container' in page
    assert '<span class="risk">Risk: one replica' in page


def test_thresholds_and_gaps_are_drawn_and_named() -> None:
    """A dashed line from which it counts as a fault, and a shaded stretch where nothing was read."""
    points = [(later(second), None if second == 20 else 900.0) for second in range(0, 50, 10)]
    drawn = chart("Response time", "ms, mean of 10 s", points, [], Levels(threshold=1000.0))
    assert 'class="threshold"' in drawn
    assert "counts as a fault from 1000 ms" in drawn
    assert 'class="gap"' in drawn
    assert "shaded: not read" in drawn
    changed = chart("Response time", "ms", points, [], Levels(changed_from=300.0))
    assert 'class="threshold"' in changed
    assert "counts as changed from 300 ms" in changed
    assert "threshold" not in chart("x", "ms", points, [])


HOSTILE = (
    "</pre><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><b>",
    "&lt;b&gt;",
    "\x1b[31m\x9b2J\u202e\r\x00\ud800 [/red]",
)


def poisoned(text: str) -> Iterator[Report]:
    """Yield reports with a text in every place that comes from outside."""
    yield replace(FULL, evidence=(Evidence("E1", "logs", text, text, AT),), service=text, closing=text)
    yield replace(FULL, causes=(replace(FULL.causes[0], summary=text, object=text, code=text),))
    yield replace(FULL, actions=(replace(FULL.actions[0], target=text, outcome=text),), looked=(text,))
    yield replace(
        FULL, verification=replace(FULL.verification, before={text: text}, text=text) if FULL.verification else None
    )
    yield replace(FULL, digests=(replace(FULL.digests[0], where=text),), steps=(replace(FULL.steps[0], text=text),))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """Whatever a log, an object or a name holds: no new tag, no control character, and the page can be written."""
    plain = [tag for tag, _ in Page(report_html(FULL)).tags]
    for report in poisoned(text):
        page = report_html(report)
        assert {tag for tag, _ in Page(page).tags} <= set(plain)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
        page.encode("utf-8")


def test_the_charts_mark_what_happened() -> None:
    """Two curves; detection, approval, change and recovery are numbered and named with their time."""
    page = report_html(FULL)
    assert page.count("<svg") == 2
    assert page.count('class="curve"') == 2
    for word in ("1 detected", "2 approved", "3 changed", "4 recovered"):
        assert word in page


def test_a_gap_in_the_figures_is_a_gap_in_the_curve() -> None:
    """Missing and unreadable values are neither zero nor bridged; a lone value is a point."""
    values = (1.0, 2.0, None, 3.0, float("nan"), 4.0, 5.0)
    drawn = chart("RPS", "per second", [(AT + timedelta(seconds=n), value) for n, value in enumerate(values)], [])
    assert drawn.count("<polyline") == 2
    assert drawn.count("<circle") == 1
    assert "nan" not in drawn


@pytest.mark.parametrize("values", [(), (1.0,), (None, None)])
def test_without_figures_there_is_no_chart(values: tuple[float | None, ...]) -> None:
    """Fewer than two values are no curve."""
    assert chart("RPS", "x", [(later(n), value) for n, value in enumerate(values)], [Mark(AT, "x")]) == ""


def test_flat_and_instant_figures_are_drawn() -> None:
    """All zero, and all at the same moment: a chart all the same, no division by nothing."""
    assert "<polyline" in chart("RPS", "x", [(later(n), 0.0) for n in range(3)], [Mark(later(1), "<x>")])
    assert "<polyline" in chart("RPS", "x", [(AT, 1.0), (AT, 2.0)], [])


def test_numbers_of_moments_stay_apart_and_within_the_picture() -> None:
    """Found, approved and changed within seconds at the right edge: three numbers that can be read."""
    at = [AT + timedelta(seconds=step) for step in range(0, 3600, 15)]
    marks = [Mark(at[-1] - timedelta(seconds=back), "x") for back in (3, 2, 1)]
    drawn = chart("latency", "ms", [(moment, 5.0) for moment in at], marks, Levels(before=0.1, threshold=4.0))
    places = [float(x) for x in re.findall(r'class="number" x="([\d.]+)"', drawn)]
    assert all(later - earlier >= 20 for earlier, later in pairwise(places))
    assert max(places) <= 710
    heights = [float(y) for y in re.findall(r'y="([\d.]+)">(?:before|threshold)', drawn)]
    assert len(heights) == 2


def test_on_paper_it_is_black_on_white_and_complete() -> None:
    """Whatever the screen's theme: no dark paper, nothing folded away, no chart or row cut by the end of a page."""
    printed = report_html(REPORT).partition("@media print {")[2].partition("</style>")[0]
    for rule in ("color-scheme: light;", "--paper: #fff;", "content-visibility: visible;", "break-after: avoid;"):
        assert rule in printed
    kept = next(line for line in printed.splitlines() if "break-inside: avoid" in line)
    assert {"figure,", "table,", "tr,"} <= set(kept.split())


def test_minutes_without_a_sample_are_a_gap() -> None:
    """A sample a minute is a curve; what is between two that are far apart was not measured."""
    near = [(AT + timedelta(seconds=60 * step), 4.0) for step in range(3)]
    assert with_gaps(near) == near
    far = [*near, (AT + timedelta(minutes=12), 4.0)]
    assert [value for _, value in with_gaps(list(reversed(far)))] == [4.0, 4.0, 4.0, None, 4.0]


def test_the_page_has_one_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places, figures and steps that hold a time of UTC show the operator's; a log line stays as it was written."""
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    pieces = (
        Evidence("E1", "stats", "GET /stats at 12:25:37 UTC", "offline since 12:25 UTC", AT),
        Evidence("E2", "logs", "logs/a/b.log:L1", "12:25 UTC it broke", AT),
    )
    steps = (Step("detect", AT, 1.0, "grows since 12:20 UTC"),)
    page = report_html(replace(REPORT, evidence=pieces, steps=steps))
    assert "GET /stats at 21:25:37" in page
    assert "offline since 21:25" in page
    assert "grows since 21:20" in page
    assert "12:25 UTC it broke" in page
