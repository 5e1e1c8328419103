"""The design's HTTP API: start a diagnosis, read reports, actions and steps. No route approves or acts."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, Path, Request, Response
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from opsagent import __version__
from opsagent.agent import run
from opsagent.errors import CheckError, IncidentError, OpsagentError, UnknownServiceError, UsageError
from opsagent.models.diagnosis import diagnosis
from opsagent.models.service import resolve
from opsagent.serving.alert_hook import MOST_ALERTS, AlertHook
from opsagent.serving.bearer import Bearer
from opsagent.serving.dashboard import dashboard_routes
from opsagent.serving.events import event_stream
from opsagent.serving.feed import Feed, FullError
from opsagent.serving.rounds import AlreadyRunningError, Rounds
from opsagent.serving.source import Source

DESCRIPTION = "Diagnoses incidents. Nothing is approved and nothing is changed over HTTP: `opsagent approve ID` is."
# Any request without the token is answered 401, whatever it asks for.
BEARER = HTTPBearer(auto_error=False, description="the content of the api-token file in the state directory")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
IncidentId = Annotated[str, Path(pattern="^[a-z0-9]{1,12}$", description="the incident's id, or the start of it")]


class Asked(BaseModel):
    """What to diagnose."""

    model_config = ConfigDict(extra="forbid")

    service: str | None = Field(None, min_length=1, max_length=253, description="any spelling; all without one")
    force: bool = Field(default=False, description="diagnose it though it is healthy")


class Started(BaseModel):
    """A diagnosis that is running now."""

    incident_id: str
    report: str = Field(description="where its report will be")


class Delivery(BaseModel):
    """A webhook message of Alertmanager; what else it holds is not needed."""

    version: Literal["4"]
    alerts: list[dict[str, Any]] = Field(max_length=MOST_ALERTS)


class Delivered(BaseModel):
    """What became of the alerts of one delivery."""

    new: int = Field(description="are diagnosed now, those of one group together")
    repeated: int = Field(description="were delivered before: same fingerprint, same start")
    resolved: int = Field(description="start nothing, for resolved is not repaired")


class Problem(BaseModel):
    """What was tried and what came back; how to fix it."""

    error: str
    hint: str | None = None
    incident_id: str | None = None


def _problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: {"model": Problem} for code in (401, *codes)}


def http_api(
    source: Source,
    token: str,
    *,
    read_token: str | None = None,
    cors: Sequence[str] = (),
    hosts: Sequence[str] = LOOPBACK,
) -> FastAPI:
    """Return the application; `cors` are origins of pages that may ask, `hosts` the names that it is asked under.

    token: for everything; read_token: for reading alone.
    """
    feed = Feed()
    rounds = Rounds(source, feed)
    hook = AlertHook(source, rounds, feed)

    @asynccontextmanager
    async def begun(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(hook.resume)  # what was stored and not diagnosed before the last end
        yield

    api = FastAPI(
        title="opsagent",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        dependencies=[Depends(BEARER)],
        lifespan=begun,
    )
    api.state.feed = feed
    _answers_errors(api)
    _diagnose_route(api, source, rounds)
    _alerts_route(api, hook)
    _report_routes(api, source)
    dashboard_routes(api, source, _problems())
    _events_route(api, feed)
    # The last one added is outermost: a page's preflight brings no token, and a foreign Host gets nowhere.
    api.add_middleware(Bearer, token=token, read_token=read_token)
    if cors:
        headers = ["Authorization", "Content-Type", "Last-Event-ID"]
        api.add_middleware(
            CORSMiddleware, allow_origins=list(cors), allow_methods=["GET", "POST"], allow_headers=headers
        )
    if "*" not in hosts:
        api.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    return api


def _diagnose_route(api: FastAPI, source: Source, rounds: Rounds) -> None:
    @api.post("/agent/diagnose", status_code=202, responses=_problems(400, 404, 409, 503))
    def diagnose(asked: Asked) -> Started:
        """Start a diagnosis; its plan, where there is one, waits for `opsagent approve ID`."""
        name = resolve(asked.service, source.find_services()).name if asked.service else None
        incident_id = rounds.start(run.DiagnosisRequest(name, force=asked.force))
        return Started(incident_id=incident_id, report=f"/agent/report/{incident_id}")


def _alerts_route(api: FastAPI, hook: AlertHook) -> None:
    @api.post("/agent/alerts", responses=_problems(400, 500))
    def alerts(message: Delivery) -> Delivered:
        """Take a webhook message of Alertmanager (version 4); new alerts are diagnosed after the answer."""
        return Delivered(**hook.take(message.alerts))


def _report_routes(api: FastAPI, source: Source) -> None:
    @api.get("/agent/report", responses=_problems(404))
    def newest_report() -> dict[str, Any]:
        """Return the newest report, as `opsagent diagnose --json` prints it."""
        return diagnosis(source.store.reports.newest())

    @api.get("/agent/report/{incident_id}", responses=_problems(404) | {202: {"model": dict[str, Any]}})
    def report(incident_id: IncidentId, response: Response) -> dict[str, Any]:
        """Return an incident's report; 202 and its stage while it has none."""
        try:
            return diagnosis(source.store.reports.load(incident_id))
        except IncidentError:
            incident = source.store.incidents.get(incident_id)
        response.status_code = 202
        return {"incident_id": incident.id, "stage": incident.stage, "text": incident.text}


def _events_route(api: FastAPI, feed: Feed) -> None:
    stream: dict[int | str, dict[str, Any]] = {
        200: {"content": {"text/event-stream": {}}, "description": "opened, found, step, ended, failed"}
    }

    @api.get("/agent/events", response_class=StreamingResponse, responses=_problems(503) | stream)
    async def events(
        last_event_id: Annotated[int | None, Header(ge=0, description="go on after this event")] = None,
    ) -> StreamingResponse:
        """Stream the steps of running diagnoses as server-sent events."""
        body: AsyncIterator[str] = await event_stream(feed, last_event_id)
        return StreamingResponse(body, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _answers_errors(api: FastAPI) -> None:
    @api.exception_handler(OpsagentError)
    def failed(_: Request, error: OpsagentError) -> JSONResponse:
        return _problem(_status(error), error.message, error.hint)

    @api.exception_handler(HTTPException)
    def refused(_: Request, error: HTTPException) -> Response:
        return _problem(error.status_code, str(error.detail), None, headers=error.headers)

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if any(one["type"] == "string_unicode" for one in error.errors()):
            return _problem(400, "the body holds text that is not Unicode", "send UTF-8 without lone surrogates")
        return await request_validation_exception_handler(request, error)

    @api.exception_handler(AlreadyRunningError)
    def busy(_: Request, error: AlreadyRunningError) -> JSONResponse:
        return _problem(409, "the same diagnosis is running", "wait for its report", error.incident_id)

    @api.exception_handler(FullError)
    def full(_: Request, error: FullError) -> JSONResponse:  # noqa: ARG001  (the handler's signature)
        return _problem(503, "as many listen already as may", "close another listener")


def _problem(
    status: int,
    error: str,
    hint: str | None,
    incident_id: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    content = {"error": error, "hint": hint, "incident_id": incident_id}
    return JSONResponse(content, status_code=status, headers=headers)


def _status(error: OpsagentError) -> int:
    if isinstance(error, UnknownServiceError | IncidentError):
        return 404
    if isinstance(error, UsageError):
        return 400
    return 503 if isinstance(error, CheckError) else 500
