"""Loki: the logs of pods that are gone, or that the cluster does not give.

The streams of the window are listed once for each pass; each log is then read newest first, page by page, and turned
round. Loki's errors are plain text, its times nanoseconds as text, and its limit is over all streams of an answer.
"""

import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from opsagent.clients.answer import HttpAnswer, brief, is_page, json_object
from opsagent.clients.http_access import Proxy, access
from opsagent.clients.http_errors import refusal, too_long
from opsagent.clients.http_form import FormClient
from opsagent.config.settings import LokiSettings
from opsagent.errors import NotAnAnswerError
from opsagent.models.observed import LogGap, LogRef
from opsagent.models.profiles import escaped

WHO, SOURCE = "Loki", "logs"
_MOST_BODY = 64 * 1024 * 1024
_PAGE = 1000  # lines of one request: far below the 5000 that a server commonly allows
_MOST_LINES = 100_000  # of one log
_MOST_GONE = 10  # pods of one service: the newest cannot be distinguished from their names, so the first ones
_NS = 1_000_000_000
_DAY_S = 86_400
_NO_LOKI = "is loki.url the address of a Loki, and not of a login page or a dashboard?"


@dataclass
class Loki:
    """One server and how it is asked."""

    settings: LokiSettings
    namespace: str
    window_s: int  # in which a stream must have a line to be listed
    environ: Mapping[str, str] = field(repr=False)
    proxy: Proxy | None = None
    _streams: dict[LogRef, Mapping[str, str]] = field(default_factory=dict)

    def refs(self, services: Sequence[str], listed: Collection[str]) -> Iterator[LogRef | LogGap]:
        """Yield a log for each container of each pod that is not among the `listed`. Raises CheckError."""
        label, own = self.settings.label, frozenset(services)
        pods: dict[str, set[str]] = {}
        for stream in self._series():
            pod, container, service = stream.get("pod", ""), stream.get("container", ""), stream.get(label, "")
            if not pod or pod in listed or (own and service not in own):
                continue
            known = pods.setdefault(service, set())
            if pod not in known and len(known) >= _MOST_GONE:
                continue
            known.add(pod)
            where = f"logs/{_plain(pod)}/{_plain(container) or 'all'}.log"
            ref = LogRef(where, pod, container or None, service=service or None, namespace=self.namespace)
            self._streams[ref] = {name: stream[name] for name in ("pod", "container") if stream.get(name)}
            yield ref

    def read(self, ref: LogRef, *, tail: int | None, since_s: int | None) -> Iterator[bytes]:
        """Yield the lines of a log, oldest first, each with its RFC 3339 stamp. Raises CheckError."""
        matchers = {"namespace": self.namespace, **self._streams[ref]}
        selector = "{" + ", ".join(f'{name}="{escaped(value)}"' for name, value in matchers.items()) + "}"
        most = min(tail if tail is not None else _MOST_LINES, _MOST_LINES)
        end = int(time.time() * _NS) + _NS
        start = end - (since_s if since_s is not None else max(_DAY_S, self.window_s)) * _NS
        found: list[tuple[int, str]] = []
        with self._open() as client:
            while len(found) < most:
                wanted = min(_PAGE, most - len(found))
                page = self._page(client, selector, start, end, wanted)
                found += page
                if len(page) < wanted:
                    break
                oldest = page[-1][0]
                # The end is exclusive: lines of the same nanosecond as the oldest of a full page are read once more.
                if oldest + 1 >= end:
                    break  # more lines of one nanosecond than a page holds: there is no way past them
                found, end = [line for line in found if line[0] > oldest], oldest + 1
        found.sort(key=lambda line: line[0])
        if found:
            yield "".join(f"{_stamp(at)} {line.rstrip(chr(10))}\n" for at, line in found[-most:]).encode()

    def services(self) -> tuple[str, ...]:
        """Return the services that the streams of the window name. Raises CheckError."""
        named = {stream.get(self.settings.label, "") for stream in self._series()}
        return tuple(sorted(named - {""}))

    def _series(self) -> list[dict[str, str]]:
        now = time.time()
        form = {
            "match[]": f'{{namespace="{escaped(self.namespace)}"}}',
            "start": str(int((now - self.window_s) * _NS)),
            "end": str(int(now * _NS)),
        }
        with self._open() as client:
            data = _document(self._ask(client, "series", form)).get("data")
        if not isinstance(data, list):
            raise NotAnAnswerError(f"{WHO} answered no list of series", source=SOURCE, hint=_NO_LOKI)
        entries = (entry for entry in data if isinstance(entry, dict))
        return [{str(key): str(value) for key, value in entry.items()} for entry in entries]

    def _page(self, client: FormClient, selector: str, start: int, end: int, limit: int) -> list[tuple[int, str]]:
        """Return the newest lines before `end`, newest first: those of several streams are merged."""
        form = {
            "query": selector, "start": str(start), "end": str(end), "limit": str(limit), "direction": "backward",
        }  # fmt: skip
        data = _document(self._ask(client, "query_range", form)).get("data")
        streams = data.get("result") if isinstance(data, dict) else None
        if not isinstance(data, dict) or data.get("resultType") != "streams" or not isinstance(streams, list):
            raise NotAnAnswerError(f"{WHO} answered something else than streams", source=SOURCE, hint=_NO_LOKI)
        values = (stream.get("values") for stream in streams if isinstance(stream, dict))
        lines = [line for own in values if isinstance(own, list) for line in map(_line, own) if line is not None]
        return sorted(lines, key=lambda line: line[0], reverse=True)

    def _open(self) -> FormClient:
        return FormClient(WHO, SOURCE, access(self.settings, self.environ))

    def _ask(self, client: FormClient, path: str, form: Mapping[str, str]) -> HttpAnswer:
        below = f"loki/api/v1/{path}"
        if self.proxy is not None:
            return self.proxy(f"{below}?{urlencode(form)}", self.settings.timeout_s, _MOST_BODY)
        url = f"{(self.settings.url or '').rstrip('/')}/{below}"
        return client.send("GET", url, form, timeout_s=self.settings.timeout_s, max_body=_MOST_BODY)


def _document(answer: HttpAnswer) -> dict[str, Any]:
    """Return the JSON object of an answer that is a success. Raises CheckError with the server's own words."""
    if answer.cut:
        raise too_long(answer, who=WHO, source=SOURCE)
    if answer.status == 200:
        body, wrong = json_object(answer)
        if body is None or body.get("status") != "success":
            shown = wrong or f"answered {brief(json.dumps(body), 200)}"
            raise NotAnAnswerError(f"{WHO} {shown}", source=SOURCE, hint=_NO_LOKI)
        return body
    shown = "a page" if is_page(answer) else brief(answer.text, 200) or "nothing"
    credentials = "loki.org_id, bearer_env, username_env and password_env"
    raise refusal(answer, shown, who=WHO, source=SOURCE, credentials=credentials, may_not="query", hint=_NO_LOKI)


def _line(value: object) -> tuple[int, str] | None:
    """Return time and text of a pair, or of three items where there is structured metadata."""
    if not isinstance(value, list) or len(value) < 2 or not isinstance(value[1], str):
        return None
    try:
        at = int(value[0])
    except (TypeError, ValueError):
        return None
    return (at, value[1]) if 0 <= at < 10**19 else None


def _stamp(at_ns: int) -> str:
    seconds, rest = divmod(at_ns, _NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _plain(name: str) -> str:
    """Return a name as a place may hold it: a label value is text from outside."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "._-") else "_" for char in name)
    return plain.lstrip(".")[:253]
