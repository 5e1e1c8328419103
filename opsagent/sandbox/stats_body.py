"""The body of GET /stats, as the load balancer joins it from four services."""

from .cluster import ServiceAnswer
from .facts import Json

_KEYS = {"api-gateway": "api-gateway", "auth": "auth-service", "blog_service": "blog-service"}


def own_stats(app: str, answers: dict[str, ServiceAnswer]) -> Json:
    """Return what one service states under its own /stats."""
    if app == "api-gateway":
        return {"info": "Proxying API requests", "service_status": "online"}
    if app == "auth-service":
        return {"active_session_count": 0, "service_status": "online"}
    if app == "blog-service":
        return {"post_count": 2, "service_status": "online"}
    cached = answers["redis"].up
    return {
        "cache": {"hit_ratio": 0, "status": "healthy" if cached else "unhealthy"},
        "database": {"status": "healthy"},
        "service_status": "online" if cached else "degraded",
    }


def joined(answers: dict[str, ServiceAnswer], figures: Json) -> Json:
    """Return the body: a service that does not answer is offline; without user_service no cache, no database."""
    body: Json = {}
    for key, app in _KEYS.items():
        body[key] = own_stats(app, answers) if answers[app].up else {"service_status": "offline"}
    if answers["user-service"].up:
        user = own_stats("user-service", answers)
        body |= {"user_service": user, "cache": user["cache"], "database": user["database"]}
    else:
        body["user_service"] = {"service_status": "offline"}
    body["load-balancer"] = figures
    return dict(sorted(body.items()))


def health_body(app: str) -> tuple[str, bytes]:
    """Return content type and body of a service's health path."""
    if app in ("auth-service", "blog-service"):
        return "application/json", f'{{"status":"ok","service":"{app}"}}'.encode()
    if app == "user-service":
        return "application/json", b'{"status":"healthy"}'
    if app == "dashboard-ui":
        return "text/html", b"<!doctype html><title>Titanium</title>"
    return "text/plain; charset=utf-8", b""
