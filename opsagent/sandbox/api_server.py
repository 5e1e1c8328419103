"""The Kubernetes REST face of the sandbox."""

import json
import time

from . import api_logs, api_proxy, api_read, api_request, api_write, discovery
from .api_errors import ApiError, forbidden, worded
from .cluster import ServiceAnswer
from .facts import Json
from .faults import ApiRefusal, CannedReply, Fault, ServedRequest
from .kinds import ApiResource, find
from .loopback import Handler
from .simulation import Simulation

_TICK_S = 0.05  # how often streams search for something new


class ApiHandler(Handler):
    """Serves the API server's port."""

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        """Answer any method; each is distinguished by its verb."""
        request, version, tail = api_request.parse(self.command, self.path)
        owner = self.server.owner
        owner.note(self.command, self.path)
        body = self.read_body()  # always, or it would be read as the next request of a kept connection
        kind = find(request.group, version, request.resource) if request.resource else None
        fault = self.delayed(owner.faults.take(request))
        try:
            self._refuse(request, kind, fault)
            if fault is not None and isinstance(fault.reply, CannedReply):
                self.send(fault.reply)
            elif kind is None:
                self._discovery(request.path)
            else:
                self._dispatch(kind, request, tail, body, fault)
        except ApiError as error:
            self.send(error.reply())

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - named by http.server

    def _refuse(self, request: ServedRequest, kind: ApiResource | None, fault: Fault | None) -> None:
        if fault is not None and isinstance(fault.reply, ApiRefusal):
            raise worded(fault.reply, request, kind)
        mark = self.headers.get("Authorization")
        if mark is not None and mark != f"Bearer {self.server.owner.token}":
            raise ApiError(401, "Unauthorized", "Unauthorized")
        if request.resource == "secrets":
            raise forbidden(request, kind)

    def _discovery(self, path: str) -> None:
        if path in ("/healthz", "/readyz", "/livez"):
            self.send(CannedReply(200, b"ok", "text/plain; charset=utf-8"))
            return
        found = discovery.answer(path)
        if found is None:
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        self.send_json(found)

    def _dispatch(self, kind: ApiResource, request: ServedRequest, tail: str, body: bytes, fault: Fault | None) -> None:
        simulation: Simulation = self.server.owner.simulation
        if request.subresource == "log":
            self._log(simulation, kind, request, fault)
        elif request.subresource == "proxy":
            self._proxy(simulation, kind, request, tail)
        elif request.verb == "watch":
            self._watch(simulation, kind, request)
        else:
            with simulation.lock:
                simulation.advance()
                answer, status = self._plain(simulation, kind, request, body)
                raw = json.dumps(answer, ensure_ascii=False).encode()
            if fault is not None and fault.reset_after:
                self.break_off()
            else:
                self.send(CannedReply(status, raw))

    def _plain(
        self, simulation: Simulation, kind: ApiResource, request: ServedRequest, body: bytes
    ) -> tuple[Json, int]:
        accept = self.headers.get("Accept", "")
        if request.verb == "create" and kind.plural == "selfsubjectaccessreviews":
            asked = api_write.decode(body)
            attributes = asked.get("spec", {}).get("resourceAttributes") or {}
            denied = self.server.owner.faults.denied(attributes) or attributes.get("resource") == "secrets"
            return api_write.review(simulation, body, denied=denied), 201
        if request.verb in ("patch", "update"):
            content_type = self.headers.get("Content-Type", "")
            return api_write.change(simulation, kind, request, content_type, body), 200
        if request.verb == "delete":
            return api_write.delete_pod(simulation, kind, request), 200
        if request.verb == "get":
            item = api_read.get(simulation, kind, request)
            if request.subresource == "scale" and kind.plural in ("deployments", "replicasets"):
                return api_write.scale_of(item), 200
            if request.subresource not in ("", "status"):
                raise ApiError(404, "NotFound", "the server could not find the requested resource")
            return api_read.shaped(item, kind, accept, simulation.cluster.now), 200
        if request.verb == "list":
            found = api_read.listing(simulation, kind, request)
            return api_read.shaped(found, kind, accept, simulation.cluster.now), 200
        raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")

    def _watch(self, simulation: Simulation, kind: ApiResource, request: ServedRequest) -> None:
        after = int(request.query.get("resourceVersion") or 0)
        deadline = time.monotonic() + float(request.query.get("timeoutSeconds") or 1_800)
        self.begin_chunks("application/json")
        while not self.server.ending.is_set() and time.monotonic() < deadline:
            with simulation.lock:
                simulation.advance()
                events, after = api_read.backlog(simulation, kind, request, after)
                lines = [json.dumps(event).encode() + b"\n" for event in events]
                if not lines:
                    simulation.wait_for_change(_TICK_S)
            for line in lines:
                self.chunk(line)
            if any(event["type"] == "ERROR" for event in events):
                break
            if not lines and self.client_left():
                self.close_connection = True
                return
        self.chunk(b"")

    def _log(self, simulation: Simulation, kind: ApiResource, request: ServedRequest, fault: Fault | None) -> None:
        with simulation.lock:
            simulation.advance()
            view = api_logs.view(simulation, kind, request)
            data = b"".join(view.read())
        if request.query.get("limitBytes"):
            data = data[: int(request.query["limitBytes"])]
        self.begin_chunks("text/plain")
        if fault is not None and fault.cut_log_at is not None:
            self.chunk(data[: fault.cut_log_at] or b"\n")
            self.close_connection = True  # without the last chunk: the stream broke off
            return
        for start in range(0, len(data), 65_536):
            self.chunk(data[start : start + 65_536])
        if request.query.get("follow") in ("true", "1") and not self._follow(simulation, view):
            self.close_connection = True
            return
        self.chunk(b"")

    def _follow(self, simulation: Simulation, view: api_logs.LogView) -> bool:
        while not self.server.ending.is_set():
            with simulation.lock:
                simulation.advance()
                data = b"".join(view.read())
                ended = view.journal.ended
                if not data and not ended:
                    simulation.wait_for_change(_TICK_S)
            if data:
                self.chunk(data)
            elif ended:
                return True
            elif self.client_left():
                return False
        return True

    def _proxy(self, simulation: Simulation, kind: ApiResource, request: ServedRequest, tail: str) -> None:
        with simulation.lock:
            simulation.advance()
            workload, answer = api_proxy.target(simulation, kind, request)
        if answer is ServiceAnswer.HUNG and not api_proxy.is_probe_of_deaf(simulation, workload, tail):
            self.pause(api_proxy.HANG_S / simulation.speed)
            raise api_proxy.timed_out()
        if workload.app == "load-balancer" and tail == "/stats":
            self.server.owner.slow_stats()
        with simulation.lock:
            simulation.advance()
            reply = api_proxy.body(simulation, workload, tail)
        self.send(reply)
