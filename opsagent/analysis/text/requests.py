"""Requests that a program answered, in the forms of many logs: access lines, fields, a sentence with the status."""

import re
from dataclasses import dataclass

from opsagent.analysis.text.late import Late
from opsagent.analysis.text.levels import ACCESS, NOISE, any_of
from opsagent.models.digest import LogGroup

_METHOD = r"(?P<method>GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)"
_PROXY = Late(
    rf" (?P<status>[1-5]\d\d) \d+ \S+ \S+ [\w-]{{4}} [\d/+]+ [\d/]+ (?:\{{[^}}]*\}} )*\"{_METHOD} (?P<path>/\S*)"
)
_STATUS = Late(
    r"\b(?:status(?:_?code)?|http_status|response_code|resp_status)\\?[\"']?\s*[=:]\s*\\?[\"']?(?P<status>[1-5]\d\d)\b"
)
_ASKED = Late(rf"\b(?:\w+_)?(?:method|verb)\\?[\"']?\s*[=:]\s*\\?[\"']?{_METHOD}\b")
_PATH = Late(r"\b(?:path|uri|url|route|request_uri)\\?[\"']?\s*[=:]\s*\\?[\"']?(?P<path>/[^\s\"',]*)")
_SENTENCE = Late(
    rf"(?:^|[\s\"\]]){_METHOD} (?P<path>/\S*) (?:HTTP/[\d.]+ )?(?:[-=]> |→ )?(?P<status>[1-5]\d\d)\b(?! ?ms)"
)
# Outcomes in other forms: a status of HTTP, of gRPC by name, an SQLSTATE that is not a warning, an exit code.
_OUTCOME = Late(
    r"\b(?:status(?:_?code)?|http_?status|response_?code|resp_status)\\?[\"']?\s*[=:]\s*\\?[\"']?(?P<status>[1-5]\d\d)\b"
    r"|\b(?:grpc[._])?code\\?[\"']?\s*[=:]\s*\\?[\"']?(?P<grpc>OK|[A-Z][A-Za-z_]{5,18})\b"
    r"|\bsql_?state(?:_code)?\\?[\"']?\s*[=:]\s*\\?[\"']?(?P<sql>[0-9A-Z]{5})\b"
    r"|\b(?:exit(?:ed)?|return(?:ed)?)[ _]?(?:with )?(?:return |exit )?(?:code|status)"
    r"\\?[\"']?\s*[=: ]\s*\\?[\"']?(?P<exit>\d{1,3})\b"
)
_GRPC = frozenset(
    {
        "unknown", "deadlineexceeded", "permissiondenied", "resourceexhausted", "failedprecondition", "aborted",
        "unimplemented", "internal", "unavailable", "dataloss", "unauthenticated",
    }
)  # fmt: skip
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class AnsweredRequest:
    """One request, without what differs from one of its kind to the next."""

    method: str  # "" where the line has none
    route: str  # the path without its query and its numbers
    status: int


def answer(text: str) -> AnsweredRequest | None:
    """Read what was asked and how it was answered; None of a line that is not a request of a client's."""
    found = ACCESS.search(text)
    if found is not None:
        method, path = found["method"] or found["gin_method"], found["path"] or found["gin_path"]
        return AnsweredRequest(method or "", _route(path or ""), int(found["status"] or found["gin"]))
    if any(method in text for method in ("GET", "POST", "PUT", "HEAD", "PATCH", "DELETE")):
        found = _PROXY.search(text) or _SENTENCE.search(text)
        if found is not None:
            return AnsweredRequest(found["method"], _route(found["path"]), int(found["status"]))
    status = _STATUS.search(text)
    path = _PATH.search(text) if status is not None else None
    if status is None or path is None:
        return None
    asked = _ASKED.search(text)
    return AnsweredRequest(asked["method"] if asked else "", _route(path["path"]), int(status["status"]))


def answers(groups: tuple[LogGroup, ...]) -> list[tuple[LogGroup, AnsweredRequest]]:
    """Take the requests among the groups of a digest; probes and the like are none."""
    read = ((group, answer(group.text)) for group in groups)
    return [(group, one) for group, one in read if one is not None and not any_of(NOISE, group.text.lower())]


def failed(text: str) -> bool | None:
    """Return whether a record states that it failed (5xx and the like) or succeeded; None where it states neither."""
    found = _OUTCOME.search(text)
    if found is None or found["status"]:
        status = _status(text)
        return None if status is None else status >= 500
    if found["grpc"]:
        name = found["grpc"].replace("_", "").lower()
        return True if name in _GRPC else False if name == "ok" else None
    if found["sql"]:
        return found["sql"][:2] not in ("00", "01", "02")
    return int(found["exit"]) not in (0, 143)


def exit_code(text: str) -> int | None:
    """Return the exit code that a record states of a program or a step, None where it states none."""
    found = _OUTCOME.search(text)
    return int(found["exit"]) if found is not None and found["exit"] else None


def refused(text: str) -> bool:
    """Return whether a record states a 4xx that is not a missing page: the client's fault, unless it worked before."""
    status = _status(text)
    return status is not None and 400 <= status < 500 and status not in (404, 410)


def _status(text: str) -> int | None:
    found = _OUTCOME.search(text)
    if found is not None and found["status"]:
        return int(found["status"])
    one = answer(text)
    return None if one is None else one.status


def _route(path: str) -> str:
    return _DIGITS.sub("", path.split("?", 1)[0])
