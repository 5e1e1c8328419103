"""A service's logs, over all pods and containers, and the search in them."""

from collections.abc import Callable
from typing import Any

import pytest

from opsagent.config.titanium import TITANIUM
from opsagent.errors import CheckError, NotFoundError, TransientCheckError, UnknownServiceError, UsageError
from opsagent.models.observed import Skipped
from opsagent.models.service import Service
from opsagent.sandbox import Fault
from opsagent.tools.logs import get_service_logs, search_logs
from tests.tools.platforms import Log, Records

Boxed = Callable[[str], tuple[Any, Any]]
SHOP = (Service("blog"), Service("cart"))
RESET = TransientCheckError("the stream broke off", source="logs")
FORBIDDEN = CheckError("no pods/log", source="logs")


def _records(**texts: Log) -> Records:
    return Records(texts={key.replace("__", "/").replace("_", "-"): text for key, text in texts.items()})


def test_every_container_of_every_pod() -> None:
    """All pods and containers of the service are read, of others none, each with the bounds asked for."""
    platform = _records(blog_1__app=b"a\n", blog_1__mesh=b"m\n", blog_2__app=b"b\n", cart_1__app=b"c\n")
    logs = get_service_logs(platform, SHOP, "blog", since="10m", tail=7)
    assert [(excerpt.pod, excerpt.container, excerpt.lines) for excerpt in logs.excerpts] == [
        ("blog-1", "app", ("a",)),
        ("blog-1", "mesh", ("m",)),
        ("blog-2", "app", ("b",)),
    ]
    assert platform.asked == [{"tail": 7, "since_s": 600, "follow": False}] * 3


def test_previous_run_is_read_where_one_crashed(boxed: Boxed) -> None:
    """Of a container that was restarted the run before is there too."""
    platform, _ = boxed("crash-loop")
    logs = get_service_logs(platform, TITANIUM, "auth")
    assert {excerpt.previous for excerpt in logs.excerpts} == {False, True}
    assert all(excerpt.lines for excerpt in logs.excerpts)
    assert logs.not_checked == ()


def test_one_log_fails() -> None:
    """A log that cannot be read, or not to its end, is in not_checked beside what was read."""
    platform = _records(blog_1__app=[b"one\n", RESET], blog_2__app=FORBIDDEN, blog_3__app=b"three\n")
    logs = get_service_logs(platform, SHOP, "blog")
    assert [excerpt.lines for excerpt in logs.excerpts] == [("one",), ("three",)]
    assert sorted(logs.not_checked, key=lambda skip: skip.source) == [
        Skipped("logs/blog-1/app.log", "the stream broke off"),
        Skipped("logs/blog-2/app.log", "no pods/log"),
    ]


def test_every_log_fails() -> None:
    """Where nothing could be read, that is an error."""
    with pytest.raises(CheckError, match="no pods/log"):
        get_service_logs(_records(blog_1__app=FORBIDDEN), SHOP, "blog")


def test_service_without_a_pod() -> None:
    """A service that has no pod has no log, and it is stated it."""
    with pytest.raises(NotFoundError, match="no pod of cart in shop"):
        get_service_logs(_records(blog_1__app=b""), SHOP, "cart")


def test_empty_log() -> None:
    """No lines at all is an empty excerpt."""
    assert get_service_logs(_records(blog_1__app=b""), SHOP, "blog").excerpts[0].lines == ()


def test_all_lines() -> None:
    """kubectl's --tail -1 and --since 0 ask for everything."""
    platform = _records(blog_1__app=b"x\n" * 300)
    assert len(get_service_logs(platform, SHOP, "blog", since="0", tail=-1).excerpts[0].lines) == 300
    assert platform.asked == [{"tail": None, "since_s": None, "follow": False}]


