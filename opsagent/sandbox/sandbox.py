"""The box itself: two servers, one simulation."""

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml

from .api_server import ApiHandler
from .cluster import Ailment, ServiceAnswer
from .facts import NAMESPACE, USER, Json
from .faults import Faults
from .figure_server import FigureHandler
from .load_balancer import HANG_S, LEAST_HANG_S, LoadBalancerHandler
from .loopback import LoopbackServer
from .scenarios import SCENARIOS, STAGED
from .simulation import Simulation
from .state import SandboxState

CONTEXT = "opsagent-sandbox"
_TICK_S = 0.03


class Sandbox:
    """A simulated platform with one fault, served on loopback.

    `speed` divides all simulated durations (roll-outs, grace, the window of the figures). How long /stats waits for a
    service that hangs is divided too, but stays far longer than a refused connection takes, for that shows the two
    apart; `hang_s` sets it (the real load balancer: 2 s). The platform is set
    up at the first check (the first request, or `state`), so that its history is recent then. Use as a context manager,
    or `start` and `stop`. Unknown scenarios raise ValueError; a port that is taken raises OSError.
    """

    def __init__(
        self,
        scenario: str = "healthy",
        *,
        stats_port: int = 0,
        api_port: int = 0,
        figures_port: int = 0,
        speed: float = 1.0,
        hang_s: float | None = None,
    ) -> None:
        if scenario not in STAGED:
            raise ValueError(f"there is no scenario {scenario!r}; known: {', '.join(SCENARIOS)}")
        if speed <= 0:
            raise ValueError("speed is a number above 0")
        self.scenario = scenario
        self.speed = speed
        self.hang_s = max(HANG_S / speed, LEAST_HANG_S) if hang_s is None else hang_s
        self.token = "sandbox-token"  # noqa: S105 - guards nothing; a wrong one is refused as a real server would
        self.faults = Faults()
        self.requests: list[tuple[str, str]] = []
        self.errors: list[BaseException] = []  # what went wrong inside the servers: empty, or a defect
        self._stats_port = stats_port
        self._api_port = api_port
        self._figures_port = figures_port
        self._figures: LoopbackServer | None = None
        self._simulation: Simulation | None = None
        self._building = threading.Lock()
        self._api: LoopbackServer | None = None
        self._stats: LoopbackServer | None = None
        self._stopping = threading.Event()
        self._at_door = threading.Lock()
        self._door = threading.Thread(target=self._keep_door, name="sandbox:door")

    @property
    def stats_url(self) -> str:
        """Return the load balancer's URL; its port stays the same while it refuses connections."""
        return f"http://127.0.0.1:{self._stats_port}"

    @property
    def api_url(self) -> str:
        """Return the API server's URL."""
        return f"http://127.0.0.1:{self._api_port}"

    @property
    def figures_url(self) -> str:
        """Return the URL of /metrics and of the Prometheus API."""
        return f"http://127.0.0.1:{self._figures_port}"

    @property
    def simulation(self) -> Simulation:
        """Return the simulation, set up at the first call."""
        with self._building:
            if self._simulation is None:
                self._simulation = Simulation(self.scenario, self.speed)
            return self._simulation

    @property
    def state(self) -> SandboxState:
        """Return what is inside, to check and to change."""
        return SandboxState(self.simulation)

    def past_stats(self) -> list[Json]:
        """Return samples of GET /stats of the minute before the first check, as lines of a bundle's stats.jsonl."""
        simulation = self.simulation
        with simulation.lock:
            return list(simulation.past_stats())

    def start(self) -> Self:
        """Serve the API server, the load balancer and the figures."""
        self._api = LoopbackServer(self._api_port, ApiHandler, self)
        self._api_port = self._api.port
        try:
            self._stats = LoopbackServer(self._stats_port, LoadBalancerHandler, self)
            self._figures = LoopbackServer(self._figures_port, FigureHandler, self)
        except OSError:
            self._api.end()
            if self._stats is not None:
                self._stats.end()
            raise
        self._figures_port = self._figures.port
        self._stats_port = self._stats.port
        self.faults.on_change = self._mind_door
        self._mind_door()
        self._door.start()
        return self

    def stop(self) -> None:
        """End all servers and every thread; calling it again does nothing."""
        self._stopping.set()
        self.faults.on_change = lambda: None
        if self._door.is_alive():
            self._door.join()
        for server in (self._api, self._stats, self._figures):
            if server is not None:
                server.end()
        self._api = self._stats = self._figures = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def kubeconfig(self) -> str:
        """Return a kubeconfig for the API server, as YAML."""
        context = {"cluster": CONTEXT, "user": USER, "namespace": NAMESPACE}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": CONTEXT, "cluster": {"server": self.api_url}}],
            "users": [{"name": USER, "user": {"token": self.token}}],
            "contexts": [{"name": CONTEXT, "context": context}],
            "current-context": CONTEXT,
        }
        return yaml.safe_dump(config, sort_keys=False)

    def write_kubeconfig(self, path: Path) -> Path:
        """Write the kubeconfig, readable by its owner alone, and return its path."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self.kubeconfig())
        path.chmod(0o600)  # where it was there before
        return path

    def note(self, method: str, path: str) -> None:
        """Record a request."""
        self.requests.append((method, path))

    def slow_stats(self) -> None:
        """Wait as long as /stats takes while a service hangs."""
        simulation = self.simulation
        with simulation.lock:
            hangs = ServiceAnswer.HUNG in simulation.answers.values()
        if hangs:
            self._stopping.wait(self.hang_s)

    def _is_refusing(self) -> bool:
        if self.faults.refusing:
            return True
        if self._simulation is None:
            staged = STAGED[self.scenario]
            return staged.app == "load-balancer" and staged.now is not Ailment.NONE
        with self._simulation.lock:
            self._simulation.advance()
            return self._simulation.answers["load-balancer"] is not ServiceAnswer.OK

    def _keep_door(self) -> None:
        """Open and close the load balancer's port as its pod comes and goes."""
        while not self._stopping.wait(_TICK_S):
            self._mind_door()

    def _mind_door(self) -> None:
        with self._at_door:
            refusing = self._is_refusing()
            if refusing and self._stats is not None:
                self._stats.end()
                self._stats = None
            elif not refusing and self._stats is None:
                try:
                    self._stats = LoopbackServer(self._stats_port, LoadBalancerHandler, self)
                except OSError as error:  # somebody took the port meanwhile
                    self.errors.append(error)
