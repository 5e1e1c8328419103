"""What a dashboard reads: open incidents, what was done, metrics, and whether the server answers."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, Field

from opsagent.agent.metrics import metrics_text
from opsagent.agent.watch_pass import standing
from opsagent.models.plain import plain
from opsagent.serving.source import Source
from opsagent.store.incidents import Incident
from opsagent.store.store import sample_key

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class OpenIncident(BaseModel):
    """An incident that waits for somebody, runs, or was cut off."""

    incident_id: str
    service: str | None
    stage: str = Field(description="running, awaiting_approval, interrupted …")
    text: str = Field(description="what is planned, or what it is doing")
    code: str | None = Field(description="of the leading cause")
    started_at: datetime
    updated_at: datetime
    expires_at: datetime | None = Field(description="until when the plan waits")
    approve: str | None = Field(description="the command with which a human approves it, where it waits for that")
    report: str = Field(description="where its report is")


def dashboard_routes(api: FastAPI, source: Source, problems: dict[int | str, dict[str, Any]]) -> None:
    """Add the routes; none of them changes anything. problems: what any route may answer in place of its answer."""

    @api.get("/agent/incidents", responses=problems)
    def incidents() -> list[OpenIncident]:
        """Return the open incidents, newest first, with the command that approves each one that waits."""
        found = sorted(source.store.incidents.list(), key=lambda incident: incident.started_at, reverse=True)
        return [_open(incident, source) for incident in found]

    @api.get("/agent/actions", responses=problems)
    def actions(
        incident: Annotated[str | None, Query(pattern="^[a-z0-9]{1,12}$", description="one incident's alone")] = None,
    ) -> list[dict[str, Any]]:
        """Return what was done, oldest first, and how its incident holds."""
        stages = {known.id: known.stage for known in source.store.incidents.list(everything=True)}
        records = source.store.history.list(incident)
        return [plain(record) | {"incident_stage": stages.get(record.incident_id)} for record in records]

    text: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}}}

    @api.get("/metrics", responses=problems | text)
    def metrics() -> Response:
        """Return the open incidents and what cannot be read as Prometheus text."""
        known = standing(source.store, sample_key(source.settings))
        return PlainTextResponse(metrics_text(known, source.store.incidents.list()), media_type=METRICS_TYPE)

    @api.get("/healthz", response_class=PlainTextResponse, include_in_schema=False)  # it takes no token
    def healthz() -> str:
        """Answer "ok", without a token: the server runs; nothing is asked of the platform."""
        return "ok"


def _open(incident: Incident, source: Source) -> OpenIncident:
    waits = incident.stage == "awaiting_approval"
    return OpenIncident(
        incident_id=incident.id,
        service=incident.service,
        stage=incident.stage,
        text=incident.text,
        code=incident.code,
        started_at=incident.started_at,
        updated_at=incident.updated_at,
        expires_at=incident.expires_at,
        approve=source.settings.notify.approve_command(incident.id) if waits else None,
        report=f"/agent/report/{incident.id}",
    )
