"""The load balancer's own HTTP face: /stats and /lb-health, no authentication, no time stamp."""

from . import stats_body
from .cluster import ServiceAnswer
from .faults import CannedReply, ServedRequest
from .loopback import Handler

HANG_S = 2.0  # the load balancer's limit for one service
LEAST_HANG_S = 0.4
QUICK_S = 0.004


class LoadBalancerHandler(Handler):
    """Serves the load balancer's port."""

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        """Answer a GET."""
        path = self.path.partition("?")[0]
        owner = self.server.owner
        owner.note("GET", self.path)
        fault = self.delayed(owner.faults.take(ServedRequest("stats", "GET", path)))
        if fault is not None and isinstance(fault.reply, CannedReply):
            self.send(fault.reply)
        elif path == "/stats":
            self._stats()
        elif path == "/lb-health":
            self.send(CannedReply(200, b"", "text/plain; charset=utf-8"))
        elif path in ("/", "/health"):
            self.send(CannedReply(200, stats_body.health_body("dashboard-ui")[1], "text/html"))
        else:
            self.send(CannedReply(404, b"404 page not found\n", "text/plain; charset=utf-8"))

    def _stats(self) -> None:
        owner = self.server.owner
        simulation = owner.simulation
        with simulation.lock:
            simulation.advance()
            asked = {
                app: simulation.answers[app] for app in ("api-gateway", "auth-service", "user-service", "blog-service")
            }
        self.pause(owner.hang_s if ServiceAnswer.HUNG in asked.values() else QUICK_S)
        with simulation.lock:
            simulation.advance()
            # who hung when asked reads offline, even if it came back meanwhile
            body = stats_body.joined({**simulation.answers, **asked}, simulation.figures())
        self.send_json(body)
