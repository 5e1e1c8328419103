"""A small Loki: its selectors, limits, directions, nanoseconds and plain-text refusals, as documented."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from tests.clients.loopback import Reply, Request, Script, serve

NS = 1_000_000_000
_SELECTOR = re.compile(r'\{((?:\w+="(?:[^"\\]|\\.)*"(?:, ?)?)+)\}')
_MATCHER = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass
class Stream:
    """One stream: its labels, and its lines with their times in nanoseconds."""

    labels: dict[str, str]
    lines: list[tuple[int, str]]


@dataclass
class Loki:
    """What the server holds, and what it wants to see."""

    script: Script
    streams: list[Stream] = field(default_factory=list)
    tenant: str | None = None  # the X-Scope-OrgID that is wanted
    most: int = 5000  # max_entries_limit_per_query

    @property
    def url(self) -> str:
        """Return where it answers."""
        return self.script.url

    def add(self, start_ns: int, lines: list[str], labels: dict[str, str], step_ns: int = NS) -> None:
        """Hold a stream whose lines are `step_ns` apart."""
        self.streams.append(Stream(dict(labels), [(start_ns + n * step_ns, line) for n, line in enumerate(lines)]))

    def series(self, request: Request) -> Reply:
        """Answer /loki/api/v1/series."""
        refused, form = self._form(request)
        if refused:
            return refused
        wanted = _matchers(form["match[]"][0])
        found = [s.labels for s in self._within(wanted, int(form["start"][0]), int(form["end"][0])) if s.lines]
        return Reply(body={"status": "success", "data": found})

    def query_range(self, request: Request) -> Reply:
        """Answer /loki/api/v1/query_range: the limit is over all streams together, each stream in the direction."""
        refused, form = self._form(request)
        if refused:
            return refused
        limit, backward = int(form.get("limit", ["100"])[0]), form.get("direction", ["backward"])[0] == "backward"
        if limit > self.most:
            return Reply(400, b"max entries limit per query exceeded, limit > max_entries_limit", "text/plain")
        found = self._within(_matchers(form["query"][0]), int(form["start"][0]), int(form["end"][0]))
        lines = sorted(
            ((at, n, line) for n, s in enumerate(found) for at, line in s.lines), key=lambda x: x[0], reverse=backward
        )[:limit]
        result = [
            {"stream": s.labels, "values": [[str(at), line] for at, own, line in lines if own == n]}
            for n, s in enumerate(found)
        ]
        kept = [entry for entry in result if entry["values"]]
        return Reply(body={"status": "success", "data": {"resultType": "streams", "result": kept, "stats": {}}})

    def _form(self, request: Request) -> tuple[Reply | None, dict[str, list[str]]]:
        form = parse_qs(request.query)
        if self.tenant and request.headers.get("X-Scope-OrgID") != self.tenant:
            return Reply(401, b"no org id", "text/plain"), form
        selector = (form.get("query") or form.get("match[]") or [""])[0]
        if not _SELECTOR.fullmatch(selector):
            return Reply(400, b"parse error at line 1, col 1: syntax error: unexpected IDENTIFIER", "text/plain"), form
        return None, form

    def _within(self, wanted: dict[str, str], start: int, end: int) -> list[Stream]:
        """Return what matches from start (inclusive) to end (exclusive)."""
        return [
            Stream(s.labels, [(at, line) for at, line in s.lines if start <= at < end])
            for s in self.streams
            if all(s.labels.get(name) == value for name, value in wanted.items())
        ]


def _matchers(selector: str) -> dict[str, str]:
    plain = {"n": "\n"}
    return {name: _ESCAPED.sub(lambda m: plain.get(m[1], m[1]), value) for name, value in _MATCHER.findall(selector)}


@contextmanager
def loki() -> Iterator[Loki]:
    """Serve a Loki on loopback."""
    with serve() as script:
        served = Loki(script)
        script.on("/loki/api/v1/series", served.series)
        script.on("/loki/api/v1/query_range", served.query_range)
        yield served
