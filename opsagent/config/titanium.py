"""The services of `titanium-local`: the defaults, so that a user of that platform needs no file.

Names, ports and calls are facts of that platform; another one lists its own under `services:`.
"""

from dataclasses import replace

from opsagent.models.service import Service


def _service(
    name: str,
    workload: str,
    port: int | None,
    *,
    key: str | None,
    path: str = "/health",
    calls: tuple[str, ...] = (),
    local_data: str | None = None,
) -> Service:
    host = f"local-{workload}" if workload.endswith("-service") else f"local-{workload}-service"
    return Service(
        name=name,
        deployment=f"local-{workload}-deployment",
        stats_key=key,
        health_url=f"http://{host}:{port}{path}" if port else None,
        depends_on=calls,
        local_data=local_data,
    )


TITANIUM: tuple[Service, ...] = (
    _service(
        "load-balancer",
        "load-balancer",
        7100,
        key="load-balancer",
        path="/lb-health",
        calls=("api-gateway", "dashboard-ui"),
    ),
    _service(
        "api-gateway", "api-gateway", 8000, key="api-gateway", calls=("auth-service", "user-service", "blog-service")
    ),
    _service("auth-service", "auth-service", 8002, key="auth", calls=("user-service",)),
    _service("user-service", "user-service", 8001, key="user_service", calls=("redis",)),
    _service(
        "blog-service",
        "blog-service",
        8005,
        key="blog_service",
        calls=("auth-service",),
        local_data="all posts (the SQLite file is in the container)",
    ),
    _service("dashboard-ui", "dashboard-ui", 80, key=None, path="/"),
    Service(
        "redis",
        deployment="local-redis-deployment",
        stats_key="user_service.cache",
        health_url="tcp://local-redis-service:6379",
    ),
)


def _composed(services: tuple[Service, ...]) -> tuple[Service, ...]:
    """Return the services as docker-compose runs them: without Deployments, their ports known to /stats alone."""
    reported = {service.name for service in services if service.stats_key}
    return tuple(
        replace(
            service,
            deployment=None,
            health_url=None,
            depends_on=tuple(name for name in service.depends_on if name in reported),
        )
        for service in services
        if service.stats_key
    )


# A service whose report nothing reports could never be called healthy: the dashboard is left out.
TITANIUM_COMPOSED = _composed(TITANIUM)
