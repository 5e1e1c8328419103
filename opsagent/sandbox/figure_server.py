"""The box's Prometheus: /metrics to scrape, and the HTTP API for the few queries that it knows."""

from typing import Any
from urllib.parse import parse_qs

from .faults import CannedReply, ServedRequest
from .loopback import Handler
from .promql import PromSeries, answer, exposition

_MOST_POINTS = 11_000
_VERSION = {"version": "2.42.0-sandbox"}


class FigureHandler(Handler):
    """Serves the port of the figures."""

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        """Answer a GET."""
        path, _, query = self.path.partition("?")
        self._answer(path, query)

    def do_POST(self) -> None:  # noqa: N802
        """Answer a POST of a form."""
        path, _, query = self.path.partition("?")
        form = self.read_body().decode("utf-8", "replace")
        self._answer(path, "&".join(part for part in (query, form) if part))

    def _answer(self, path: str, query: str) -> None:
        owner = self.server.owner
        owner.note(self.command, self.path)
        fault = self.delayed(owner.faults.take(ServedRequest("figures", self.command, path)))
        if fault is not None and isinstance(fault.reply, CannedReply):
            self.send(fault.reply)
            return
        form = {name: values[-1] for name, values in parse_qs(query).items()}
        if path == "/metrics":
            with owner.simulation.lock:
                text = exposition(*self._measures())
            self.send(CannedReply(200, text.encode(), "text/plain; version=0.0.4; charset=utf-8"))
        elif path == "/api/v1/status/buildinfo":
            self._success(_VERSION)
        elif path == "/api/v1/rules":
            self._success({"groups": []})
        elif path in ("/api/v1/query", "/api/v1/query_range"):
            self._query(form, ranged=path.endswith("range"))
        else:
            self.send(CannedReply(404, b"404 page not found\n", "text/plain; charset=utf-8"))

    def _query(self, form: dict[str, str], *, ranged: bool) -> None:
        try:
            moments = _moments(form) if ranged else None
            at = float(form["time"]) if "time" in form else None
        except (KeyError, ValueError, ZeroDivisionError):
            self._refuse("invalid parameter: query_range takes start, end and a step above 0")
            return
        if moments is not None and len(moments) > _MOST_POINTS:
            self._refuse("exceeded maximum resolution of 11,000 points per timeseries")
            return
        with self.server.owner.simulation.lock:
            measures, now = self._measures()
            wanted = moments if moments is not None else [now if at is None else at]
            # The future has not been measured.
            found = answer(measures, form.get("query", ""), [moment for moment in wanted if moment <= now + 1])
        if found is None:
            self._refuse("the sandbox answers the queries of its profile alone")
            return
        kind = "matrix" if ranged else "vector"
        self._success({"resultType": kind, "result": [_shown(series, ranged=ranged) for series in found]})

    def _measures(self) -> Any:
        simulation = self.server.owner.simulation
        simulation.advance()
        simulation.measures.note()
        return simulation.measures, simulation.cluster.now

    def _success(self, data: Any) -> None:
        self.send_json({"status": "success", "data": data})

    def _refuse(self, why: str) -> None:
        self.send_json({"status": "error", "errorType": "bad_data", "error": why}, 400)


def _moments(form: dict[str, str]) -> list[float]:
    start, end, step = (float(form[name]) for name in ("start", "end", "step"))
    if step <= 0 or end < start:
        raise ValueError(step)
    return [start + step * number for number in range(min(int((end - start) / step) + 1, _MOST_POINTS + 1))]


def _shown(series: PromSeries, *, ranged: bool) -> dict[str, Any]:
    points = [[at, repr(value)] for at, value in series.points]
    return {"metric": series.labels, "values": points} if ranged else {"metric": series.labels, "value": points[-1]}