def test_usage_comes_before_any_request() -> None:
    """A wrong service, duration or pattern is refused before a log is asked for."""
    platform = _records(blog_1__app=b"a\n")
    with pytest.raises(UnknownServiceError):
        get_service_logs(platform, SHOP, "nobody")
    with pytest.raises(UsageError):
        get_service_logs(platform, SHOP, "blog", since="yesterday")
    with pytest.raises(UsageError):
        search_logs(platform, SHOP, "blog", "a(")
    assert platform.asked == []


def test_search_finds_lines_with_their_place() -> None:
    """Each match names the log and the line; the stamp is shown, but not matched."""
    text = b"2026-11-22T12:00:00Z fine\n2026-11-22T12:00:01Z database is locked\n"
    platform = _records(blog_1__app=text, blog_2__app=b"locked\n")
    found = list(search_logs(platform, SHOP, "blog", "^(database|lock)"))
    assert [(match.where, match.line, match.text) for match in found] == [
        ("logs/blog-1/app.log", 2, "2026-11-22T12:00:01Z database is locked"),
        ("logs/blog-2/app.log", 1, "locked"),
    ]


def test_search_streams() -> None:
    """The first match is given before the rest of the log is read."""
    platform = _records(blog_1__app=[b"hit\n", FORBIDDEN])
    assert next(search_logs(platform, SHOP, "blog", "hit")).line == 1


def test_search_on_the_sandbox(boxed: Boxed) -> None:
    """The decisive line is found in the captured kind of log."""
    platform, _ = boxed("db-locked")
    found = list(search_logs(platform, TITANIUM, "blog", "database is locked$"))
    assert found
    assert "sqlite3.OperationalError" in found[0].text


def test_search_in_a_huge_line() -> None:
    """In a 10 MB line a match far behind is found, and only what is around it is shown."""
    line = [b"x" * 65_536] * 80 + [b" NEEDLE " + b"y" * 1000] + [b"x" * 65_536] * 80 + [b"\nafter NEEDLE\n"]
    found = list(search_logs(_records(blog_1__app=list(line)), SHOP, "blog", "NEEDLE"))
    assert [match.line for match in found] == [1, 2]
    assert "NEEDLE" in found[0].text
    assert len(found[0].text) < 500


def test_search_is_never_silently_short() -> None:
    """A log that breaks off is reported: to on_skip, or as an error after the last match."""
    platform = _records(blog_1__app=[b"hit\nhit", RESET], blog_2__app=b"hit\n")
    skipped: list[Skipped] = []
    assert len(list(search_logs(platform, SHOP, "blog", "hit", on_skip=skipped.append))) == 3
    assert skipped == [Skipped("logs/blog-1/app.log", "the stream broke off")]
    found: list[object] = []
    with pytest.raises(CheckError, match="not searched to the end: logs/blog-1/app"):
        found.extend(search_logs(platform, SHOP, "blog", "hit"))
    assert len(found) == 3


def test_search_redacts() -> None:
    """A secret in a matching line does not leave the tool."""
    platform = _records(blog_1__app=b"login password=hunter2-hunter2\n")
    (match,) = search_logs(platform, SHOP, "blog", "login")
    assert "hunter2" not in match.text


def test_hostile_bytes(boxed: Boxed) -> None:
    """NUL, escapes and broken UTF-8 neither stop the search nor are lost."""
    platform = _records(blog_1__app=b"\x1b]0;x\x07\x00\xff\xfe hit \xe2\x80\xae[/red]\r\n")
    (match,) = search_logs(platform, SHOP, "blog", "hit")
    assert "[/red]" in match.text
    assert not match.text.endswith("\r")


def test_broken_log_on_the_sandbox(boxed: Boxed) -> None:
    """A stream that the server breaks off is in not_checked, with the lines that came."""
    platform, box = boxed("healthy")
    box.faults.add(Fault.broken_log(3000))
    logs = get_service_logs(platform, TITANIUM, "blog")
    assert logs.excerpts[0].lines
    assert "not whole" in logs.not_checked[0].why
