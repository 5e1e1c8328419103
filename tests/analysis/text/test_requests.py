"""Requests in the forms in which programs log them."""
# ruff: noqa: E501 — log lines are as long as they are

import pytest

from opsagent.analysis.text.requests import AnsweredRequest, answer, exit_code


@pytest.mark.parametrize(
    "line",
    [
        '10.0.0.4 - - [01/Feb/2026:10:00:00 +0000] "GET /items/7?x=1 HTTP/1.1" 503 12',
        '{"level":"info","method":"GET","path":"/items/9","status":503,"ms":4}',
        "time=2026-02-01T10:00:00Z level=INFO msg=served http_method=GET uri=/items/12 status_code=503 dur=2ms",
        '{"level":"error","msg":"GET /items/4 503"}',
        "GET /items/4 503 12.1 ms - 40",
        'lb haproxy[8]: 10.0.0.7:5 [01/Feb/2026:10:00:00.1] fe be/a1 0/0/1/9/10 503 8120 - - ---- 9/9/2/1/0 0/0 "GET /items/1 HTTP/1.1"',
    ],
)
def test_a_request_is_read_in_many_forms(line: str) -> None:
    """What was asked, without numbers, and how it was answered."""
    assert answer(line) == AnsweredRequest("GET", "/items/", 503)


@pytest.mark.parametrize(
    "line",
    [
        "GET http://rates/items -> 503",
        "POST /items took 503 ms",
        "status=503 without a request",
        "GET the status: 500 items",
        '{"method":"GET","url":"http://rates/items","status":503}',
    ],
)
def test_calls_and_times_are_no_requests(line: str) -> None:
    """A call to another service, or a number of milliseconds, was answered by nobody here."""
    assert answer(line) is None


def test_a_route_and_a_status_are_a_request_without_its_method() -> None:
    """Many logs have a field for the route alone."""
    assert answer("request failed | route=/items/7 | status=503") == AnsweredRequest("", "/items/", 503)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("step failed step=resize exit_code=3", 3),
        ("Task exited with return code 1", 1),
        ("process exited with code 0", 0),
        ("exit status: 137", 137),
        ("returned 4 rows", None),
        ("status=503", None),
    ],
)
def test_an_exit_code_is_read_where_one_is_stated(line: str, code: int | None) -> None:
    """A number of rows and a status of HTTP are none."""
    assert exit_code(line) == code
