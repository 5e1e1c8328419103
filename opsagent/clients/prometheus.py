"""Prometheus, or what speaks like it (VictoriaMetrics, Thanos, Mimir): a window of figures by the catalog's profiles.

A pass asks at most MOST_QUERIES queries, one at a time, and takes at most `timeout_s`. An empty answer, NaN, a gap, a
stale or a partial answer is never 0 and never health.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil
from urllib.parse import urlencode

from opsagent.clients.alert_json import alert_of
from opsagent.clients.answer import HttpAnswer
from opsagent.clients.http_access import Proxy, access
from opsagent.clients.http_form import Access, FormClient
from opsagent.clients.prometheus_json import SOURCE, Ranges, document, ranges, vector
from opsagent.config.settings import PrometheusSettings
from opsagent.errors import CheckError, NotAnAnswerError, NotCheckedError, UnreachableError
from opsagent.models.figures import Alert, Figures, Series, series_of
from opsagent.models.profiles import Row, needed, usable

WHO = "Prometheus"
MOST_QUERIES = 15
_MOST_BODY = 64 * 1024 * 1024
_MOST_POINTS = 240  # of a series
_LEAST_STEP_S = 15
_DISCOVERED_S = 600.0  # for which what exists is remembered
_STALE_STEPS = 4


@dataclass
class Prometheus:
    """One server and how it is asked."""

    settings: PrometheusSettings
    namespace: str
    environ: Mapping[str, str] = field(repr=False)
    proxy: Proxy | None = None
    _existing: frozenset[str] = frozenset()
    _discovered_at: float | None = None

    def figures(self, rows: Iterable[Row], now: datetime) -> Figures:
        """Return the figures of the window before `now`, by the rows that the server has metrics for.

        Raises NotCheckedError, CheckError.
        """
        wanted = self._wanted(rows)
        with self._open() as asked:
            usable_rows = usable(wanted, self._discover(asked, wanted, now))
            if not usable_rows:
                raise NotCheckedError(
                    f"{WHO} has none of the metrics that the profiles need", source=SOURCE,
                    hint="opsagent doctor lists them; is the namespace right, and are the targets scraped?",
                )  # fmt: skip
            return self._window(asked, usable_rows, now)

    def check(self, rows: Iterable[Row], now: datetime) -> str:
        """Return in one line what the server is and which figures it can give. Raises CheckError."""
        wanted = self._wanted(rows)
        with self._open() as asked:
            version = document(asked.get("status/buildinfo"), WHO).get("data")
            named = version.get("version") if isinstance(version, dict) else None
            found = usable(wanted, self._discover(asked, wanted, now))
        kinds = ", ".join(dict.fromkeys(row.profile for row in found)) or "none"
        return f"version {named or 'not given'}; {len(found)} figures, by profiles: {kinds}"

    def alerts(self) -> tuple[Alert, ...]:
        """Return the alerts of all rules, each with why its rule cannot be evaluated. Raises CheckError."""
        found: list[Alert] = []
        for rule in self.rules():
            wrong = str(rule.get("lastError")) if rule.get("health") == "err" else None
            entries = rule.get("alerts")
            known = (entry for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else ()
            found.extend(replace(alert_of(entry), rule_error=wrong) for entry in known)
        return tuple(found)

    def rules(self) -> list[dict[str, object]]:
        """Return the alerting rules with their health. Raises CheckError."""
        with self._open() as asked:
            data = document(asked.get("rules"), WHO).get("data")
        groups = data.get("groups") if isinstance(data, dict) else None
        if not isinstance(groups, list):  # no alert must not be read from an answer that is none
            raise NotAnAnswerError(f"{WHO} answered no groups of rules", source=SOURCE)
        found = [rule for group in groups if isinstance(group, dict) for rule in group.get("rules") or ()]
        return [rule for rule in found if isinstance(rule, dict) and rule.get("type") == "alerting"]

    def existing(self, metrics: frozenset[str], now: datetime) -> frozenset[str]:
        """Return which of the metrics have a series now. Raises CheckError."""
        with self._open() as asked:
            return _existing(asked, metrics, now)

    def _open(self) -> "_Pass":
        return _Pass(self.settings, access(self.settings, self.environ), self.proxy)

    def _wanted(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        names = self.settings.profiles_wanted
        return tuple(row for row in rows if names is None or row.profile in names)

    def _discover(self, asked: "_Pass", rows: tuple[Row, ...], now: datetime) -> frozenset[str]:
        clock = time.monotonic()
        if self._discovered_at is None or clock - self._discovered_at > _DISCOVERED_S:
            self._existing = _existing(asked, needed(rows), now)
            self._discovered_at = clock
        return self._existing

    def _window(self, asked: "_Pass", rows: tuple[Row, ...], now: datetime) -> Figures:
        seconds = self.settings.window_min * 60
        step = max(_LEAST_STEP_S, ceil(seconds / _MOST_POINTS))
        end = int(now.timestamp()) // step * step  # aligned: the same moments for every series and pass
        rate = f"{max(int(self.settings.rate_window_s), 2 * step)}s"
        found: list[Series] = []
        notes: list[str] = []
        for row in rows:
            query = row.promql(self.namespace, rate)
            try:
                answer = asked.range(query, end - seconds, end, step)
            except _SpentError as spent:
                notes.append(f"{row.figure} ({row.profile}) was not asked: {spent}")
                continue
            except UnreachableError:
                raise
            except CheckError as error:
                notes.append(f"{row.figure} ({row.profile}): {error.message}")
                continue
            notes += [f"{row.figure} ({row.profile}) is incomplete: {warning}" for warning in answer.warnings]
            found += _series(row, query, answer)
        figures = Figures("prometheus", tuple(found))
        return replace(figures, notes=(*notes, *_doubts(figures, end, step)))


class _SpentError(Exception):
    """No query or no time is left in this pass."""


class _Pass:
    """The queries of one pass, within their number and time."""

    def __init__(self, settings: PrometheusSettings, access: Access, proxy: Proxy | None) -> None:
        self._url = (settings.url or "").rstrip("/")
        self._client = FormClient(WHO, SOURCE, access)
        self._proxy = proxy
        self._left = MOST_QUERIES
        self._deadline = time.monotonic() + settings.timeout_s

    def __enter__(self) -> "_Pass":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.__exit__()

    def instant(self, query: str, now: datetime) -> HttpAnswer:
        """Ask for the values of one moment."""
        return self._ask("query", {"query": query, "time": str(int(now.timestamp()))})

    def range(self, query: str, start: float, end: float, step: int) -> Ranges:
        """Ask for a window."""
        form = {"query": query, "start": str(int(start)), "end": str(int(end)), "step": str(step)}
        return ranges(self._ask("query_range", form), WHO)

    def get(self, path: str) -> HttpAnswer:
        """GET what takes no query."""
        return self._ask(path, {}, method="GET")

    def _ask(self, path: str, form: Mapping[str, str], *, method: str = "POST") -> HttpAnswer:
        left_s = self._deadline - time.monotonic()
        if self._left <= 0:
            raise _SpentError(f"a pass asks at most {MOST_QUERIES} queries")
        if left_s <= 0.05:
            raise _SpentError("the time of this pass is over (prometheus.timeout_s)")
        self._left -= 1
        bounded = {**form, "timeout": f"{max(1, ceil(left_s))}s"} if method == "POST" else form
        if self._proxy is not None:
            query = f"?{urlencode(bounded)}" if bounded else ""
            return self._proxy(f"api/v1/{path}{query}", left_s, _MOST_BODY)
        url = f"{self._url}/api/v1/{path}"
        return self._client.send(method, url, bounded, timeout_s=left_s, max_body=_MOST_BODY)


def _existing(asked: _Pass, metrics: frozenset[str], now: datetime) -> frozenset[str]:
    """Return the metrics that have a series: one query for all of them."""
    names = "|".join(sorted(re.escape(metric) for metric in metrics))
    found, _ = vector(asked.instant(f'count by (__name__) ({{__name__=~"{names}"}})', now), WHO)
    return frozenset(labels.get("__name__", "") for labels, count in found if count > 0)


def _series(row: Row, query: str, answer: Ranges) -> list[Series]:
    """Return the figures of an answer; what names nobody is left out, and of two series of one place the longer."""
    found: dict[str, Series] = {}
    for one in answer.series:
        name = row.place(one.labels)
        if name is None:
            continue
        points = ((at, value * row.scale) for at, value in zip(one.times, one.values, strict=True))
        series = series_of(row.figure, row.unit, row.kind, name, points, query)
        if name not in found or len(series.times) > len(found[name].times):
            found[name] = series
    return list(found.values())


def _doubts(found: Figures, end: float, step: int) -> list[str]:
    """Return why the figures report nothing of now: there are none, or none that is new."""
    if not found:
        return ["no query had an answer: that is not a sign of health"]
    last = found.newest
    if last is None:
        return ["no series holds a figure: that is not a sign of health"]
    if end - last > _STALE_STEPS * step:
        return [f"the newest figure is {round((end - last) / 60)} min old"]
    return []
