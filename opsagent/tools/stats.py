"""What the load balancer states: get_system_stats, get_service_status, get_traffic_metrics, check_health."""

from collections.abc import Iterable

from opsagent.analysis.figures.stats import service_statuses, traffic_metrics
from opsagent.errors import CheckError, NotCheckedError, UnreachableError
from opsagent.models.coverage import outcome_of
from opsagent.models.observed import HealthAnswer, Skipped, StatsSample
from opsagent.models.platform import Platform
from opsagent.models.service import Service, resolve
from opsagent.models.status import HealthReport, ServiceStatus, SystemStats, TrafficMetrics
from opsagent.redact import Redactor, redact_records
from opsagent.tools.side_by_side import side_by_side


def get_system_stats(platform: Platform, services: Iterable[Service], *, redact: Redactor | None = None) -> SystemStats:
    """Read the load balancer's GET /stats once, service by service.

    Returns when it was read, how long it took (about 2 s means that a service hangs), how it was reached, the status
    of each service that /stats reports (online, healthy, degraded, unhealthy, offline or unknown, with a note), and
    the traffic figures; secrets redacted. Raises an error where /stats cannot be read: then nothing is known of the
    services.
    """
    sample = _sample(platform, redact)
    reported = tuple(service for service in services if service.stats_key is not None)
    return SystemStats(
        at=sample.at,
        took_s=sample.took_s,
        reach=sample.reach,
        url=sample.url or "",
        services=service_statuses(reported, sample),
        traffic=traffic_metrics(sample),
        sample=sample,
    )


def get_service_status(
    platform: Platform, services: Iterable[Service], service_name: str, *, redact: Redactor | None = None
) -> ServiceStatus:
    """Read the status of one service from the load balancer's GET /stats.

    service_name: any of the service's names ("blog-service", "blog_service", "blog", its Deployment).
    Returns its status (online, healthy, degraded, unhealthy, offline or unknown), a note, and its part of the body.
    """
    service = resolve(service_name, services)
    return service_statuses((service,), _sample(platform, redact))[0]


def get_traffic_metrics(platform: Platform) -> TrafficMetrics:
    """Read the load balancer's traffic figures.

    The `window_*` figures cover the last 10 seconds: requests per second and average response time in milliseconds.
    The `lifetime_*` figures count since the load balancer started: they never recover quickly after an incident, so
    they report nothing about the present. A figure that is not given is null.
    """
    figures = traffic_metrics(_sample(platform, None))
    if figures is None:
        raise NotCheckedError("GET /stats holds no traffic figures", source="stats")
    return figures


def check_health(
    platform: Platform, services: Iterable[Service], service_name: str, *, redact: Redactor | None = None
) -> HealthAnswer:
    """Ask one service's health path once.

    service_name: any of the service's names. Returns the HTTP status (or whether the TCP port is open), the body, the
    time taken, or the error. A health path checks no dependency: a service whose database is down may answer 200.
    Raises an error where it cannot be asked from here, which reports nothing about the service.
    """
    [look] = redact_records((platform.health(resolve(service_name, services)),), redact or Redactor())
    return look


def check_all_health(
    platform: Platform, services: Iterable[Service], *, redact: Redactor | None = None
) -> HealthReport:
    """Ask the health paths of all services side by side; one that cannot be asked is in `not_checked`.

    Raises the first error where not one could be asked.
    """
    asked, redactor = tuple(services), redact or Redactor()
    answers = side_by_side(lambda service: _look(platform, service), asked)
    looks = redact_records((answer for answer in answers if isinstance(answer, HealthAnswer)), redactor)
    errors = [
        (service, answer) for service, answer in zip(asked, answers, strict=True) if isinstance(answer, CheckError)
    ]
    if errors and not looks:
        raise errors[0][1]
    return HealthReport(
        looks,
        tuple(
            Skipped(f"health of {service.name}", redactor(error.message), outcome_of(error))
            for service, error in errors
        ),
    )


def _look(platform: Platform, service: Service) -> HealthAnswer | CheckError:
    try:
        return platform.health(service)
    except CheckError as error:
        return error.as_answer()


def _sample(platform: Platform, redact: Redactor | None) -> StatsSample:
    """Return the newest sample; a failed one is raised, so that nobody takes it for an empty answer."""
    samples = platform.stats()
    if not samples:
        raise NotCheckedError("there is no sample of GET /stats", source="stats")
    [sample] = redact_records((samples[-1],), redact or Redactor())
    if sample.stats is None:
        raise UnreachableError(sample.error or "GET /stats gave nothing", source="stats", hint=sample.hint)
    return sample
